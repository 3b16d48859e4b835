import base64
import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import PATH, Clock, ask_for, control, mitigate, order, send, wait_for


def test_keeps_a_call_as_it_was_received(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)

    [entry] = control(sandbox.url, "journal")
    assert entry["received_at"] == "2026-03-04T12:00:00.000000+00:00"
    assert (entry["method"], entry["path"], entry["status"], entry["fault"]) == ("POST", PATH, 200, None)
    assert json.loads(entry["body"]) == order()


def test_keeps_the_body_to_the_byte(sandbox: Sandbox) -> None:
    send(sandbox.url, '{ "Comment":\t"Grüße" }\r\n'.encode())

    assert sandbox.journal()[0]["body"] == '{ "Comment":\t"Grüße" }\r\n'


def test_keeps_a_body_that_is_no_text_in_base64(sandbox: Sandbox) -> None:
    send(sandbox.url, b"\xff\x00")

    entry = sandbox.journal()[0]
    assert entry["body"] is None
    assert base64.b64decode(entry["body_base64"]) == b"\xff\x00"


def test_keeps_header_names_in_their_case_and_order(sandbox: Sandbox) -> None:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        client.sendall(b"GET /x?y=1 HTTP/1.1\r\nhOST: a\r\nX-B: 1\r\nX-A: 2\r\nX-B: 3\r\n\r\n")
        client.recv(1000)

    [entry] = sandbox.journal()
    assert entry["headers"] == [["hOST", "a"], ["X-B", "1"], ["X-A", "2"], ["X-B", "3"]]
    assert entry["path"] == "/x?y=1"


def test_keeps_refused_calls_too_in_order(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    mitigate(sandbox.url)
    requests.get(sandbox.url + "/elsewhere", timeout=5)

    assert [entry["status"] for entry in sandbox.journal()] == [200, 409, 404]


def test_leaves_out_control_calls(sandbox: Sandbox) -> None:
    control(sandbox.url, "journal")
    requests.get(sandbox.url + "/_sandbox/nothing", timeout=5)

    assert sandbox.journal() == []


def test_has_a_call_before_it_is_answered(sandbox: Sandbox) -> None:
    sandbox.fault("hang")
    with ThreadPoolExecutor() as pool:
        pool.submit(requests.post, sandbox.url + PATH, data=b"x", timeout=0.2)
        wait_for(sandbox.journal)

        [entry] = sandbox.journal()
    assert (entry["body"], entry["status"], entry["fault"]) == ("x", None, "hang")


def test_counts_calls_one_after_another_as_one(sandbox: Sandbox) -> None:
    for _ in range(50):
        mitigate(sandbox.url)

    assert {entry["concurrent"] for entry in sandbox.journal()} == {1}


def test_counts_calls_at_the_same_time(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.2)
    with ThreadPoolExecutor() as pool:
        pool.submit(mitigate, sandbox.url)
        wait_for(sandbox.journal)
        mitigate(sandbox.url)

    assert [entry["concurrent"] for entry in sandbox.journal()] == [1, 2]


@pytest.mark.parametrize("fault", [{"kind": "hang"}, {"kind": "delay", "seconds": 0.3}])
def test_no_longer_counts_a_caller_who_gave_up(sandbox: Sandbox, fault: dict[str, object]) -> None:
    ask_for(sandbox.url, fault)
    with pytest.raises(requests.ReadTimeout):
        mitigate(sandbox.url, timeout=0.05)
    mitigate(sandbox.url)

    assert [entry["concurrent"] for entry in sandbox.journal()] == [1, 1]


def test_gives_the_time_in_utc(sandbox: Sandbox, clock: Clock) -> None:
    clock.move(microseconds=5)
    mitigate(sandbox.url)

    assert sandbox.journal()[0]["received_at"] == "2026-03-04T12:00:00.000005+00:00"
