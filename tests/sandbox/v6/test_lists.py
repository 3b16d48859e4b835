import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import AUTH, MITIGATIONS, Clock, ask, mitigate, rows

COUNTED = ("pagination.includeTotalCount", "true")


def ids(sandbox: Sandbox, *query: tuple[str, str]) -> list[str]:
    return [row["id"] for row in rows(sandbox.url, *query)]


def test_has_what_was_started_over_v5(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)

    assert rows(sandbox.url) == [
        {
            "id": "70001",
            "type": "MITIGATION_TYPE_MANUAL",
            "alarmIds": [],
            "target": {"ipCidr": "203.0.113.7/32"},
            "currentState": "MITIGATION_STATE_MANUAL_MITIGATING",
            "previousState": "MITIGATION_STATE_MANUAL_STARTING",
            "platformId": "257",
            "methodId": "775",
            "startTimeAt": "2026-03-04T12:00:00Z",
            "endTimeAt": "2026-03-04T13:00:00Z",
            "states": [
                {
                    "timestamp": "2026-03-04T12:00:00Z",
                    "state": "MITIGATION_STATE_MANUAL_STARTING",
                    "event": "MITIGATION_EVENT_USER_START",
                },
                {
                    "timestamp": "2026-03-04T12:00:00Z",
                    "state": "MITIGATION_STATE_MANUAL_MITIGATING",
                    "event": "MITIGATION_EVENT_REMOTE_ADDED",
                },
            ],
            "autoStopTtl": "3600s",
            "comment": "[MIT-1] flood",
            "source": None,
        }
    ]


def test_gives_times_with_their_fraction(sandbox: Sandbox, clock: Clock) -> None:
    clock.move(microseconds=5)
    mitigate(sandbox.url)

    assert rows(sandbox.url)[0]["startTimeAt"] == "2026-03-04T12:00:00.000005Z"


def test_says_neither_end_nor_auto_stop_of_what_runs_on(sandbox: Sandbox) -> None:
    mitigate(sandbox.url, minutesBeforeAutoStop="0")

    [row] = rows(sandbox.url)
    assert (row["endTimeAt"], row["autoStopTtl"]) == (None, None)


def test_gives_the_target_of_a_flowspec_mitigation_as_a_rule(sandbox: Sandbox) -> None:
    mitigate(sandbox.url, platformID="258", methodId="781")

    [row] = rows(sandbox.url)
    assert "ipCidr" not in row["target"]
    assert row["target"]["flowspec"]["dstPrefix"] == "203.0.113.7/32"
    assert row["target"]["flowspec"]["dstPort"] is None


def test_gives_one_mitigation_by_its_id(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)

    assert ask(sandbox.url, "/70001").json() == {"mitigation": rows(sandbox.url)[0]}


@pytest.mark.parametrize("name", ["/70002", "/actions", "/x"])
def test_has_no_mitigation_of_another_name(sandbox: Sandbox, name: str) -> None:
    mitigate(sandbox.url)

    response = ask(sandbox.url, name)

    assert (response.status_code, response.json()["code"]) == (404, 5)


def test_lists_platforms(sandbox: Sandbox) -> None:
    assert ask(sandbox.url, "/platforms").json()["platforms"][0] == {
        "id": "257",
        "name": "Edge RTBH",
        "description": "",
        "type": "MITIGATION_PLATFORM_TYPE_RTBH",
        "mitigationMethodIds": ["775", "776"],
        "createdAt": "2024-05-01T00:00:00Z",
        "modifiedAt": "2024-05-01T00:00:00Z",
    }


def test_lists_methods(sandbox: Sandbox) -> None:
    assert ask(sandbox.url, "/methods").json()["methods"][0] == {
        "id": "775",
        "name": "Drop everything",
        "description": "",
        "ackRequired": False,
        "excludedIpCidrs": [],
        "gracePeriod": None,
        "type": "MITIGATION_PLATFORM_TYPE_RTBH",
        "createdAt": "2024-05-01T00:00:00Z",
        "modifiedAt": "2024-05-01T00:00:00Z",
        "notifications": [],
    }


