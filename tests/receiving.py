"""The other end of messages: a mail server and a webhook, real ones, on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# What the other end says of itself is not ours.
logging.getLogger("mail.log").setLevel(logging.WARNING)


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Inbox:
    """A mail server. `answers`: what it says to an address other than "250 OK"; `data_answer`: to any mail.

    `pause`: how many seconds it takes for each mail.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 OK"
    pause: float = 0.0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for _, mail in self.taken]

    @property
    def readers(self) -> list[str]:
        return sorted(address for address, _ in self.taken)

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (likewise)
        await asyncio.sleep(self.pause)
        if self.data_answer.startswith("250"):
            mail = message_from_bytes(envelope.content or b"", policy=policy.default)
            self.taken += [(address, mail) for address in envelope.rcpt_tos]
        return self.data_answer


@contextmanager
def inbox(**facts: Any) -> Iterator[Inbox]:
    box = Inbox(**{"port": free_port(), **facts})
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """A webhook. `answers` are the statuses of the first calls; after them it answers 200.

    It has taken a call before it answers, and answers once it is `free`. `heard`: the headers of each. With `tls` it is
    spoken to by https.
    """

    port: int = 0
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    free: threading.Event = field(default_factory=_set)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    @property
    def address(self) -> str:
        """As Apprise writes it, with a token in its path."""
        return f"json://127.0.0.1:{self.port}/hook/canary-5e1f"

    @property
    def titles(self) -> list[str]:
        return [str(body["title"]) for _, body in self.calls]


@contextmanager
def hook(**facts: Any) -> Iterator[Hook]:
    told = Hook(**facts)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.calls.append((self.path, body))
            told.heard.append(dict(self.headers))
            told.free.wait(20)
            with suppress(ConnectionError):
                self._answer()

        def _answer(self) -> None:
            self.send_response(told.answers.pop(0) if told.answers else 200)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_address[1]
        if told.tls:
            server.handle_error = lambda *_: None  # type: ignore[method-assign] # a handshake that fails is what some want
            server.socket = told.tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()


@contextmanager
def silence() -> Iterator[int]:
    """The port of a server that lets everybody in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def mail_goes_to(url: str, settings: Any) -> Iterator[None]:
    """Point Django's mail of this test at a server."""
    port = int(url.rpartition(":")[2])
    settings.MAIL_IS_ON = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield
