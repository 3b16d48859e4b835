"""What is here without a call having asked for it: mitigations from elsewhere, and another catalogue."""

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import Clock, act, ask, mitigate, rows, state, trail


def put(sandbox: Sandbox, name: str, payload: object) -> requests.Response:
    return requests.post(f"{sandbox.url}/_sandbox/{name}", json=payload, timeout=5)


def test_has_what_somebody_started_elsewhere(sandbox: Sandbox) -> None:
    wanted = {"ip_cidr": "203.0.113.9", "comment": "by hand", "platform_id": "259", "method_id": "791", "minutes": 5}

    assert put(sandbox, "elsewhere", wanted).json() == sandbox.mitigations()
    [row] = rows(sandbox.url)
    assert (row["type"], row["target"]) == ("MITIGATION_TYPE_MANUAL", {"ipCidr": "203.0.113.9/32"})
    assert (row["comment"], row["autoStopTtl"]) == ("by hand", "300s")
    assert (row["platformId"], row["methodId"]) == ("259", "791")


def test_has_an_automatic_one(sandbox: Sandbox) -> None:
    put(sandbox, "automatic", {"ip_cidr": "203.0.113.9"})

    [row] = rows(sandbox.url)
    assert (row["type"], row["currentState"]) == ("MITIGATION_TYPE_AUTO", "MITIGATION_STATE_MITIGATING")
    assert row["alarmIds"] == ["alarm-70001"]


def test_asks_no_more_than_a_target(sandbox: Sandbox) -> None:
    sandbox.elsewhere("203.0.113.9")

    [row] = sandbox.mitigations()
    assert (row["platform_id"], row["method_id"], row["minutes"]) == ("257", "775", 0)


def test_leaves_no_trace_in_the_journal(sandbox: Sandbox) -> None:
    put(sandbox, "elsewhere", {"ip_cidr": "203.0.113.9"})

    assert sandbox.journal() == []


@pytest.mark.parametrize("name", ["elsewhere", "automatic"])
def test_occupies_its_target(sandbox: Sandbox, name: str) -> None:
    put(sandbox, name, {"ip_cidr": "203.0.113.7/32"})

    assert mitigate(sandbox.url).status_code == 409


@pytest.mark.parametrize(("waits", "code"), [("START_WAIT", 409), ("END_GRACE", 409), ("ACK_REQUIRED", 200)])
def test_occupies_its_target_in_every_automatic_state_but_the_last(sandbox: Sandbox, waits: str, code: int) -> None:
    sandbox.automatic("203.0.113.7", state=waits)

    assert mitigate(sandbox.url).status_code == code


def test_stops_an_automatic_one_for_good(sandbox: Sandbox) -> None:
    sandbox.automatic("203.0.113.7")
    act(sandbox.url, "STOP", "70001")

    assert trail(sandbox.url)[1:] == [("CLEARING", "USER_STOP"), ("ARCHIVED", "REMOTE_REMOVED")]


def test_gives_an_automatic_one_into_a_persons_hands(sandbox: Sandbox) -> None:
    sandbox.automatic("203.0.113.7")
    act(sandbox.url, "TAKE_CONTROL", "70001")

    assert state(sandbox.url) == "MANUAL_MITIGATING"


@pytest.mark.parametrize(
    ("name", "payload", "sentence"),
    [
        ("elsewhere", [], "The body must be an object with any of"),
        ("elsewhere", {}, "ip_cidr must be an IP address or a prefix."),
        ("elsewhere", {"ip_cidr": "203.0.113.7/24"}, "ip_cidr has host bits set; the prefix is 203.0.113.0/24."),
        ("elsewhere", {"ip_cidr": 7}, "ip_cidr must be a string."),
        ("elsewhere", {"ip_cidr": "203.0.113.7", "state": "MITIGATING"}, "The body must be an object with any of"),
        ("elsewhere", {"ip_cidr": "203.0.113.7", "minutes": "5"}, "minutes must be a whole number"),
        ("elsewhere", {"ip_cidr": "203.0.113.7", "platform_id": "9"}, "Resource not found: mitigation platform 9"),
        ("elsewhere", {"ip_cidr": "203.0.113.7", "method_id": "791"}, "Unsupported platform/method pair 257:791."),
        ("automatic", {"ip_cidr": "203.0.113.7", "state": "MANUAL_CLEAR"}, "state must be one of ACK_REQUIRED,"),
        ("automatic", {"ip_cidr": "203.0.113.7", "minutes": 5}, "The body must be an object with any of"),
    ],
)
def test_refuses_what_is_no_mitigation(sandbox: Sandbox, name: str, payload: object, sentence: str) -> None:
    response = put(sandbox, name, payload)

    assert response.status_code == 400
    assert sentence in response.json()["error"]


