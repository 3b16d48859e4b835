"""What each answer to an order comes to, for the call and for each mitigation."""

from __future__ import annotations

import json

import pytest
import requests
from responses import RequestsMock
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError

from mitigations.kentik.messages import Outcome
from mitigations.kentik.v6.states import Action
from mitigations.kentik.v6.values import ActAnswer, Acted, ActResult
from tests.kentik.servers import answers, hangs_up, listening
from tests.kentik.v6.calls import STOP, make_v6

DONE = {"mitigationId": "7", "success": True, "message": ""}


def stop(kentik: RequestsMock, body: object, *ids: str, status: int = 200) -> ActAnswer:
    kentik.post(STOP, body if isinstance(body, str) else json.dumps(body), status=status)
    return make_v6().act(Action.STOP, ids or ("7",))


def test_says_for_each_id_what_came_of_it(kentik: RequestsMock) -> None:
    refused = {"mitigationId": "8", "success": False, "message": "not found"}

    answer = stop(kentik, {"results": [refused, DONE]}, "7", "8")

    assert answer.call.outcome is Outcome.ACCEPTED
    assert answer.results == (
        ActResult(id="7", acted=Acted.DONE, message=""),
        ActResult(id="8", acted=Acted.REFUSED, message="not found"),
    )


def test_does_not_know_of_an_id_that_is_not_among_the_results(kentik: RequestsMock) -> None:
    answer = stop(kentik, {"results": [DONE]}, "7", "8")

    assert [result.acted for result in answer.results] == [Acted.DONE, Acted.UNKNOWN]


@pytest.mark.parametrize(
    ("result", "acted"),
    [
        ({"success": True}, Acted.DONE),
        ({"mitigationId": 7, "success": True}, Acted.DONE),
        ({"success": False}, Acted.REFUSED),
        ({"success": None}, Acted.REFUSED),
        ({}, Acted.REFUSED),
        ({"success": "true"}, Acted.UNKNOWN),
        ({"success": 1}, Acted.UNKNOWN),
        ({"success": 0}, Acted.UNKNOWN),
    ],
)
def test_takes_only_true_for_done(kentik: RequestsMock, result: dict[str, object], acted: Acted) -> None:
    other = {"mitigationId": "8", "success": True}

    answer = stop(kentik, {"results": [{"mitigationId": "7", **result}, other]}, "7", "8")

    assert answer.results[0].acted is acted


def test_does_not_know_where_kentik_contradicts_itself(kentik: RequestsMock) -> None:
    answer = stop(
        kentik,
        {"results": [DONE, {**DONE, "success": False, "message": "late"}, {**DONE, "mitigationId": "8"}]},
        "7",
        "8",
    )

    assert answer.results[0] == ActResult(id="7", acted=Acted.UNKNOWN, message="late")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "OK",
        "{}",
        "[]",
        '{"results":null}',
        '{"results":[]}',
        '{"results":{}}',
        '{"results":[1]}',
        '{"results":[{}]}',
    ],
)
def test_does_not_know_when_no_id_is_answered(kentik: RequestsMock, body: str) -> None:
    answer = stop(kentik, body)

    assert (answer.call.outcome, answer.results) == (Outcome.UNKNOWN, ())
    assert answer.call.sentence.startswith("Kentik answered 200 without a result")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (302, Outcome.UNKNOWN),
        (400, Outcome.REFUSED),
        (401, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (409, Outcome.REFUSED),
        (415, Outcome.REFUSED),
        (429, Outcome.THROTTLED),
        (499, Outcome.UNKNOWN),
        (500, Outcome.UNKNOWN),
        (501, Outcome.UNKNOWN),
        (503, Outcome.UNKNOWN),
        (504, Outcome.UNKNOWN),
    ],
)
def test_takes_an_answer_for_what_it_is(kentik: RequestsMock, status: int, outcome: Outcome) -> None:
    answer = stop(kentik, {"code": 9, "message": "no", "details": []}, status=status)

    assert (answer.call.outcome, answer.results, len(kentik.calls)) == (outcome, (), 1)


def test_says_that_a_deadline_does_not_tell(kentik: RequestsMock) -> None:
    answer = stop(kentik, {"code": 4, "message": "deadline", "details": []}, status=504)

    assert answer.call.sentence == "Kentik answered 504, which does not tell whether it was done: deadline."


REFUSED = NewConnectionError(HTTPConnection("grpc.api.kentik.com"), "[Errno 111] Connection refused")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(requests.ConnectionError(REFUSED), Outcome.NOT_SENT), (requests.ReadTimeout(), Outcome.UNKNOWN)],
)
def test_tells_what_never_left_from_what_may_have(
    kentik: RequestsMock, error: requests.RequestException, outcome: Outcome
) -> None:
    kentik.post(STOP, body=error)

    assert make_v6().act(Action.STOP, ["7"]).call.outcome is outcome


def test_does_not_know_when_the_connection_died() -> None:
    with listening(hangs_up) as heard:
        answer = make_v6(f"http://{heard.address}").act(Action.STOP, ["7"])

    assert answer.call.outcome is Outcome.UNKNOWN


def test_does_not_trust_an_answer_that_broke_off() -> None:
    body = json.dumps({"results": [DONE]}).encode()
    with listening(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + body)) as heard:
        answer = make_v6(f"http://{heard.address}").act(Action.STOP, ["7"])

    assert (answer.call.outcome, answer.results) == (Outcome.UNKNOWN, ())
