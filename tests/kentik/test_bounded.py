"""Over real sockets: what never left, what may have arrived, how long it may take, and never a second POST."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from urllib3.exceptions import NewConnectionError

from mitigations.kentik.bounded import Watch
from mitigations.kentik.messages import Call, Outcome
from sandbox.server import Sandbox
from tests.kentik.calls import MESSAGE, OK, TOKEN, make_client, posts, start
from tests.kentik.servers import (
    Talk,
    answers,
    behind_tls,
    closed_port,
    hangs_up,
    listening,
    resets,
    says_nothing,
    trickles,
)

ACCEPTED = f"HTTP/1.1 200 OK\r\nContent-Length: {len(OK)}\r\n\r\n{OK}".encode()

# --- The sandbox's faults ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "options", "outcome", "created"),
    [
        ("hang", {}, Outcome.UNKNOWN, 0),
        ("accept-then-drop", {}, Outcome.UNKNOWN, 1),
        ("close-before-reading", {}, Outcome.UNKNOWN, 0),
        ("malformed-json", {}, Outcome.UNKNOWN, 1),
        ("redirect", {}, Outcome.UNKNOWN, 0),
        ("redirect", {"location": "http://127.0.0.1:9/"}, Outcome.UNKNOWN, 0),
        ("result", {"result": "QUEUED"}, Outcome.UNKNOWN, 0),
        ("trickle", {"seconds": 0.05}, Outcome.UNKNOWN, 1),
        ("delay", {"seconds": 0.1}, Outcome.ACCEPTED, 1),
        ("delay", {"seconds": 2.0}, Outcome.UNKNOWN, 0),
        ("status", {"status": 401}, Outcome.REFUSED, 0),
        ("status", {"status": 429, "headers": {"Retry-After": "0"}}, Outcome.THROTTLED, 0),
        ("status", {"status": 503, "headers": {"Retry-After": "0"}}, Outcome.UNKNOWN, 0),
    ],
)
def test_posts_once_whatever_the_fault(
    sandbox: Sandbox, fault: str, options: dict[str, Any], outcome: Outcome, created: int
) -> None:
    sandbox.fault(fault, **options)

    call = start(sandbox.url, total=1.2)

    assert call.outcome is outcome
    assert len(posts(sandbox)) == 1
    assert len(sandbox.mitigations()) == created


def test_posts_once_a_call_and_starts_anew_each_time(sandbox: Sandbox) -> None:
    client = make_client(sandbox.url)
    sandbox.fault("accept-then-drop")

    outcomes = [client.start(MESSAGE).outcome for _ in range(2)]

    assert outcomes == [Outcome.UNKNOWN, Outcome.REFUSED]
    assert len(posts(sandbox)) == 2


def test_bounds_a_call_that_trickles_as_a_whole(sandbox: Sandbox) -> None:
    sandbox.fault("trickle", seconds=0.02)
    begun = time.monotonic()

    start(sandbox.url, total=0.25)

    assert time.monotonic() - begun < 0.5


@pytest.mark.parametrize("seconds", [0.02, 0.003])
def test_says_that_it_waited_no_longer(sandbox: Sandbox, seconds: float) -> None:
    """The first is cut among the headers of the answer, the second in its body."""
    sandbox.fault("trickle", seconds=seconds)

    assert start(sandbox.url, total=0.25).sentence == "Kentik gave no whole answer within 0.25 s."


def test_says_how_long_kentik_was_silent(sandbox: Sandbox) -> None:
    sandbox.fault("hang")

    assert start(sandbox.url, read=0.1).sentence == "Kentik was silent for 0.1 s after the request was sent."


def test_says_that_an_answer_broke_off() -> None:
    with listening(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + OK.encode())) as heard:
        call = start(f"http://{heard.address}")

    assert (call.outcome, call.sentence) == (Outcome.UNKNOWN, "Kentik's answer (200) broke off before its end.")
    assert call.received is not None
    assert call.received.cut


def test_takes_a_refusal_that_broke_off_for_a_refusal() -> None:
    with listening(answers(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\nno such method")) as heard:
        call = start(f"http://{heard.address}")

    assert call.outcome is Outcome.REFUSED


@pytest.mark.parametrize("body", [b"no such method", OK.encode()])
def test_keeps_what_had_come_of_an_answer_that_broke_off(body: bytes) -> None:
    with listening(answers(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n" + body)) as heard:
        received = start(f"http://{heard.address}").received

    assert received is not None
    assert received.body == body.decode()


@pytest.mark.parametrize("status", [200, 400])
def test_says_that_an_answer_without_a_length_was_cut_when_time_ran_out(status: int) -> None:
    head = f"HTTP/1.1 {status} Whatever\r\n\r\n".encode()
    with listening(trickles(head, b"x" * 100, seconds=0.02)) as heard:
        received = start(f"http://{heard.address}", total=0.2).received

    assert received is not None
    assert received.cut


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
CHUNK = f"{len(OK):x}\r\n{OK}\r\n".encode()
GZIP = gzip.compress(OK.encode(), mtime=0)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", OK.encode()),
        (CHUNKED, CHUNK + b"0\r\n\r\n"),
        (GZIPPED + f"Content-Length: {len(GZIP)}\r\n\r\n".encode(), GZIP),
    ],
)
def test_reads_an_answer_that_comes_in_pieces_however_it_is_wrapped(head: bytes, body: bytes) -> None:
    with listening(trickles(head, body, seconds=0.001)) as heard:
        call = start(f"http://{heard.address}")

    assert call.outcome is Outcome.ACCEPTED
    assert call.received is not None
    assert (call.received.body, call.received.cut) == (OK, False)


@pytest.mark.parametrize(
    "answer", [CHUNKED + CHUNK, GZIPPED + f"Content-Length: {len(GZIP)}\r\n\r\n".encode() + GZIP[:-4]]
)
def test_does_not_trust_an_ok_whose_wrapping_broke_off(answer: bytes) -> None:
    with listening(answers(answer)) as heard:
        call = start(f"http://{heard.address}")

    assert call.outcome is Outcome.UNKNOWN
    assert call.received is not None
    assert call.received.cut


# --- What never left --------------------------------------------------------------------------------------------------


def test_has_sent_nothing_to_a_port_that_is_closed() -> None:
    call = start(f"http://{closed_port()}")

    assert call.outcome is Outcome.NOT_SENT
    assert call.sentence == "Kentik could not be reached (NewConnectionError); nothing was sent."


def test_has_sent_nothing_when_the_name_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert start("https://api.kentik.com").outcome is Outcome.NOT_SENT


def test_has_sent_nothing_when_the_connection_comes_after_the_time_is_over(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def dawdle(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.1)
        return look_up(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", dawdle)

    assert start(sandbox.url, total=0.03).outcome is Outcome.NOT_SENT
    assert posts(sandbox) == []


def test_has_sent_nothing_to_a_port_that_speaks_no_tls(sandbox: Sandbox) -> None:
    call = start(sandbox.url.replace("http://", "https://"))

    assert call.outcome is Outcome.NOT_SENT
    assert sandbox.journal() == []


def test_has_sent_nothing_to_a_server_that_nobody_vouches_for(tls: ssl.SSLContext) -> None:
    with listening(behind_tls(answers(ACCEPTED), tls)) as heard:
        call = start(f"https://{heard.address}")

    assert (call.outcome, heard.connections, heard.requests) == (Outcome.NOT_SENT, 1, [])


@pytest.mark.parametrize("dies", [hangs_up, resets, says_nothing])
def test_has_sent_nothing_when_tls_never_came_about(dies: Talk) -> None:
    with listening(dies) as heard:
        call = start(f"https://{heard.address}")

    assert (call.outcome, heard.connections) == (Outcome.NOT_SENT, 1)


# --- What may have arrived --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dies", [hangs_up, resets, says_nothing])
def test_does_not_know_when_a_connection_stood_and_died(dies: Talk) -> None:
    with listening(dies) as heard:
        call = start(f"http://{heard.address}")

    assert (call.outcome, heard.connections) == (Outcome.UNKNOWN, 1)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("dies", [hangs_up, resets, says_nothing])
def test_does_not_know_when_it_died_after_tls_stood(dies: Talk, tls: ssl.SSLContext) -> None:
    with listening(behind_tls(dies, tls)) as heard:
        call = start(f"https://{heard.address}")

    assert (call.outcome, heard.connections) == (Outcome.UNKNOWN, 1)


@pytest.mark.usefixtures("trusted")
def test_sends_once_over_tls(tls: ssl.SSLContext) -> None:
    with listening(behind_tls(answers(ACCEPTED), tls)) as heard:
        call = start(f"https://{heard.address}")

    assert (call.outcome, len(heard.requests)) == (Outcome.ACCEPTED, 1)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"HTTP/1.1 200 OK\r\n"])
def test_bounds_a_call_over_tls_as_a_whole(tls: ssl.SSLContext, head: bytes) -> None:
    begun = time.monotonic()
    with listening(behind_tls(trickles(head, b"x" * 100, seconds=0.02), tls)) as heard:
        call = start(f"https://{heard.address}", total=0.2)

    assert call.outcome is Outcome.UNKNOWN
    assert time.monotonic() - begun < 0.6


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 307 Elsewhere\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 307 Elsewhere\r\nLocation: /\xe9\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 307 Elsewhere\r\nLocation: http://a:99999999/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 307 Elsewhere\r\nLocation: /x\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 307 Elsewhere\r\nLocation: /x\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 7\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 999 Whatever\r\n\r\n",
        b"Good evening.\r\n\r\n",
        b"\x00" * 100,
    ],
)
def test_raises_nothing_whatever_is_answered(answer: bytes) -> None:
    with listening(answers(answer)) as heard:
        call = start(f"http://{heard.address}")

    assert (call.outcome, len(heard.requests)) == (Outcome.UNKNOWN, 1)


def test_follows_no_redirect() -> None:
    with listening(answers(ACCEPTED)) as other:
        moved = f"HTTP/1.1 307 Elsewhere\r\nLocation: http://{other.address}/\r\nContent-Length: 0\r\n\r\n".encode()
        with listening(answers(moved)) as heard:
            call = start(f"http://{heard.address}")

    assert (call.outcome, len(heard.requests), other.connections) == (Outcome.UNKNOWN, 1, 0)


def test_takes_a_new_connection_for_each_call() -> None:
    with listening(answers(ACCEPTED)) as heard:
        client = make_client(f"http://{heard.address}")
        client.start(MESSAGE)
        client.start(MESSAGE)

    assert (heard.connections, len(heard.requests)) == (2, 2)


def test_sends_back_no_cookie() -> None:
    cookie = ACCEPTED.replace(b"Content-Length", b"Set-Cookie: sid=secret\r\nContent-Length")
    with listening(answers(cookie)) as heard:
        client = make_client(f"http://{heard.address}")
        first, second = client.start(MESSAGE), client.start(MESSAGE)

    assert heard.requests[0] == heard.requests[1]
    assert "secret" not in repr([first, second])


# --- The environment --------------------------------------------------------------------------------------------------


def test_ignores_proxies_and_netrc_of_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        for spelling in (name, name.lower()):
            monkeypatch.setenv(spelling, f"http://{closed_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    assert start(sandbox.url).outcome is Outcome.ACCEPTED
    assert "Authorization" not in dict(posts(sandbox)[0]["headers"])


def test_trusts_no_authority_that_the_environment_names(
    tls: ssl.SSLContext, certificate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate))

    with listening(behind_tls(answers(ACCEPTED), tls)) as heard:
        assert start(f"https://{heard.address}").outcome is Outcome.NOT_SENT


# --- The watch itself -------------------------------------------------------------------------------------------------


def test_leaves_no_timer_behind(sandbox: Sandbox) -> None:
    start(sandbox.url, total=60)

    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)


def test_cuts_a_connection_whose_time_runs_out_as_it_comes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer rings between the look at it and the note of the socket."""
    rings: list[Any] = []

    class Timer:
        daemon = False

        def __init__(self, seconds: float, ring: Any) -> None:
            rings.append(ring)

        def start(self) -> None: ...

        def cancel(self) -> None: ...

    class Connection:
        def __init__(self, ours: socket.socket) -> None:
            self._ours = ours

        @property
        def sock(self) -> socket.socket:
            rings[0]()
            return self._ours

        def close(self) -> None:
            self._ours.close()

    monkeypatch.setattr(threading, "Timer", Timer)
    ours, theirs = socket.socketpair()
    theirs.settimeout(0.1)
    watch = Watch()
    with ours, theirs, watch.bounding(1):
        with suppress(NewConnectionError):
            watch.stands(Connection(ours))  # type: ignore[arg-type] # all that it looks at
        assert theirs.recv(1) == b""


@pytest.mark.parametrize("fault", ["hang", "accept-then-drop", "malformed-json"])
def test_keeps_no_credentials_of_a_call_that_went_wrong(sandbox: Sandbox, fault: str) -> None:
    sandbox.fault(fault)

    call: Call = start(sandbox.url)

    assert TOKEN not in repr(call)