# --- Filters ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(sandbox: Sandbox, clock: Clock) -> Sandbox:
    """70001 is a manual one that has ended, 70002 a manual one of Flowspec a day later, 70003 an automatic one."""
    mitigate(sandbox.url)
    clock.move(days=1)
    mitigate(sandbox.url, ipCidr="198.51.100.0/24", platformID="258", methodId="781")
    sandbox.automatic("192.0.2.1/32")
    return sandbox


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ([("filters.mitigationIds", "70002"), ("filters.mitigationIds", "70003")], ["70002", "70003"]),
        ([("filters.types", "MITIGATION_TYPE_AUTO")], ["70003"]),
        ([("filters.types", "1")], ["70001", "70002"]),
        ([("filters.states", "MITIGATION_STATE_MANUAL_CLEAR")], ["70001"]),
        ([("filters.states", "10"), ("filters.states", "13")], ["70002", "70003"]),
        ([("filters.platformIds", "258")], ["70002"]),
        ([("filters.methodIds", "775")], ["70001", "70003"]),
        ([("filters.alarmIds", "alarm-70003")], ["70003"]),
        ([("filters.ipCidrs", "203.0.113.7/32")], ["70001"]),
        ([("filters.ipCidrs", "203.0.113.7")], []),
        ([("filters.ipCidrs", "198.51.100.0/24")], []),
        ([("filters.ipCidrPattern", "192.0.2.")], ["70003"]),
        ([("filters.createdAt.start", "2026-03-05T12:00:00Z")], ["70002", "70003"]),
        ([("filters.createdAt.end", "2026-03-05T13:00:00.000000000+01:00")], ["70001"]),
        ([("filters.platformIds", "257"), ("filters.types", "MITIGATION_TYPE_MANUAL")], ["70001"]),
        ([("filters.platform_ids", "258")], ["70002"]),
        ([("filters.ipCidr", "203.0.113.7/32"), ("sort", "id")], ["70001", "70002", "70003"]),
    ],
)
def test_filters_mitigations(busy: Sandbox, query: list[tuple[str, str]], found: list[str]) -> None:
    assert ids(busy, *query) == found


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("platforms", ("filters.platformIds", "258"), ["258"]),
        ("platforms", ("filters.platformTypes", "MITIGATION_PLATFORM_TYPE_A10"), ["259"]),
        ("platforms", ("filters.modifiedAt.start", "2026-01-01T00:00:00Z"), []),
        ("methods", ("filters.methodIds", "795"), ["795"]),
        ("methods", ("filters.platformTypes", "2"), ["781", "782"]),
        ("methods", ("filters.createdAt.end", "2020-01-01T00:00:00Z"), []),
    ],
)
def test_filters_what_is_offered(sandbox: Sandbox, name: str, query: tuple[str, str], found: list[str]) -> None:
    assert [row["id"] for row in ask(sandbox.url, f"/{name}", query).json()[name]] == found


@pytest.mark.parametrize(
    "query",
    [
        [("filters.states", "MANUAL_MITIGATING")],
        [("filters.states", "99")],
        [("filters.types", "")],
        [("filters.createdAt.start", "yesterday")],
        [("filters.createdAt.start", "2026-03-05T12:00:00")],
        [("filters.createdAt.end", "2026-13-05T12:00:00Z")],
        [("filters.ipCidrPattern", "a"), ("filters.ipCidrPattern", "b")],
        [("pagination.limit", "-1")],
        [("pagination.offset", "many")],
        [("pagination.includeTotalCount", "yes")],
    ],
)
def test_refuses_a_value_that_is_none_of_its_kind(sandbox: Sandbox, query: list[tuple[str, str]]) -> None:
    response = ask(sandbox.url, "", *query)

    assert (response.status_code, response.json().keys()) == (400, {"code", "message", "details"})
    assert response.json()["code"] == 3


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_gives_the_page_that_was_asked_for(busy: Sandbox) -> None:
    assert ids(busy, ("pagination.limit", "1"), ("pagination.offset", "1")) == ["70002"]


def test_counts_when_it_is_asked_to(busy: Sandbox) -> None:
    assert ask(busy.url, "", ("pagination.limit", "1"), COUNTED).json()["pagination"] == {"totalCount": "3"}


@pytest.mark.parametrize(("offset", "more"), [("1", True), ("2", False), ("9", False)])
def test_says_whether_there_is_more_when_it_need_not_count(busy: Sandbox, offset: str, more: bool) -> None:
    answer = ask(busy.url, "", ("pagination.limit", "1"), ("pagination.offset", offset)).json()

    assert answer["pagination"] == {"hasMoreResults": more}


def test_gives_twenty_to_whoever_sets_no_limit(sandbox: Sandbox) -> None:
    for number in range(21):
        sandbox.elsewhere(f"192.0.2.{number}")

    assert len(ids(sandbox)) == 20


# --- Who is let in, and where -----------------------------------------------------------------------------------------


def test_refuses_whoever_has_no_credentials_in_the_shape_of_the_gateway(sandbox: Sandbox) -> None:
    response = requests.get(sandbox.url + MITIGATIONS, timeout=5)

    assert (response.status_code, response.json().keys()) == (401, {"error", "reasonCode", "errxid"})


@pytest.mark.parametrize("path", ["/v202505", "/v202505/alerts", MITIGATIONS + "/", MITIGATIONS + "/7/actions"])
def test_has_nothing_elsewhere(sandbox: Sandbox, path: str) -> None:
    response = requests.get(sandbox.url + path, headers=AUTH, timeout=5)

    assert (response.status_code, response.json()["code"]) == (404, 5)


@pytest.mark.parametrize(("verb", "name"), [("POST", ""), ("PUT", ""), ("DELETE", "/70001")])
def test_does_not_have_the_verbs_that_the_portal_does_not_use(sandbox: Sandbox, verb: str, name: str) -> None:
    response = requests.request(verb, sandbox.url + MITIGATIONS + name, headers=AUTH, timeout=5)

    assert (response.status_code, response.json()["code"]) == (501, 12)


def test_keeps_questions_in_the_journal_as_they_came(sandbox: Sandbox) -> None:
    ask(sandbox.url, "", ("filters.ipCidrs", "192.0.2.1/32"))

    [entry] = sandbox.journal()
    assert (entry["method"], entry["path"]) == ("GET", MITIGATIONS + "?filters.ipCidrs=192.0.2.1%2F32")
    assert (entry["body"], entry["status"]) == ("", 200)
    assert ["X-CH-Auth-Email", AUTH["X-CH-Auth-Email"]] in entry["headers"]
