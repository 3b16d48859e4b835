"""What each answer and each failure comes to: the table of outcomes, row by row, without a network."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from requests import RequestException
from responses import RequestsMock
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.exceptions import SSLError as TlsError

from mitigations.kentik.messages import Call, Outcome
from tests.kentik.calls import EMAIL, NOW, OK, TOKEN, URL, start
from tests.kentik.servers import Heard, listening, read_request

DOCUMENTED = '{ "response": { "result": "OK", } }'
_connection = HTTPConnection("api.kentik.com")

ANSWERS = [
    (200, OK, Outcome.ACCEPTED),
    (201, OK, Outcome.ACCEPTED),
    (202, OK, Outcome.ACCEPTED),
    (200, DOCUMENTED, Outcome.ACCEPTED),
    (200, '{"response":{"result":"ERROR"}}', Outcome.UNKNOWN),
    (200, '{"response":{"result":"O', Outcome.UNKNOWN),
    (200, "", Outcome.UNKNOWN),
    (204, "", Outcome.UNKNOWN),
    (301, "", Outcome.UNKNOWN),
    (302, "", Outcome.UNKNOWN),
    (307, OK, Outcome.UNKNOWN),
    (308, "", Outcome.UNKNOWN),
    (400, "", Outcome.REFUSED),
    (401, "", Outcome.REFUSED),
    (403, "", Outcome.REFUSED),
    (404, "", Outcome.REFUSED),
    (405, "", Outcome.REFUSED),
    (409, "", Outcome.REFUSED),
    (413, "", Outcome.REFUSED),
    (415, "", Outcome.REFUSED),
    (422, OK, Outcome.REFUSED),
    (402, "", Outcome.UNKNOWN),
    (408, "", Outcome.UNKNOWN),
    (418, "", Outcome.UNKNOWN),
    (429, "", Outcome.THROTTLED),
    (500, "", Outcome.UNKNOWN),
    (502, "<html>Bad Gateway</html>", Outcome.UNKNOWN),
    (503, OK, Outcome.UNKNOWN),
    (504, "", Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("status", "body", "outcome"), ANSWERS)
def test_takes_an_answer_for_what_it_is(kentik: RequestsMock, status: int, body: str, outcome: Outcome) -> None:
    kentik.post(URL, body, status=status, headers={"Location": "/elsewhere"} if status // 100 == 3 else None)

    call = start()

    assert (call.outcome, len(kentik.calls)) == (outcome, 1)
    assert call.received is not None
    assert (call.received.status, call.received.body) == (status, body)


def _wrapped(reason: Exception) -> MaxRetryError:
    return MaxRetryError(None, URL, reason)  # type: ignore[arg-type] # no pool is needed to say why


REFUSED = NewConnectionError(_connection, "[Errno 111] Connection refused")
NO_SUCH_NAME = NameResolutionError("api.kentik.com", _connection, socket.gaierror(-2, "Name or service not known"))
RESET = ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))

FAILURES = {
    "connection refused": (requests.ConnectionError(_wrapped(REFUSED)), Outcome.NOT_SENT),
    "no such name": (requests.ConnectionError(_wrapped(NO_SUCH_NAME)), Outcome.NOT_SENT),
    "connect timeout": (requests.ConnectTimeout(_wrapped(ConnectTimeoutError("slow"))), Outcome.NOT_SENT),
    "tls failure": (requests.exceptions.SSLError(_wrapped(TlsError(ssl.SSLError("bad")))), Outcome.NOT_SENT),
    "read timeout": (requests.ReadTimeout(ReadTimeoutError(None, URL, "slow")), Outcome.UNKNOWN),  # type: ignore[arg-type]
    "connection reset": (requests.ConnectionError(RESET), Outcome.UNKNOWN),
    "closed without an answer": (requests.ConnectionError(ProtocolError("Connection aborted.")), Outcome.UNKNOWN),
    "no reason given": (requests.ConnectionError(), Outcome.UNKNOWN),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_tells_what_never_left_from_what_may_have(kentik: RequestsMock, failure: str) -> None:
    error, outcome = FAILURES[failure]
    kentik.post(URL, body=error)

    call = start()

    assert (call.outcome, call.received, len(kentik.calls)) == (outcome, None, 1)


def test_says_that_nothing_was_sent_only_when_it_was_not(kentik: RequestsMock) -> None:
    for error, outcome in FAILURES.values():
        kentik.post(URL, body=error)
        assert ("nothing was sent" in start().sentence) is (outcome is Outcome.NOT_SENT)


def _kinds_of(error: type[RequestException]) -> Iterator[type[RequestException]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds_of(kind)


def _raised(kind: type[RequestException]) -> list[RequestException]:
    if issubclass(kind, requests.JSONDecodeError):
        return [kind("what", "text", 0)]
    return [kind(), kind("words"), kind(_wrapped(ValueError("x"))), kind(RESET), kind(REFUSED), kind(_wrapped(REFUSED))]


KINDS = sorted(set(_kinds_of(RequestException)), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS)
def test_makes_an_outcome_of_every_error_of_requests(kentik: RequestsMock, kind: type[RequestException]) -> None:
    for error in _raised(kind):
        kentik.post(URL, body=error)
        call = start()
        assert call.outcome in {Outcome.NOT_SENT, Outcome.UNKNOWN}
        assert call.sentence.startswith(("Kentik ", "The connection to Kentik "))


@pytest.mark.parametrize("status", [401, 403])
def test_raises_the_credentials_alarm(kentik: RequestsMock, status: int) -> None:
    kentik.post(URL, status=status)

    assert start().credentials


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500])
def test_leaves_the_credentials_alarm_alone(kentik: RequestsMock, status: int) -> None:
    kentik.post(URL, status=status)

    assert not start().credentials


def test_notes_when_it_started_and_how_long_it_took(kentik: RequestsMock) -> None:
    kentik.post(URL, OK)

    call = start()

    assert call.started_at == NOW == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert 0 <= call.duration_ms < 1000


def test_keeps_the_answers_headers_as_lines(kentik: RequestsMock) -> None:
    kentik.post(URL, OK, headers={"x-request-id": "abc"})

    call = start()

    assert call.received is not None
    assert "x-request-id: abc" in call.received.headers.splitlines()


def test_keeps_the_first_64_kib_of_an_answer_and_says_so(kentik: RequestsMock) -> None:
    kentik.post(URL, "x" * 70_000, status=500)

    received = start().received

    assert received is not None
    assert (len(received.body), received.cut) == (64 * 1024, True)


def test_does_not_say_that_a_whole_answer_was_cut(kentik: RequestsMock) -> None:
    kentik.post(URL, "x" * 64 * 1024, status=500)

    received = start().received

    assert received is not None
    assert not received.cut


def test_puts_a_sign_in_the_place_of_nul(kentik: RequestsMock) -> None:
    kentik.post(URL, '{"error":"a\\u0000b"}\x00', status=400)

    call = start()

    assert call.received is not None
    assert call.received.body == '{"error":"a\\u0000b"}␀'
    assert "\x00" not in call.sentence


def test_reads_bytes_that_are_no_text(kentik: RequestsMock) -> None:
    kentik.post(URL, b"\xff\xfe", status=500)

    received = start().received

    assert received is not None
    assert received.body == "\ufffd\ufffd"


# --- Credentials appear nowhere ---------------------------------------------------------------------------------------


def _echo(status: int) -> Call:
    """A call to a server that repeats all that it was sent, in its headers and in its body."""

    def talk(connection: socket.socket, heard: Heard) -> None:
        request = read_request(connection)
        heard.requests.append(request)
        lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        echoed = b"".join(b"X-Echo-" + line + b"\r\n" for line in lines if not line.startswith(b"Content-"))
        head = f"HTTP/1.1 {status} Echo\r\nContent-Length: {len(request)}\r\nAuthorization: {TOKEN}\r\n".encode()
        connection.sendall(head + f"Set-Cookie: token={TOKEN}\r\n".encode() + echoed + b"\r\n" + request)

    with listening(talk) as heard:
        call = start(f"http://{heard.address}")
    assert TOKEN.encode() in heard.requests[0]
    return call


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_keeps_no_credentials_that_kentik_repeats(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    kept = repr(_echo(status))

    assert "[redacted]" in kept
    for secret in (TOKEN, EMAIL):
        assert secret not in kept
        assert secret not in caplog.text


def test_names_the_credential_headers_without_their_values(kentik: RequestsMock) -> None:
    kentik.post(URL, OK)

    lines = start().sent.headers.splitlines()

    assert {"X-CH-Auth-Email: [redacted]", "X-CH-Auth-API-Token: [redacted]"} <= set(lines)


def test_hides_cookies_of_the_answer(kentik: RequestsMock) -> None:
    kentik.post(URL, OK, headers={"Set-Cookie": "sid=secret"})

    assert "secret" not in repr(start())


def test_keeps_no_credentials_that_the_reason_spells_otherwise(kentik: RequestsMock) -> None:
    kentik.post(URL, '{"error":"bad token \\u0063anary-0123456789abcdef"}', status=401)

    assert TOKEN not in start().sentence


def test_keeps_no_half_of_a_credential_where_a_long_answer_is_cut(kentik: RequestsMock) -> None:
    kentik.post(URL, "x" * (64 * 1024 - len(TOKEN) + 1) + TOKEN, status=500)

    received = start().received

    assert received is not None
    assert TOKEN[:-1] not in received.body


@pytest.mark.parametrize("failure", FAILURES)
def test_keeps_no_credentials_when_a_call_fails(kentik: RequestsMock, failure: str) -> None:
    kentik.post(URL, body=FAILURES[failure][0])

    kept = repr(start())

    assert TOKEN not in kept
    assert EMAIL not in kept


def test_keeps_no_credentials_from_the_words_of_an_error(kentik: RequestsMock) -> None:
    kentik.post(URL, body=requests.ConnectionError(f"cannot send {TOKEN} of {EMAIL}"))

    sentence = start().sentence

    assert TOKEN not in sentence
    assert EMAIL not in sentence
