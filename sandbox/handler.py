"""One connection: requests in, answers out, and the faults that are a matter of timing and closing."""

import sys
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from sandbox import control, effects
from sandbox.faults import FaultKind
from sandbox.journal import Call
from sandbox.listener import Listener, has_left
from sandbox.messages import Answer, Headers, Refusal, Request, error

LARGEST_BODY = 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A trickled answer must leave byte by byte.
    disable_nagle_algorithm = True
    server: Listener
    raw_requestline: bytes
    call: Call | None = None

    def handle_one_request(self) -> None:
        self.call = None
        try:
            super().handle_one_request()
        except OSError:
            # The caller left in the middle, or the sandbox is stopping.
            self.close_connection = True
        finally:
            if self.call:
                self.server.world.journal.leave(self.call)
                self._log(self.call)

    def parse_request(self) -> bool:
        """Called when the first line has been read and nothing else, which is where a call gets its fault."""
        words = str(self.raw_requestline, "iso-8859-1").split()
        if len(words) < 2 or control.owns(words[1]):
            return super().parse_request()
        self.call = self._arrive(words[0], words[1])
        if self._closes_unread(self.call):
            self.close_connection = True
            return False
        return super().parse_request()

    def _arrive(self, method: str, path: str) -> Call:
        return self.server.world.journal.arrive(
            method=method,
            path=path,
            fault=self.server.world.faults.take(method=method, target=path),
            is_waited_for=lambda: not has_left(self.connection),
        )

    def _closes_unread(self, call: Call) -> bool:
        ending = call.fault.after_delay if call.fault else None
        if not call.fault or not ending or ending.kind is not FaultKind.CLOSE_BEFORE_READING:
            return False
        self.server.world.journal.record(call)
        self._pause(call.fault.delay_seconds)
        return True

    def _serve(self) -> None:
        headers: Headers = tuple(self.headers.raw_items())
        try:
            body = self._read_body()
        except Refusal as refusal:
            self.close_connection = True
            self._record(headers, b"")
            return self._send(refusal.answer)
        self._record(headers, body)
        request = Request(method=self.command, target=self.path, headers=headers, body=body)
        if self.call is None:
            return self._send(control.answer(request, self.server.world, caller=self.client_address[0]))
        return self._play(self.call, request)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _serve

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0").strip()
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdecimal()):
            raise Refusal(error(HTTPStatus.LENGTH_REQUIRED, "The request must have a plain Content-Length."))
        if len(length) > 9 or int(length) > LARGEST_BODY:
            raise Refusal(error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than one megabyte."))
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise Refusal(error(HTTPStatus.BAD_REQUEST, "The body is shorter than its Content-Length."))
        return body

    def _record(self, headers: Headers, body: bytes) -> None:
        if self.call:
            self.server.world.journal.record(self.call, headers=headers, body=body)

    def _play(self, call: Call, request: Request) -> None:
        self._pause(call.fault.delay_seconds if call.fault else 0)
        fault = call.fault.after_delay if call.fault else None
        flaw = call.fault.flaw if call.fault else None
        outcome = effects.play(fault, target=self.path, judge=partial(self.server.kentik.answer, request, flaw))
        if outcome.hangs:
            self._wait_until_the_caller_leaves()
        if outcome.answer is None:
            self.close_connection = True
        else:
            self._send(outcome.answer, seconds_per_byte=outcome.seconds_per_byte)

    def _pause(self, seconds: float) -> None:
        if seconds and self.server.stopped.wait(seconds):
            raise ConnectionAbortedError("The sandbox is stopping.")

    def _wait_until_the_caller_leaves(self) -> None:
        """A stopping sandbox ends the connection, which looks the same from here."""
        while self.connection.recv(65536):
            pass

    def _send(self, answer: Answer, *, seconds_per_byte: float = 0) -> None:
        if has_left(self.connection):
            raise ConnectionAbortedError("The caller has left.")
        raw = answer.as_bytes(closing=self.close_connection, headers_only=self.command == "HEAD")
        if seconds_per_byte:
            for place in range(len(raw) - 1):
                self.wfile.write(raw[place : place + 1])
                self._pause(seconds_per_byte)
            raw = raw[-1:]
        self._send_last(raw, answer.status)

    def _send_last(self, raw: bytes, status: int) -> None:
        journal = self.server.world.journal
        if self.call:
            journal.answered(self.call, status)
        try:
            self.wfile.write(raw)
        except OSError:
            if self.call:
                journal.unanswered(self.call)
            raise

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The parent's own refusals, as of a line that is not HTTP, in our JSON."""
        self.close_connection = True
        self._send(error(code, message or HTTPStatus(code).phrase))

    def _log(self, call: Call) -> None:
        if not self.server.quiet:
            fault = f" ({call.fault.name})" if call.fault else ""
            print(f"{call.method} {call.path} {call.status or 'no answer'}{fault}", file=sys.stderr, flush=True)
