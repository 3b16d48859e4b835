"""The other end of streams: syslog receivers and a webhook, real ones, on loopback."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Syslog:
    """A receiver. `messages`: what it has read, whole. `closes`: whether it hangs up when the sender does."""

    address: str = ""
    messages: list[str] = field(default_factory=list)
    closes: bool = True

    @property
    def numbers(self) -> list[int]:
        return [int(re.search(r"externalId=(\d+)", each)[1]) for each in self.messages]  # type: ignore[index]


@contextmanager
def udp() -> Iterator[Syslog]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        told = Syslog(address=f"udp://127.0.0.1:{server.getsockname()[1]}")

        def run() -> None:
            while message := server.recv(65536):
                told.messages.append(message.decode())

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.sendto(b"", server.getsockname())
            thread.join(2)


@contextmanager
def tcp(tls: ssl.SSLContext | None = None, *, port: int = 0, closes: bool = True) -> Iterator[Syslog]:
    """Over TLS with a context of a server."""
    with socket.create_server(("127.0.0.1", port)) as server:
        way = "tls" if tls else "tcp"
        told = Syslog(address=f"{way}://127.0.0.1:{server.getsockname()[1]}", closes=closes)
        thread = threading.Thread(target=_serve, args=(server, tls, told), daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(2)


def _serve(server: socket.socket, tls: ssl.SSLContext | None, told: Syslog) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with suppress(OSError), connection:
            if tls:
                with tls.wrap_socket(connection, server_side=True) as secured:
                    _read(secured, told)
            else:
                _read(connection, told)


def _read(connection: socket.socket, told: Syslog) -> None:
    """Octet counting: a length, a space, and so many bytes."""
    text = b""
    while some := connection.recv(65536):
        text += some
        while (found := re.match(rb"(\d+) ", text)) and len(text) >= found.end() + int(found[1]):
            end = found.end() + int(found[1])
            told.messages.append(text[found.end() : end].decode())
            text = text[end:]
    assert not text, "a message was cut short"
    while not told.closes:
        connection.sendall(b" ")


@dataclass
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def number(self) -> int:
        number: int = json.loads(self.body)["number"]
        return number


@dataclass
class Receiver:
    """A webhook. `answers` are the statuses of the first calls; after them it answers 200."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    posts: list[Posted] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return [each.number for each in self.posts]


@contextmanager
def receiver(tls: ssl.SSLContext | None = None, **facts: Any) -> Iterator[Receiver]:
    """Its path holds a token."""
    told = Receiver(**facts)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it was killed meanwhile
                return
            told.posts.append(Posted(path=self.path, headers=dict(self.headers), body=body))
            self.send_response(told.answers.pop(0) if told.answers else 200)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        way = "https" if tls else "http"
        told.address = f"{way}://127.0.0.1:{server.server_address[1]}/hook/canary-5e1f?key=canary-77aa"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()
