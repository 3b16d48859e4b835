"""Our prefixes against Python's own `ipaddress`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mitigations.policies.network import BadPrefix, Prefix, on_axis, parse

Network = IPv4Network | IPv6Network
MAPPED = IPv6Network("::ffff:0:0/96")


def _network(version: int, number: int, length: int) -> Network:
    width = 32 if version == 4 else 128
    network = (IPv4Network if version == 4 else IPv6Network)((number, length), strict=False)
    assert network.max_prefixlen == width
    return network


def _is_ours(network: Network) -> bool:
    return network.version == 4 or network.network_address not in MAPPED


ipv4 = st.builds(_network, st.just(4), st.integers(0, 2**32 - 1), st.integers(0, 32))
ipv6 = st.builds(_network, st.just(6), st.integers(0, 2**128 - 1), st.integers(0, 128)).filter(_is_ours)
networks = ipv4 | ipv6


@st.composite
def relatives(draw: st.DrawFn) -> tuple[Network, Network]:
    """Two networks, of which one often holds the other."""
    one = draw(networks)
    if draw(st.booleans()):
        return one, draw(networks)
    other = one.supernet(new_prefix=draw(st.integers(0, one.prefixlen)))
    assume(_is_ours(other))
    return (one, other) if draw(st.booleans()) else (other, one)


def prefix(text: object) -> Prefix:
    parsed = parse(str(text))
    assert isinstance(parsed, Prefix), parsed
    return parsed


def bad(text: str) -> BadPrefix:
    parsed = parse(text)
    assert isinstance(parsed, BadPrefix), parsed
    return parsed


@given(networks)
def test_reads_a_network_as_python_does(network: Network) -> None:
    ours = prefix(network)

    assert ours.text == str(network)
    assert (ours.family, ours.length) == (network.version, network.prefixlen)
    assert (ours.size, ours.is_host) == (network.num_addresses, network.num_addresses == 1)


@given(networks)
def test_puts_ipv4_at_its_mapped_place_on_the_axis_and_ipv6_at_its_own(network: Network) -> None:
    base = int(IPv6Address("::ffff:0:0")) if network.version == 4 else 0
    ours = prefix(network)

    assert ours.first == base + int(network.network_address)
    assert ours.last == base + int(network.broadcast_address)


@given(networks)
def test_gives_one_text_to_every_way_of_writing_a_network(network: Network) -> None:
    long = f"{network.network_address.exploded}/{network.prefixlen}"

    assert {prefix(text).text for text in (long, long.upper(), f"  {long}\n")} == {str(network)}


@given(networks)
def test_reads_a_bare_address_as_its_single_host(network: Network) -> None:
    assert prefix(network.network_address).text == f"{network.network_address}/{network.max_prefixlen}"


@given(relatives())
def test_overlaps_as_python_says(pair: tuple[Network, Network]) -> None:
    one, other = pair
    expected = one.version == other.version and one.overlaps(other)  # type: ignore[arg-type]

    assert prefix(one).overlaps(prefix(other)) is expected


@given(relatives())
def test_contains_as_python_says(pair: tuple[Network, Network]) -> None:
    one, other = pair
    expected = one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]

    assert prefix(one).contains(prefix(other)) is expected


@given(networks, st.integers(0, 128))
def test_is_widened_as_python_says_or_left_as_it_is(network: Network, length: int) -> None:
    wide = network.supernet(new_prefix=length) if length < network.prefixlen else network
    assume(_is_ours(wide))

    assert prefix(network).widened(length) == prefix(wide)


@given(networks)
def test_knows_the_starts_of_exactly_its_supernets(network: Network) -> None:
    base = int(IPv6Address("::ffff:0:0")) if network.version == 4 else 0
    supernets = [network.supernet(new_prefix=length) for length in range(network.prefixlen + 1)]

    starts = prefix(network).supernet_starts()

    assert starts == sorted({base + int(each.network_address) for each in supernets})
    assert len(starts) <= 129


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_keeps_the_order_of_the_axis_in_bytes(one: int, other: int) -> None:
    assert (on_axis(one) < on_axis(other)) is (one < other)
    assert len(on_axis(one)) == 16


@given(networks.filter(lambda network: network.num_addresses > 1), st.integers(1, 2**128))
def test_offers_both_mends_where_host_bits_are_set(network: Network, offset: int) -> None:
    address = network[offset % network.num_addresses]
    assume(address != network.network_address and not (network.version == 6 and address in MAPPED))

    refusal = bad(f"{address}/{network.prefixlen}")

    assert refusal.code == "not-canonical"
    assert [prefix(mend).text for mend in refusal.mends] == [str(network), f"{address}/{network.max_prefixlen}"]


@pytest.mark.parametrize(
    "text", ["::ffff:203.0.113.7", "::ffff:203.0.113.7/128", "::FFFF:CB00:7107", "::ffff:203.0.113.7/120"]
)
def test_refuses_ipv4_in_ipv6_clothes_and_offers_it_without(text: str) -> None:
    refusal = bad(text)

    assert (refusal.code, refusal.mends) == ("mapped", ("203.0.113.7/32",))


@given(st.integers(0, 2**32 - 1), st.integers(0, 128))
def test_refuses_every_mapped_address(number: int, length: int) -> None:
    mapped = IPv6Address(int(MAPPED.network_address) + number)

    assert bad(f"{mapped}/{length}").code == "mapped"


_nearly = st.text(alphabet="0123456789abcdefABCDEF.:/ %[]-٣\n", max_size=60)
_nearly_prefix = st.builds("{}/{}".format, networks.map(lambda n: n.network_address), _nearly | st.integers(-5, 999))


@given(st.text() | _nearly | _nearly_prefix)
def test_reads_anything_without_raising_and_says_what_is_wrong(text: str) -> None:
    parsed = parse(text)

    if isinstance(parsed, BadPrefix):
        assert parsed.code in {"garbage", "mapped", "not-canonical"}
        assert parsed.sentence.strip().endswith(".")
        assert all(isinstance(parse(mend), Prefix) for mend in parsed.mends)
    else:
        ip_network(parsed.text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "kentik.com",
        "1.2.3",
        "1.2.3.4.5",
        "256.0.0.1",
        "203.0.113.07",
        "203.0.113.7/",
        "203.0.113.7/-1",
        "203.0.113.7/032",
        "203.0.113.7/255.255.255.255",
        "203.0.113.7/٣٢",
        "203.0.113.7 /32",
        "203.0.113.7/32/32",
        "3405803783",
        "0xCB007107",
        "fe80::1%eth0",
        "[2001:db8::1]",
        "2001:db8:::1",
        "::g",
    ],
)
def test_calls_garbage_garbage_and_shows_how_to_write_it(text: str) -> None:
    refusal = bad(text)

    assert refusal.code == "garbage"
    assert "203.0.113.7/32" in refusal.sentence


@pytest.mark.parametrize(("text", "mend"), [("203.0.113.7/33", "203.0.113.7/32"), ("2001:db8::/129", "2001:db8::/128")])
def test_says_where_a_prefix_of_its_family_ends(text: str, mend: str) -> None:
    refusal = bad(text)

    assert refusal.mends == (mend,)
    assert "is too long" in refusal.sentence


def test_repeats_no_more_than_the_beginning_of_long_garbage() -> None:
    assert len(bad("x" * 10_000).sentence) < 200