def test_refuses_to_put_two_on_one_target(sandbox: Sandbox) -> None:
    sandbox.elsewhere("203.0.113.7")

    response = put(sandbox, "automatic", {"ip_cidr": "203.0.113.7"})

    assert response.json() == {"error": "203.0.113.7/32 is already being mitigated."}


# --- Another catalogue ------------------------------------------------------------------------------------------------


def platform(sandbox: Sandbox, name: str) -> dict[str, object]:
    [row] = ask(sandbox.url, "/platforms", ("filters.platformIds", name)).json()["platforms"]
    return dict(row)


def test_unlinks_a_method(sandbox: Sandbox, clock: Clock) -> None:
    clock.move(minutes=1)
    put(sandbox, "catalogue", {"unlink": [{"platform": "257", "method": "775"}]})

    row = platform(sandbox, "257")
    assert (row["mitigationMethodIds"], row["modifiedAt"]) == (["776"], "2026-03-04T12:01:00Z")
    assert mitigate(sandbox.url).status_code == 404


def test_links_a_new_method(sandbox: Sandbox) -> None:
    method = {"id": "777", "name": "Drop half", "type": "RTBH"}

    put(sandbox, "catalogue", {"methods": [method], "link": [{"platform": "257", "method": "777"}]})

    assert mitigate(sandbox.url, methodId="777").status_code == 200


def test_adds_a_platform(sandbox: Sandbox) -> None:
    put(sandbox, "catalogue", {"platforms": [{"id": "300", "name": "Lab", "type": "RTBH"}]})

    assert platform(sandbox, "300")["mitigationMethodIds"] == []


def test_changes_what_is_named_and_leaves_the_rest(sandbox: Sandbox) -> None:
    put(sandbox, "catalogue", {"platforms": [{"id": "257", "name": "Renamed"}]})

    row = platform(sandbox, "257")
    assert (row["name"], row["mitigationMethodIds"]) == ("Renamed", ["775", "776"])


def test_removes_a_method_and_its_links(sandbox: Sandbox) -> None:
    answer = put(sandbox, "catalogue", {"remove_methods": ["775"], "remove_platforms": ["261"]}).json()

    assert [row["id"] for row in answer["platforms"]] == ["257", "258", "259", "260"]
    assert platform(sandbox, "257")["mitigationMethodIds"] == ["776"]


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ([], "The body must be an object with any of methods, platforms,"),
        ({"drop": []}, "The body must be an object with any of"),
        ({"methods": [{"id": "1"}]}, "The catalogue cannot be changed so: KeyError('name')."),
        ({"remove_platforms": ["9"]}, "The catalogue cannot be changed so: KeyError('9')."),
        ({"link": [{"platform": "257", "method": "781"}]}, "Platform 257 and its method 781 are not of the same type."),
    ],
)
def test_refuses_a_change_that_makes_no_sense(sandbox: Sandbox, payload: object, sentence: str) -> None:
    response = put(sandbox, "catalogue", payload)

    assert response.status_code == 400
    assert sentence in response.json()["error"]


def test_changes_nothing_when_a_part_makes_no_sense(sandbox: Sandbox) -> None:
    put(sandbox, "catalogue", {"platforms": [{"id": "257", "name": "Renamed"}], "remove_methods": ["9"]})

    assert platform(sandbox, "257")["name"] == "Edge RTBH"


def test_has_its_first_catalogue_again_after_a_reset(sandbox: Sandbox) -> None:
    sandbox.change_catalogue(remove_platforms=["257"])
    sandbox.reset()

    assert mitigate(sandbox.url).status_code == 200
