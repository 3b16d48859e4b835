"""What the network and strangers may do to a call, over real sockets: what is said, and how often it left."""

from __future__ import annotations

import gc
import json
import re
import shlex
import socket
import ssl
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from breakwater_cli.exits import REFUSALS, Exit
from breakwater_cli.transport import Limits
from mitigations.api.problems import KINDS
from tests.cli.running import TOKEN, run
from tests.kentik.servers import Heard, Talk, answers, behind_tls, listening, read_request, trickles
from tests.receiving import free_port

ASK = ("ask", "203.0.113.7", "--pairing", "1", "--reason", "It's a flood.", "--yes")
MADE: dict[str, Any] = {
    "reference": "MIT-42",
    "target": "203.0.113.7/32",
    "status": "pending",
    "status_note": "",
    "approvals_missing": 1,
    "may_be_approved_by": ["lee"],
    "being_stopped": False,
    "kentik": None,
    "disagreements": [],
}
PROBLEM = "Content-Type: application/problem+json"


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


def problem(status: int, code: str, *headers: str, **more: object) -> bytes:
    """The portal's, unless told of another type."""
    found = {"title": "No", "status": status, "detail": "", "findings": [{"code": code, "sentence": f"Said: {code}."}]}
    found |= {"type": "urn:breakwater:problem:conflict", **more}
    return http(f"{status} No", json.dumps(found).encode(), PROBLEM, *headers)


def made(**more: object) -> bytes:
    return http("201 Created", json.dumps({**MADE, **more}).encode())


def resets(connection: socket.socket, heard: Heard) -> None:
    heard.requests.append(read_request(connection))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes(connection: socket.socket, heard: Heard) -> None:
    heard.requests.append(read_request(connection))


def resets_amid_its_answer(connection: socket.socket, heard: Heard) -> None:
    heard.requests.append(read_request(connection))
    connection.sendall(b"HTTP/1.1 201 Created\r\n\r\n{")
    time.sleep(0.2)  # until its beginning has been read
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def against(talk: Talk, *words: str) -> tuple[Result, Heard]:
    with listening(talk) as heard:
        return run(f"http://{heard.address}", TOKEN, *words), heard


