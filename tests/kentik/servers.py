"""Small servers on loopback that answer as no decent server would, with and without TLS."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Talk = Callable[[socket.socket, "Heard"], None]


@dataclass
class Heard:
    """Where the server listens, how many connected, and the requests that they sent."""

    address: str
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def listening(talk: Talk) -> Iterator[Heard]:
    """Let `talk` deal with each connection, one after another."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = Heard(address=f"127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(server, talk, heard), daemon=True)
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(2)


def _serve(server: socket.socket, talk: Talk, heard: Heard) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        heard.connections += 1
        with connection, suppress(OSError):
            talk(connection, heard)


def answers(raw: bytes) -> Talk:
    """Reads the request and sends these bytes."""

    def talk(connection: socket.socket, heard: Heard) -> None:
        heard.requests.append(read_request(connection))
        connection.sendall(raw)

    return talk


def trickles(head: bytes, body: bytes, *, seconds: float) -> Talk:
    """Sends the head at once and the body a byte each so many seconds."""

    def talk(connection: socket.socket, heard: Heard) -> None:
        heard.requests.append(read_request(connection))
        connection.sendall(head)
        for place in range(len(body)):
            connection.sendall(body[place : place + 1])
            time.sleep(seconds)

    return talk


def behind_tls(talk: Talk, context: ssl.SSLContext) -> Talk:
    def wrapped(connection: socket.socket, heard: Heard) -> None:
        connection.settimeout(2)
        with context.wrap_socket(connection, server_side=True) as secured:
            talk(secured, heard)

    return wrapped


def hangs_up(connection: socket.socket, heard: Heard) -> None:
    """Closes when the first bytes have come."""
    connection.recv(65536)


def resets(connection: socket.socket, heard: Heard) -> None:
    """Answers the first bytes with a reset."""
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says_nothing(connection: socket.socket, heard: Heard) -> None:
    """Waits until the caller leaves."""
    while connection.recv(65536):
        pass


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += _some(connection)
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")]
    while len(body) < sum(lengths):  # a question has no body and no length
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    if not (some := connection.recv(65536)):
        raise ConnectionError("the caller left")
    return some


def closed_port() -> str:
    """An address that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"
