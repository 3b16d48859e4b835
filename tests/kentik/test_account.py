from __future__ import annotations

import pytest

from mitigations.kentik.account import BASES, V6_BASES, Account, BadAccount, base_url, mitigation_link, v6_base_url
from tests.kentik.calls import EMAIL, TOKEN, make_account


@pytest.mark.parametrize(
    "address",
    [*BASES.values(), "https://api.kentik.com/", "http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"],
)
def test_takes_the_address_of_a_server(address: str) -> None:
    assert make_account(address).base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.kentik.com",
        "ftp://api.kentik.com",
        "https://",
        "https://api.kentik.com/api/v5",
        "https://api.kentik.com?region=eu",
        "https://api.kentik.com?",
        "https://api.kentik.com#fragment",
        "https://[::1",
        "https://api.kentik.com:99999",
        "https://api.kentik.com:port",
        "https://api kentik.com",
        "https://api.kentik.com\n",
        "https://*.kentik.com",
        "https://api..kentik.com",
        f"https://{'a' * 64}.example",
    ],
)
def test_refuses_what_is_not_the_address_of_a_server(address: str) -> None:
    with pytest.raises(BadAccount, match="is not the address of a server, such as"):
        make_account(address)


@pytest.mark.parametrize("address", ["http://api.kentik.com", "http://192.0.2.7", "http://127.0.0.1@api.kentik.com"])
def test_refuses_plain_http_to_another_machine(address: str) -> None:
    with pytest.raises(BadAccount, match="Credentials go over https only"):
        make_account(address)


def test_refuses_credentials_in_the_address_and_does_not_repeat_them() -> None:
    with pytest.raises(BadAccount) as refusal:
        make_account(f"https://robot:{TOKEN}@api.kentik.com")

    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    "value", ["", " ", f"{TOKEN}\n", f"{TOKEN} ", f"x\r\nHost: {TOKEN}", f"{TOKEN}ü", f"{TOKEN}\x00"]
)
@pytest.mark.parametrize(("name", "called"), [("email", "e-mail"), ("token", "token")])
def test_refuses_what_no_header_may_carry_and_does_not_repeat_it(name: str, called: str, value: str) -> None:
    with pytest.raises(BadAccount, match=f"The Kentik API {called} is empty, or has spaces") as refusal:
        make_account(**{name: value})

    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("connect", 0), ("read", -1.0), ("total", 0), ("total", float("nan")), ("total", float("inf"))],
)
def test_refuses_a_time_that_nobody_can_wait(name: str, seconds: float) -> None:
    with pytest.raises(BadAccount):
        make_account(**{name: seconds})


def test_shows_no_credentials_in_its_repr() -> None:
    shown = repr(Account(base_url="https://api.kentik.com", email=EMAIL, token=TOKEN))

    assert TOKEN not in shown
    assert EMAIL not in shown


def test_refuses_a_region_that_kentik_does_not_have() -> None:
    with pytest.raises(BadAccount, match="There is no Kentik region 'mars'; choose one of us, eu"):
        base_url("mars")


def test_has_no_v6_unless_it_is_told_where() -> None:
    assert make_account().v6_url == ""


@pytest.mark.parametrize("address", [*V6_BASES.values(), "http://127.0.0.1:8001"])
def test_takes_the_address_of_v6(address: str) -> None:
    assert make_account(v6_url=address).v6_url == address


@pytest.mark.parametrize("address", ["grpc.api.kentik.com", "http://grpc.api.kentik.com"])
def test_refuses_an_address_of_v6_that_no_call_can_be_made_to(address: str) -> None:
    with pytest.raises(BadAccount):
        make_account(v6_url=address)


@pytest.mark.parametrize(
    ("region", "address"), [("us", "https://grpc.api.kentik.com"), ("EU", "https://grpc.api.kentik.eu")]
)
def test_knows_where_a_region_has_its_v6(region: str, address: str) -> None:
    assert v6_base_url(region) == address


@pytest.mark.parametrize(("region", "host"), [("us", "portal.kentik.com"), ("eu", "portal.kentik.eu")])
def test_links_to_a_mitigation_in_kentiks_own_portal(region: str, host: str) -> None:
    assert mitigation_link(region, "104217") == f"https://{host}/v4/protect/mitigations/104217"


@pytest.mark.parametrize("mitigation_id", ["", "12a", "1/2", "../1", "-1", " 1", "1\n", "٣", "²"])
def test_links_nowhere_when_the_id_is_no_number_of_kentiks(mitigation_id: str) -> None:
    assert mitigation_link("us", mitigation_id) is None