UNCLEAR = {
    "the answer is lost": closes,
    "the connection is reset": resets,
    "the connection is reset amid the answer": resets_amid_its_answer,
    "the answer is cut": answers(http("201 Created", b'{"reference": "MIT').replace(b"Length: 18", b"Length: 99")),
    "what answers speaks no HTTP": answers(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "the answer is no JSON": answers(http("201 Created", b"<html>Created</html>")),
    "the answer is another one's JSON": answers(http("200 OK", b'{"ok": true}')),
    "it leads elsewhere": answers(http("302 Found", b"", "Location: https://elsewhere.example/\x1b[31m")),
    "a proxy has lost the portal": answers(http("502 Bad Gateway", b"<html>nginx</html>", "Content-Type: text/html")),
    "a proxy refuses": answers(http("403 Forbidden", b"<html>nginx</html>", "Content-Type: text/html")),
    "the portal breaks": answers(problem(500, "broken")),
    "the portal has lost its database": answers(problem(503, "away", "Retry-After: 60")),
    "the same call is under way": answers(problem(409, "call-under-way")),
    "a proxy tells a problem of its own": answers(problem(403, "waf", type="about:blank")),
    "a proxy had no patience": answers(problem(408, "slow", type="about:blank", findings=None)),
    "a proxy tells a problem of no type": answers(problem(409, "changed", type=None)),
    "it ends in a way that the portal does not have": answers(problem(499, "closed")),
    "the refusal is no JSON that could be read": answers(http("409 No", b'{"type": "\xff"}', PROBLEM)),
    "the answer is too deep": answers(http("201 Created", b'{"a": ' + b"[" * 700 + b"]" * 700 + b"}")),
    "the answer has not all that is shown": answers(
        http("201 Created", json.dumps({name: MADE[name] for name in ("reference", "target", "status")}).encode())
    ),
    "a member of it has another shape": answers(made(kentik="accepted")),
    "another member of it has another shape": answers(made(status_note={"sentence": ""})),
}


@pytest.mark.parametrize("what", UNCLEAR)
def test_says_that_it_may_have_happened_and_how_to_find_out_when(what: str) -> None:
    result, heard = against(UNCLEAR[what], *ASK)

    assert result.exit_code == Exit.UNCLEAR
    assert (heard.connections, len(heard.requests)) == (1, 1)
    assert "It may or may not have happened." in result.stderr
    assert "\x1b" not in result.output
    again = shlex.split(result.stderr.splitlines()[-1])
    assert again[:3] == ["breakwater", "--portal", f"http://{heard.address}"]
    _, second = against(answers(http("201 Created", b"{}")), *again[3:])
    assert sent(second) == sent(heard)


def sent(heard: Heard) -> tuple[bytes, bytes]:
    """The key and the body of the one request: by these the portal knows a call again."""
    [request] = heard.requests
    key = re.search(rb"Idempotency-Key: (\S+)", request)
    assert key is not None
    return key[1], request.partition(b"\r\n\r\n")[2]


def test_gives_every_call_a_key_of_its_own() -> None:
    assert sent(against(closes, *ASK)[1])[0] != sent(against(closes, *ASK)[1])[0]


@pytest.mark.parametrize(
    ("status", "code", "end"),
    [
        (400, "shape", Exit.UNACCEPTABLE),
        (401, "no-token", Exit.NO_TOKEN),
        (403, "role", Exit.FORBIDDEN),
        (404, "none", Exit.NOT_FOUND),
        (409, "changed", Exit.CONFLICT),
        (422, "protected", Exit.UNACCEPTABLE),
        (405, "method", Exit.UNACCEPTABLE),
        (411, "length", Exit.UNACCEPTABLE),
        (413, "too-large", Exit.UNACCEPTABLE),
        (415, "not-json", Exit.UNACCEPTABLE),
        (429, "too-often", Exit.LATER),
    ],
)
def test_ends_as_the_portal_refuses_and_sends_nothing_again(status: int, code: str, end: Exit) -> None:
    result, heard = against(answers(problem(status, code, "Retry-After: 17")), *ASK)

    assert (result.exit_code, len(heard.requests)) == (end, 1)
    assert f"Said: {code}." in result.stderr
    assert "17 s" in result.stderr


def test_takes_for_refusals_what_the_api_documents() -> None:
    assert set(REFUSALS) == {kind.status for kind in KINDS}


@pytest.mark.parametrize("findings", [None, "role", ["role"], {"code": "role"}, [{}], [None, {"sentence": None}]])
def test_says_that_the_portal_refused_whatever_its_findings_look_like(findings: object) -> None:
    refusal = problem(403, "role", title="You may not do this", detail="Ask max.", findings=findings)
    result, _ = against(answers(refusal), *ASK, "--json")

    assert result.exit_code == Exit.FORBIDDEN
    assert result.stderr.startswith("You may not do this (403).")
    assert json.loads(result.stdout)["findings"] == findings


def test_writes_for_scripts_what_was_made_without_a_look_at_how_people_would_see_it() -> None:
    result, _ = against(answers(made(kentik="accepted")), *ASK, "--json")

    assert (result.exit_code, json.loads(result.stdout)["kentik"]) == (Exit.DONE, "accepted")


def test_says_of_many_too_that_they_may_have_been_asked_for_though_they_cannot_be_shown() -> None:
    many = ("ask", "203.0.113.7", "203.0.113.9", "--pairing", "1", "--reason", "It's a flood.", "--yes")
    result, heard = against(answers(http("201 Created", b'{"items": [{"reference": "MIT-42"}]}')), *many)

    assert result.exit_code == Exit.UNCLEAR
    assert "The answer cannot be shown (KeyError)." in result.stderr
    assert sent(heard)[0].decode() in result.stderr


def test_says_that_nothing_was_sent_where_nobody_listens() -> None:
    result = run(f"http://127.0.0.1:{free_port()}", TOKEN, *ASK)

    assert result.exit_code == Exit.NOT_SENT
    assert "Nothing was sent." in result.stderr


def test_says_that_nothing_was_sent_to_a_name_that_nobody_has() -> None:
    assert run("https://breakwater.invalid", TOKEN, *ASK).exit_code == Exit.NOT_SENT


class TestTls:
    def test_sends_nothing_to_whom_it_cannot_trust(self, tls: ssl.SSLContext) -> None:
        with listening(behind_tls(answers(http("201 Created")), tls)) as heard:
            result = run(f"https://{heard.address}", TOKEN, *ASK)

        assert result.exit_code == Exit.NOT_SENT
        assert heard.requests == []

    def test_trusts_whom_the_machine_trusts(
        self, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with listening(behind_tls(answers(problem(409, "changed")), tls)) as heard:
            result = run(f"https://{heard.address}", TOKEN, *ASK)

        assert result.exit_code == Exit.CONFLICT
        assert len(heard.requests) == 1

    def test_gives_a_proxy_no_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with listening(answers(http("503 Busy"))) as proxy:
            monkeypatch.setenv("https_proxy", f"http://us:canary@{proxy.address}")
            monkeypatch.setenv("no_proxy", "")
            result = run("https://breakwater.example.net", TOKEN, *ASK)

        assert result.exit_code == Exit.NOT_SENT
        [request] = proxy.requests
        assert request.startswith(b"CONNECT breakwater.example.net:443")
        assert b"bwk_" not in request
        assert b"Proxy-Authorization: Basic dXM6Y2FuYXJ5" in request


@pytest.mark.parametrize("url", ["http://breakwater.example.net", "http://10.0.0.1", "ftp://127.0.0.1", "nonsense"])
def test_speaks_without_tls_to_this_machine_alone(url: str) -> None:
    result = run(url, TOKEN, *ASK)

    assert result.exit_code == Exit.USAGE
    assert "is not where a portal can be" in result.stderr


@pytest.mark.parametrize("path", ["ü", "a b", "a\tb"])
def test_says_of_a_path_that_cannot_be_sent_that_it_was_not_understood(path: str) -> None:
    with listening(closes) as heard:
        result = run(f"http://{heard.address}/{path}", TOKEN, *ASK)

    assert result.exit_code == Exit.USAGE
    assert "is not where a portal can be" in result.stderr
    assert heard.connections == 0


def test_takes_no_address_with_a_password_in_it() -> None:
    assert run("https://us:canary@breakwater.example.net", TOKEN, *ASK).exit_code == Exit.USAGE


def test_cuts_an_answer_that_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("breakwater_cli.portal.Limits", lambda: Limits(connect=1, whole=0.3))
    result, heard = against(trickles(b"HTTP/1.1 201 Created\r\n\r\n", b" " * 100, seconds=0.05), *ASK)

    assert (result.exit_code, len(heard.requests)) == (Exit.UNCLEAR, 1)


def test_closes_its_connection_when_the_answer_breaks_off() -> None:
    against(resets_amid_its_answer, *ASK)

    gc.collect()  # which warns of a socket that nobody has closed, and pytest takes a warning for a failure


class TestLooking:
    """Nothing is changed by it, so nothing can be unclear."""

    @pytest.mark.parametrize("what", [name for name in UNCLEAR if "database" not in name and "under way" not in name])
    def test_ends_as_broken_when(self, what: str) -> None:
        result, heard = against(UNCLEAR[what], "show", "MIT-42")

        assert (result.exit_code, len(heard.requests)) == (Exit.BROKEN, 1)
        assert "\x1b" not in result.output

    def test_says_when_to_try_again(self) -> None:
        result, _ = against(UNCLEAR["the portal has lost its database"], "list")

        assert result.exit_code == Exit.LATER
        assert "Try again in 60 s." in result.stderr

    def test_takes_its_token_to_no_other_place(self) -> None:
        with listening(answers(http("200 OK", json.dumps({"items": [], "next": None}).encode()))) as elsewhere:
            moved = answers(http("307 Moved", b"", f"Location: http://{elsewhere.address}/api/v1/mitigations"))
            result, _ = against(moved, "list")

        assert result.exit_code == Exit.BROKEN
        assert elsewhere.connections == 0
        assert f"It leads to http://{elsewhere.address}/api/v1/mitigations." in result.stderr

    def test_takes_no_other_credentials_along(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login us password canary\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        _, heard = against(closes, "list")

        assert f"Authorization: Bearer {TOKEN}".encode() in heard.requests[0]
