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
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox(port=0))
        os.environ.update(_settings(database, sandbox))
        for command in (
            ["migrate", "--verbosity", "0"],
            ["collectstatic", "--no-input", "--verbosity", "0"],
            ["seed_demo"],
        ):
            subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.DEVNULL)
        portal = running.enter_context(web("portal.wsgi", dict(os.environ)))
        running.enter_context(_process([sys.executable, "manage.py", "worker"], dict(os.environ)))
        yield Stack(portal=portal, sandbox=sandbox)


@contextmanager
def web(application: str, environment: dict[str, str]) -> Iterator[str]:
    """Where gunicorn serves it, as the portal is served."""
    port = _free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--threads", "8", "--no-control-socket"]
    with _process([sys.executable, "-m", "gunicorn", application, *options], environment):
        _wait_for(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


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
        # As many as there are: how many are let through is no figure.
        "API_CALLS_PER_MINUTE": "1000000",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=Path.cwd(), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
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
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
    raise SystemExit("The portal did not come up.")
