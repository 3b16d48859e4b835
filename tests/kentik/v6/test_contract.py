"""The contract: which paths, names and bytes V6 is asked with, held against Kentik's published schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest
from responses import RequestsMock

from mitigations.kentik.account import v6_base_url
from mitigations.kentik.v6.paging import Place
from mitigations.kentik.v6.questions import MitigationFilter
from mitigations.kentik.v6.states import Action, MitigationType, State
from sandbox.server import Sandbox
from tests.kentik.calls import EMAIL, TOKEN
from tests.kentik.v6.calls import ALL, URL, listed, make_v6

# From the published schema: GET /v202505/mitigations. (`filters.sources` cannot be written into a query.)
DOCUMENTED = {
    "pagination.limit",
    "pagination.offset",
    "pagination.includeTotalCount",
    "filters.createdAt.start",
    "filters.createdAt.end",
    "filters.mitigationIds",
    "filters.alarmIds",
    "filters.states",
    "filters.platformIds",
    "filters.methodIds",
    "filters.ipCidrs",
    "filters.ipCidrPattern",
    "filters.types",
}
EVERYTHING = MitigationFilter(
    ids=("7",),
    types=(MitigationType.MANUAL,),
    states=(State.MANUAL_STARTING, State.MANUAL_MITIGATING),
    platform_ids=("257",),
    method_ids=("775",),
    ip_cidrs=("192.0.2.10/32",),
    created_from=datetime(2026, 2, 1, 10, tzinfo=UTC),
    created_until=datetime(2026, 2, 1, 12, 30, 0, 5, tzinfo=timezone(timedelta(hours=1))),
)
PAGE = "pagination.limit=100&pagination.offset=0&pagination.includeTotalCount=true"


def asked(sandbox: Sandbox) -> tuple[str, str]:
    [call] = sandbox.journal()
    return call["method"], call["path"]


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        ("list_platforms", f"/v202505/mitigations/platforms?{PAGE}"),
        ("list_methods", f"/v202505/mitigations/methods?{PAGE}"),
    ],
)
def test_asks_what_is_offered(sandbox: Sandbox, ask: str, path: str) -> None:
    getattr(make_v6(sandbox.url), ask)()

    assert asked(sandbox) == ("GET", path)


def test_asks_for_mitigations(sandbox: Sandbox) -> None:
    make_v6(sandbox.url).list_mitigations(ALL)

    assert asked(sandbox) == ("GET", f"/v202505/mitigations?{PAGE}")


def test_asks_for_one_mitigation(sandbox: Sandbox) -> None:
    make_v6(sandbox.url).get_mitigation("70001")

    assert asked(sandbox) == ("GET", "/v202505/mitigations/70001")


@pytest.mark.parametrize("action", Action)
def test_acts_with_exactly_these_bytes(sandbox: Sandbox, action: Action) -> None:
    make_v6(sandbox.url).act(action, ["70001", "70002"])

    assert asked(sandbox) == ("POST", f"/v202505/mitigations/{action}")
    assert sandbox.journal()[0]["body"] == '{"ids":["70001","70002"]}'


def test_names_every_filter_as_the_schema_does(sandbox: Sandbox) -> None:
    make_v6(sandbox.url).list_mitigations(EVERYTHING)

    query = parse_qsl(urlsplit(asked(sandbox)[1]).query)
    assert query[:9] == [
        ("filters.mitigationIds", "7"),
        ("filters.types", "MITIGATION_TYPE_MANUAL"),
        ("filters.states", "MITIGATION_STATE_MANUAL_STARTING"),
        ("filters.states", "MITIGATION_STATE_MANUAL_MITIGATING"),
        ("filters.platformIds", "257"),
        ("filters.methodIds", "775"),
        ("filters.ipCidrs", "192.0.2.10/32"),
        ("filters.createdAt.start", "2026-02-01T10:00:00Z"),
        ("filters.createdAt.end", "2026-02-01T11:30:00.000005Z"),
    ]
    assert {name for name, _ in query} <= DOCUMENTED


def test_asks_for_the_next_page(sandbox: Sandbox) -> None:
    make_v6(sandbox.url).list_mitigations(ALL, Place(offset=100, page=2))

    assert "pagination.offset=100" in asked(sandbox)[1]


def test_asks_with_the_credentials_of_v5_and_no_content_type(sandbox: Sandbox) -> None:
    make_v6(sandbox.url).list_platforms()

    assert dict(sandbox.journal()[0]["headers"]) == {
        "Host": sandbox.url.removeprefix("http://"),
        "User-Agent": "Breakwater/0.1",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "X-CH-Auth-Email": EMAIL,
        "X-CH-Auth-API-Token": TOKEN,
    }


@pytest.mark.parametrize(("region", "host"), [("us", "grpc.api.kentik.com"), ("eu", "grpc.api.kentik.eu")])
def test_goes_to_the_region(kentik: RequestsMock, region: str, host: str) -> None:
    kentik.get(f"https://{host}/v202505/mitigations", listed())

    assert make_v6(v6_base_url(region)).list_mitigations(ALL).value is not None


def test_describes_what_it_will_order_without_ordering_it(kentik: RequestsMock) -> None:
    described = make_v6().describe_act(Action.STOP, ["7"])
    assert not kentik.calls

    kentik.post(described.url, "{}")
    assert make_v6().act(Action.STOP, ["7"]).call.sent == described


@pytest.mark.parametrize("bad", ["", "platforms", "methods", "actions", "7/actions", "-7", " 7", "7\n", "٣", "²"])
def test_puts_nothing_but_digits_into_a_path_or_an_order(kentik: RequestsMock, bad: str) -> None:
    v6 = make_v6()

    with pytest.raises(ValueError, match="are not IDs that Kentik gives"):
        v6.get_mitigation(bad)
    with pytest.raises(ValueError, match="are not IDs that Kentik gives"):
        v6.act(Action.STOP, ["7", bad])


@pytest.mark.parametrize("ids", [[], "70001"])
def test_orders_nothing_for_nobody_nor_for_the_digits_of_an_id(kentik: RequestsMock, ids: Sequence[str]) -> None:
    with pytest.raises(ValueError, match="are not IDs that Kentik gives"):
        make_v6().act(Action.STOP, ids)


def test_asks_once_whatever_is_answered(kentik: RequestsMock) -> None:
    kentik.get(URL, status=503)
    make_v6().list_mitigations(ALL)

    assert len(kentik.calls) == 1
