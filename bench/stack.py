"""The product as processes, on a scratch database."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

import psycopg
import requests

from sandbox.server import Sandbox

PASSWORD = secrets.token_urlsafe(12)


@dataclass(frozen=True, kw_only=True)
class Database:
    engine: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    portal: str
    sandbox: Sandbox


@contextmanager
def scratch_database() -> Iterator[Database]:
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        with tempfile.TemporaryDirectory() as folder:
            yield Database(engine="SQLite", url=f"sqlite:///{folder}/bench.sqlite3")
        return
    name = f"breakwater_bench_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield Database(engine="PostgreSQL", url=f"{server.rsplit('/', 1)[0]}/{name}")
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def stack(database: Database) -> Iterator[Stack]:
    """Sandbox, gunicorn and a worker, with the demo's cast and catalogue."""
    port = _free_port()
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox(port=0))
        os.environ.update(_settings(database, sandbox))
        for command in (
            ["migrate", "--verbosity", "0"],
            ["collectstatic", "--no-input", "--verbosity", "0"],
            ["seed_demo"],
        ):
            subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.DEVNULL)
        web = ["-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8", "--no-control-socket"]
        for command in (web, ["manage.py", "worker"]):
            running.enter_context(_process([sys.executable, *command]))
        portal = f"http://127.0.0.1:{port}"
        _wait_for(portal)
        yield Stack(portal=portal, sandbox=sandbox)


def _settings(database: Database, sandbox: Sandbox) -> dict[str, str]:
    return {
        "DATABASE_URL": database.url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "HTTPS_ONLY": "False",
        "LOG_LEVEL": "ERROR",
        "DEMO_PASSWORD": PASSWORD,
        "KENTIK_BASE_URL": sandbox.url,
        "KENTIK_API_EMAIL": "bench@example.net",
        "KENTIK_API_TOKEN": secrets.token_hex(16),
        # What is measured is the way to the lane; its budget would make the second twenty wait for a minute.
        "KENTIK_CALLS_SOFT_PER_MINUTE": "1000",
        "KENTIK_CALLS_HARD_PER_MINUTE": "2000",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


@contextmanager
def _process(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=Path.cwd(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(portal: str) -> None:
    for _ in range(200):
        try:
            if requests.get(f"{portal}/readyz", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise SystemExit("The portal did not come up.")
