"""Our prefixes against PostgreSQL's own `inet` and `cidr`, in batches: one question for many prefixes."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitigations.policies.network import BadPrefix, Prefix, parse
from tests.policies.strategies import WIDTH, lengths, nested, prefixes
from tests.policies.test_network import networks

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no inet and no cidr"),
]
IN_BATCHES = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])

anywhere = networks.map(lambda network: _read(str(network)))
pairs = st.lists(st.tuples(prefixes(), prefixes()) | nested() | nested().map(lambda pair: pair[::-1]), max_size=60)


@st.composite
def addresses(draw: st.DrawFn) -> tuple[str, int]:
    """An address and a length, as somebody types them: host bits may be set."""
    if draw(st.booleans()):
        return str(IPv4Address(0xCB007000 + draw(st.integers(0, 1023)))), draw(lengths[4])
    return str(IPv6Address((0x20010DB8 << 96) + draw(st.integers(0, 1 << 66)))), draw(lengths[6])


def _read(text: str) -> Prefix:
    parsed = parse(text)
    assert isinstance(parsed, Prefix), parsed
    return parsed


def texts(batch: Sequence[Prefix]) -> list[str]:
    return [prefix.text for prefix in batch]


def ask(question: str, *columns: Sequence[object]) -> list[Any]:
    """The answer for each row; `question` is SQL over the columns `a` and `b`, which are texts until it casts them."""
    names = ", ".join("ab"[: len(columns)])
    arrays = ", ".join(["%s::text[]"] * len(columns))
    sql = f"SELECT {question} FROM unnest({arrays}) WITH ORDINALITY AS row ({names}, place) ORDER BY place"
    with connection.cursor() as cursor:
        cursor.execute(sql, [[str(value) for value in column] for column in columns])
        return [answer for (answer,) in cursor.fetchall()]


@given(pairs)
@IN_BATCHES
def test_overlaps_as_postgresql_says(batch: list[tuple[Prefix, Prefix]]) -> None:
    ones, others = [one for one, _ in batch], [other for _, other in batch]

    expected = ask("a::inet && b::inet", texts(ones), texts(others))

    assert [one.overlaps(other) for one, other in batch] == expected


@given(pairs)
@IN_BATCHES
def test_contains_as_postgresql_says(batch: list[tuple[Prefix, Prefix]]) -> None:
    ones, others = [one for one, _ in batch], [other for _, other in batch]

    assert [one.contains(other) for one, other in batch] == ask("a::inet >>= b::inet", texts(ones), texts(others))
    assert [other.contains(one) for one, other in batch] == ask("a::inet <<= b::inet", texts(ones), texts(others))


@given(st.lists(st.tuples(prefixes() | anywhere, st.integers(0, 128)), max_size=60))
@IN_BATCHES
def test_is_widened_as_postgresql_says(batch: list[tuple[Prefix, int]]) -> None:
    wide = [prefix.widened(length) for prefix, length in batch]
    shorter = [min(length, prefix.length) for prefix, length in batch]

    expected = ask("text(network(set_masklen(a::inet, b::int)))", texts([prefix for prefix, _ in batch]), shorter)

    assert [prefix.text for prefix in wide] == [_python_s(text) for text in expected]


@given(st.lists(prefixes() | anywhere, max_size=60))
@IN_BATCHES
def test_begins_ends_and_measures_as_postgresql_says(batch: list[Prefix]) -> None:
    first = ask("host(network(a::inet))", texts(batch))
    last = ask("host(broadcast(a::inet))", texts(batch))
    length = ask("masklen(a::inet)", texts(batch))

    ours = [(prefix.first, prefix.last, prefix.length) for prefix in batch]
    assert ours == list(zip(map(_on_axis, first), map(_on_axis, last), length, strict=True))


@given(st.lists(prefixes() | anywhere, max_size=60))
@IN_BATCHES
def test_writes_texts_that_postgresql_takes_for_canonical(batch: list[Prefix]) -> None:
    """A `cidr` refuses host bits: reading all of them as such is the proof."""
    assert ask("family(a::cidr)", texts(batch)) == [prefix.family for prefix in batch]


@given(st.lists(addresses(), max_size=60))
@IN_BATCHES
def test_offers_the_network_and_the_host_that_postgresql_names(batch: list[tuple[str, int]]) -> None:
    typed = [f"{address}/{length}" for address, length in batch]
    network = [_python_s(text) for text in ask("text(network(a::inet))", typed)]
    hosts = [f"{address}/{WIDTH[6 if ':' in address else 4]}" for address, _ in batch]

    assert [_meant(parse(text)) for text in typed] == [
        (each,) if each == text else (each, host) for text, each, host in zip(typed, network, hosts, strict=True)
    ]


def _meant(parsed: Prefix | BadPrefix) -> tuple[str, ...]:
    return (parsed.text,) if isinstance(parsed, Prefix) else parsed.mends


def _on_axis(address: str) -> int:
    return int(IPv6Address(address if ":" in address else f"::ffff:{address}"))


def _python_s(text: str) -> str:
    """PostgreSQL writes ::/96 as ::0.0.0.0/96, and Python does not: the address is the same."""
    address, _, length = text.partition("/")
    return f"{IPv6Address(address) if ':' in address else address}/{length}"
