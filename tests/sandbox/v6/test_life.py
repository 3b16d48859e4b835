"""The life of a mitigation, as V6 shows it."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import AUTH, MITIGATIONS, Clock, act, ask, mitigate, rows, state, trail


@pytest.fixture
def slow(clock: Clock) -> Iterator[Sandbox]:
    """Takes ten seconds to start and twenty to clear."""
    with Sandbox(clock=clock, start_seconds=10, clear_seconds=20) as sandbox:
        yield sandbox


STARTED = [("MANUAL_STARTING", "USER_START"), ("MANUAL_MITIGATING", "REMOTE_ADDED")]


def test_takes_its_time_to_start(slow: Sandbox, clock: Clock) -> None:
    mitigate(slow.url)
    before = state(slow.url)
    clock.move(seconds=10)

    assert (before, trail(slow.url)) == ("MANUAL_STARTING", STARTED)


def test_is_cleared_after_a_stop(slow: Sandbox, clock: Clock) -> None:
    mitigate(slow.url)
    clock.move(seconds=15)
    act(slow.url, "STOP", "70001")
    before = state(slow.url)
    clock.move(seconds=20)

    assert before == "MANUAL_CLEARING"
    assert trail(slow.url) == [*STARTED, ("MANUAL_CLEARING", "USER_STOP"), ("MANUAL_CLEAR", "REMOTE_REMOVED")]


def test_ends_by_the_clock(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url)
    clock.move(hours=2)

    assert trail(sandbox.url) == [*STARTED, ("MANUAL_CLEARING", "TTL_EXPIRED"), ("MANUAL_CLEAR", "REMOTE_REMOVED")]


def test_says_when_each_step_was_even_if_nobody_looked(slow: Sandbox, clock: Clock) -> None:
    mitigate(slow.url)
    clock.move(hours=2)

    [row] = rows(slow.url)
    assert [entry["timestamp"][11:] for entry in row["states"]] == ["12:00:00Z", "12:00:10Z", "13:00:00Z", "13:00:20Z"]
    assert row["endTimeAt"] == "2026-03-04T13:00:20Z"


def test_fails_to_start_on_demand(sandbox: Sandbox) -> None:
    sandbox.fault("start-fails")
    assert mitigate(sandbox.url).status_code == 200

    assert trail(sandbox.url) == [STARTED[0], ("MANUAL_STARTING_FAIL", "REMOTE_ERROR")]
    assert sandbox.mitigations()[0]["state"] == "failed"


@pytest.mark.parametrize("how", ["at its start", "at its stop"])
def test_fails_to_clear_on_demand(sandbox: Sandbox, how: str) -> None:
    if how == "at its start":
        sandbox.fault("clear-fails")
    mitigate(sandbox.url)
    if how == "at its stop":
        sandbox.fault("clear-fails")
    act(sandbox.url, "STOP", "70001")

    assert trail(sandbox.url)[-2:] == [("MANUAL_CLEARING", "USER_STOP"), ("MANUAL_CLEARING_FAIL", "REMOTE_ERROR")]
    assert sandbox.mitigations()[0]["state"] == "active"


@pytest.mark.parametrize(("fault", "better"), [("start-fails", "MANUAL_MITIGATING"), ("clear-fails", "MANUAL_CLEAR")])
def test_tries_again_what_failed_when_it_is_told_to(sandbox: Sandbox, fault: str, better: str) -> None:
    sandbox.fault(fault)
    mitigate(sandbox.url)
    act(sandbox.url, "STOP", "70001")
    act(sandbox.url, "RETRY", "70001")

    assert state(sandbox.url) == better


def test_fails_again_on_demand(sandbox: Sandbox) -> None:
    sandbox.fault("start-fails", times=2)
    mitigate(sandbox.url)
    act(sandbox.url, "RETRY", "70001")

    assert [event for _, event in trail(sandbox.url)] == ["USER_START", "REMOTE_ERROR", "USER_RETRY", "REMOTE_ERROR"]


def test_starts_again_with_all_its_minutes(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url)
    act(sandbox.url, "STOP", "70001")
    clock.move(hours=3)
    act(sandbox.url, "START", "70001")

    [row] = rows(sandbox.url)
    assert (row["currentState"], row["endTimeAt"]) == ("MITIGATION_STATE_MANUAL_MITIGATING", "2026-03-04T16:00:00Z")


def test_starts_again_while_it_is_clearing(slow: Sandbox, clock: Clock) -> None:
    mitigate(slow.url)
    act(slow.url, "STOP", "70001")
    act(slow.url, "START", "70001")
    clock.move(seconds=10)

    assert state(slow.url) == "MANUAL_MITIGATING"


def test_does_not_start_again_where_another_is_now(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    act(sandbox.url, "STOP", "70001")
    mitigate(sandbox.url)

    [result] = act(sandbox.url, "START", "70001").json()["results"]

    assert (result["success"], result["message"]) == (False, "203.0.113.7/32 is already being mitigated.")


def test_is_archived_and_keeps_its_end(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url)
    act(sandbox.url, "STOP", "70001")
    clock.move(hours=3)
    act(sandbox.url, "DELETE", "70001")

    [row] = rows(sandbox.url)
    assert (row["currentState"], row["endTimeAt"]) == ("MITIGATION_STATE_ARCHIVED", "2026-03-04T12:00:00Z")


@pytest.mark.parametrize(("fault", "code"), [(None, 200), ("start-fails", 409), ("clear-fails", 409)])
def test_frees_its_target_once_it_is_clear_and_not_when_it_failed(
    sandbox: Sandbox, fault: str | None, code: int
) -> None:
    if fault:
        sandbox.fault(fault)
    mitigate(sandbox.url)
    act(sandbox.url, "STOP", "70001")

    assert mitigate(sandbox.url).status_code == code


def test_is_stopped_rather_than_ended_in_a_word(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    act(sandbox.url, "STOP", "70001")

    assert [row["state"] for row in sandbox.mitigations()] == ["stopped"]


# --- Acting -----------------------------------------------------------------------------------------------------------


def test_answers_for_each_id(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)

    assert act(sandbox.url, "STOP", "70001", "9").json() == {
        "results": [
            {"mitigationId": "70001", "success": True, "message": ""},
            {"mitigationId": "9", "success": False, "message": "mitigation 9 not found"},
        ]
    }


def test_says_that_a_state_has_no_such_action(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)

    response = act(sandbox.url, "RETRY", "70001")

    assert response.status_code == 200
    assert response.json()["results"][0]["message"] == "action RETRY is not available in state MANUAL_MITIGATING"


def test_takes_an_action_by_its_number(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    requests.post(f"{sandbox.url}{MITIGATIONS}/2", json={"ids": ["70001"]}, headers=AUTH, timeout=5)

    assert state(sandbox.url) == "MANUAL_CLEAR"


@pytest.mark.parametrize("action", ["EXPLODE", "UNSPECIFIED", "stop"])
def test_refuses_an_action_that_there_is_not(sandbox: Sandbox, action: str) -> None:
    response = act(sandbox.url, action, "70001")

    assert (response.status_code, response.json()["code"]) == (400, 3)


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"ids":[]}', '{"ids":[70001]}', '{"ids":["x"]}', '{"ids":"70001"}'])
def test_refuses_a_body_without_ids(sandbox: Sandbox, body: str) -> None:
    url = f"{sandbox.url}{MITIGATIONS}/MITIGATION_USER_ACTION_STOP"

    response = requests.post(url, data=body, headers={**AUTH, "Content-Type": "application/json"}, timeout=5)

    assert (response.status_code, response.json()["code"]) == (400, 3)


def test_refuses_a_body_that_does_not_say_it_is_json(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}{MITIGATIONS}/MITIGATION_USER_ACTION_STOP"

    assert requests.post(url, data='{"ids":["1"]}', headers=AUTH, timeout=5).status_code == 415


def test_drops_fields_that_it_does_not_know_without_a_word(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}{MITIGATIONS}/MITIGATION_USER_ACTION_STOP"

    assert requests.post(url, json={"ids": ["1"], "force": True}, headers=AUTH, timeout=5).status_code == 200


# --- What goes wrong unseen -------------------------------------------------------------------------------------------


def test_loses_the_auto_stop_on_demand_and_says_ok(sandbox: Sandbox) -> None:
    sandbox.fault("lose-auto-stop")

    assert mitigate(sandbox.url).json() == {"response": {"result": "OK"}}
    assert rows(sandbox.url)[0]["autoStopTtl"] is None


def test_loses_the_comment_on_demand_and_says_ok(sandbox: Sandbox) -> None:
    sandbox.fault("lose-comment")

    assert mitigate(sandbox.url).json() == {"response": {"result": "OK"}}
    assert rows(sandbox.url)[0]["comment"] == ""


@pytest.mark.parametrize("fault", ["start-fails", "clear-fails", "lose-auto-stop", "lose-comment"])
def test_keeps_a_flaw_for_a_call_that_can_have_it(sandbox: Sandbox, fault: str) -> None:
    sandbox.fault(fault)
    ask(sandbox.url)

    assert [row["kind"] for row in sandbox.faults()] == [fault]


@pytest.mark.parametrize("fault", ["lose-auto-stop", "lose-comment"])
def test_keeps_what_is_lost_for_a_start_over_v5(sandbox: Sandbox, fault: str) -> None:
    sandbox.fault(fault)
    act(sandbox.url, "STOP", "1")

    assert len(sandbox.faults()) == 1
