import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import AUTH, PATH, mitigate, order, wait_for


def connect(sandbox: Sandbox) -> socket.socket:
    host, port = sandbox.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=2)


def test_answers_several_calls_on_one_connection(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=2)
    headers = {**AUTH, "Content-Type": "application/json"}
    statuses = []
    for target in ("192.0.2.1", "192.0.2.2"):
        connection.request("POST", PATH, json.dumps(order(ipCidr=target)), headers)
        first_socket = connection.sock
        with connection.getresponse() as response:
            response.read()
            statuses.append(response.status)
        assert connection.sock is first_socket
    connection.close()

    assert statuses == [200, 200]


def test_answers_calls_that_were_sent_together(sandbox: Sandbox) -> None:
    with connect(sandbox) as client:
        client.sendall(b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert received.count(b"HTTP/1.1 404 ") == 2


def test_answers_a_head_without_a_body(sandbox: Sandbox) -> None:
    with connect(sandbox) as client:
        client.sendall(b"HEAD /a HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Transfer-Encoding: chunked", 411),
        ("Content-Length: many", 411),
        ("Content-Length: 1048577", 413),
    ],
)
def test_refuses_a_body_that_it_cannot_measure(sandbox: Sandbox, head: str, status: int) -> None:
    with connect(sandbox) as client:
        client.sendall(f"POST {PATH} HTTP/1.1\r\n{head}\r\n\r\n".encode())
        received = client.recv(4096)

    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in received
    assert sandbox.journal()[0]["status"] == status


def test_does_not_act_on_half_a_body(sandbox: Sandbox) -> None:
    body = json.dumps(order()).encode()
    auth = "".join(f"{name}: {value}\r\n" for name, value in AUTH.items())
    with connect(sandbox) as client:
        head = (
            f"POST {PATH} HTTP/1.1\r\n{auth}Content-Type: application/json\r\nContent-Length: {len(body) + 1}\r\n\r\n"
        )
        client.sendall(head.encode() + body)

    wait_for(sandbox.journal)
    assert sandbox.mitigations() == []


@pytest.mark.parametrize("line", [b"nonsense\r\n", b"BREW /a HTTP/1.1\r\n\r\n"])
def test_refuses_what_is_no_http_in_json(sandbox: Sandbox, line: bytes) -> None:
    with connect(sandbox) as client:
        client.sendall(line)
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert "error" in json.loads(received.partition(b"\r\n\r\n")[2])


FAULTS: list[tuple[str, dict[str, object]]] = [
    ("hang", {}),
    ("delay", {"seconds": 60}),
    ("trickle", {"seconds": 60}),
]


@pytest.mark.parametrize(("kind", "fields"), FAULTS)
def test_closes_at_once_while_a_call_waits(kind: str, fields: dict[str, object]) -> None:
    sandbox = Sandbox()
    sandbox.fault(kind, **fields)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(mitigate, sandbox.url)
        wait_for(sandbox.journal)
        started = time.monotonic()
        sandbox.close()
        assert time.monotonic() - started < 0.3
        assert isinstance(waiting.exception(timeout=1), requests.ConnectionError)


def test_starts_nothing_for_a_delayed_call_once_it_is_closed() -> None:
    sandbox = Sandbox()
    sandbox.fault("delay", seconds=60)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(mitigate, sandbox.url)
        wait_for(sandbox.journal)
        sandbox.close()
        waiting.exception(timeout=1)

    assert sandbox.mitigations() == []


def test_refuses_connections_once_it_is_closed() -> None:
    with Sandbox() as sandbox:
        pass

    with pytest.raises(requests.ConnectionError, match="refused"):
        mitigate(sandbox.url)


def test_may_be_closed_twice() -> None:
    with Sandbox() as sandbox:
        sandbox.close()


def test_may_listen_again_on_the_same_port_at_once() -> None:
    with Sandbox() as first:
        mitigate(first.url)
    with Sandbox(port=int(first.url.rpartition(":")[2])) as second:
        assert mitigate(second.url).status_code == 200
