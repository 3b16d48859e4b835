"""What Apprise's ways reach."""

from __future__ import annotations

import ast
import importlib
import inspect
import ssl
from pathlib import Path
from typing import Any

import pytest
from apprise.plugins import N_MGR

from audit.delivery import NotDelivered
from audit.ways import chat
from audit.ways.chat import BadAddress
from audit.ways.guarded import GUARDED
from tests.audit.ways.test_chat import MESSAGE
from tests.receiving import hook

MODULES = sorted({N_MGR[schema].__module__ for schema in chat.WAYS})
# What could open a connection by itself.
WIRES = {"socket", "ssl", "http", "urllib3", "aiohttp", "httpx", "smtplib", "websocket", "asyncio", "subprocess"}


@pytest.fixture
def nothing_inside(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = ()


def trees(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


@pytest.mark.parametrize("module", MODULES)
class TestTheCodeOfEachWay:
    """A new release of Apprise that reaches out in another manner fails here rather than unseen."""

    def test_takes_from_requests_only_what_stands_in_its_place(self, module: str) -> None:
        used = {
            node.attr
            for node in ast.walk(trees(module))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "requests"
        }
        assert used
        assert used <= set(dir(GUARDED))

    def test_reaches_out_by_nothing_else(self, module: str) -> None:
        names = set()
        for node in ast.walk(trees(module)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and not node.level:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
        assert "requests" in names
        assert {name for name in names if name.split(".")[0] in WIRES or name.startswith("urllib.request")} == set()
        assert not {name for name in names if name.startswith("requests.")}


@pytest.mark.usefixtures("nothing_inside")
class TestWhatIsInside:
    @pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[fd00::1]"])
    def test_is_refused_when_an_address_names_it(self, host: str) -> None:
        with pytest.raises(BadAddress, match="inside the network"):
            chat.label(f"json://{host}/canary-5e1f")

    @pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
    def test_is_not_connected_to_however_it_is_written(self, host: str) -> None:
        with hook() as inside:
            with pytest.raises((NotDelivered, BadAddress)):
                chat.send(MESSAGE, address=f"json://{host}:{inside.port}/", seconds=5)
            assert inside.calls == []

    def test_is_told_apart_from_what_does_not_answer(self) -> None:
        with hook() as inside, pytest.raises(NotDelivered, match="at an address that is not allowed"):
            chat.send(MESSAGE, address=f"json://localhost:{inside.port}/", seconds=5)


def test_takes_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login canary password canary")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with hook() as told:
        chat.send(MESSAGE, address=told.address, seconds=5)
    assert len(told.calls) == 1
    assert "Authorization" not in told.heard[0]


@pytest.mark.parametrize("wish", ["", "?verify=no"])
def test_tells_nothing_to_somebody_whom_nobody_vouches_for(wish: str, tls: ssl.SSLContext) -> None:
    with hook(tls=tls) as told, pytest.raises(NotDelivered):
        chat.send(MESSAGE, address=f"{told.address.replace('json', 'jsons')}{wish}", seconds=5)
    assert told.calls == []


def test_trusts_an_authority_of_our_own(tls: ssl.SSLContext, certificate: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with hook(tls=tls) as told:
        chat.send(MESSAGE, address=told.address.replace("json", "jsons"), seconds=5)
    assert len(told.calls) == 1
