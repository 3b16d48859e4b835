import json

import pytest
import requests

from sandbox import control
from sandbox.messages import Request
from sandbox.server import Sandbox
from sandbox.world import new_world
from tests.sandbox.calls import Clock, ask_for, mitigate
from tests.sandbox.calls import control as look


def asked(method: str, target: str, body: bytes = b"") -> Request:
    return Request(method=method, target=target, headers=(), body=body)


def test_queues_one_fault(sandbox: Sandbox) -> None:
    response = ask_for(sandbox.url, {"kind": "status", "status": 503})

    assert (response.status_code, response.json()) == (
        200,
        [{"kind": "status", "times": 1, "status": 503, "headers": {}}],
    )


def test_queues_a_list_of_faults(sandbox: Sandbox) -> None:
    ask_for(sandbox.url, {"faults": [{"kind": "hang"}, {"kind": "result", "times": 3}]})

    assert look(sandbox.url, "faults") == [
        {"kind": "hang", "times": 1},
        {"kind": "result", "times": 3, "result": "ERROR"},
    ]


def test_shows_what_follows_a_delay(sandbox: Sandbox) -> None:
    fault = {"kind": "delay", "times": 1, "seconds": 0.5, "then": {"kind": "hang"}}

    assert ask_for(sandbox.url, fault).json() == [fault]


def test_shows_how_often_a_fault_is_left(sandbox: Sandbox) -> None:
    ask_for(sandbox.url, {"kind": "result", "times": 3})
    mitigate(sandbox.url)

    assert look(sandbox.url, "faults")[0]["times"] == 2


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ([], "A fault must be a JSON object."),
        ({}, "kind must be one of delay, status, hang"),
        ({"kind": "explode"}, "kind must be one of"),
        ({"kind": ["hang"]}, "kind must be one of"),
        ({"faults": {"kind": "hang"}}, "only field, faults, is a list"),
        ({"faults": [], "kind": "hang"}, "only field, faults, is a list"),
        ({"kind": "hang", "seconds": 1}, "seconds is not a field of the fault hang."),
        ({"kind": "hang", "times": 0}, "times must be a whole number from 1 to 10000."),
        ({"kind": "hang", "times": True}, "times must be a whole number"),
        ({"kind": "status"}, "status is missing; the fault status needs it."),
        ({"kind": "status", "status": 200}, "status must be one of 400, 401"),
        ({"kind": "status", "status": "503"}, "status must be one of"),
        ({"kind": "status", "status": 503, "body": 1}, "body must be a string."),
        ({"kind": "status", "status": 503, "headers": []}, "headers must be an object"),
        ({"kind": "status", "status": 503, "headers": {"A B": "1"}}, "headers cannot hold 'A B'."),
        ({"kind": "status", "status": 503, "headers": {"content-Length": "1"}}, "headers cannot hold"),
        ({"kind": "status", "status": 503, "headers": {"A": "1\r\nB: 2"}}, "headers.A must be a string that fits"),
        ({"kind": "redirect", "location": "/\n"}, "location must be a string that fits"),
        ({"kind": "delay"}, "seconds is missing"),
        ({"kind": "delay", "seconds": -1}, "seconds must be a number from 0 to 3600."),
        ({"kind": "delay", "seconds": float("nan")}, "seconds must be a number"),
        ({"kind": "delay", "seconds": 1, "then": "hang"}, "then must be a JSON object."),
        ({"kind": "delay", "seconds": 1, "then": {"kind": "x"}}, "then.kind must be one of"),
        ({"kind": "delay", "seconds": 1, "then": {"kind": "hang", "times": 2}}, "then.times is not a field"),
        ({"kind": "delay", "seconds": 1, "then": {"kind": "delay", "seconds": 1}}, "then cannot be another delay."),
    ],
)
def test_refuses_what_is_no_fault(payload: object, sentence: str) -> None:
    body = json.dumps(payload).encode()
    answer = control.answer(asked("POST", "/_sandbox/faults", body), new_world(Clock()), caller="127.0.0.1")

    assert answer.status == 400
    assert sentence in json.loads(answer.body)["error"]


def test_queues_nothing_of_a_list_with_a_mistake(sandbox: Sandbox) -> None:
    response = ask_for(sandbox.url, {"faults": [{"kind": "hang"}, {"kind": "explode"}]})

    assert response.status_code == 400
    assert look(sandbox.url, "faults") == []


def test_refuses_faults_that_are_not_json(sandbox: Sandbox) -> None:
    response = requests.post(sandbox.url + "/_sandbox/faults", data=b"{", timeout=5)

    assert (response.status_code, response.json()) == (400, {"error": "The body is not JSON."})


def test_clears_everything_on_reset(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    sandbox.fault("hang")

    assert requests.post(sandbox.url + "/_sandbox/reset", timeout=5).status_code == 200
    assert (sandbox.journal(), sandbox.mitigations(), sandbox.faults()) == ([], [], [])


@pytest.mark.parametrize(("verb", "name", "allowed"), [("POST", "journal", "GET"), ("DELETE", "faults", "GET, POST")])
def test_refuses_another_verb(sandbox: Sandbox, verb: str, name: str, allowed: str) -> None:
    response = requests.request(verb, f"{sandbox.url}/_sandbox/{name}", timeout=5)

    assert (response.status_code, response.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/_sandbox", "/_sandbox/", "/_sandbox/nothing"])
def test_has_nothing_elsewhere(sandbox: Sandbox, path: str) -> None:
    assert requests.get(sandbox.url + path, timeout=5).status_code == 404


def test_does_not_listen_to_callers_from_outside() -> None:
    answer = control.answer(asked("GET", "/_sandbox/journal"), new_world(Clock()), caller="192.0.2.1")

    assert answer.status == 403
