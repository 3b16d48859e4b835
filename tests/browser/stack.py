"""The whole product as processes: web, worker and the stand-in Kentik, on a scratch database and free ports."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
import requests

from accounts.secrets import new_key
from tests.receiving import free_port
from tests.shared import once, template

ROOT = Path(__file__).parents[2]
PASSWORD = "harbour-tide-1234"
_PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Stack:
    url: str
    kentik: str

    def sent(self, target: str) -> list[dict[str, Any]]:
        """The calls about one target that the stand-in Kentik has seen."""
        journal = requests.get(f"{self.kentik}/_sandbox/journal", timeout=30).json()
        return [call for call in journal if target in call["body"]]

    def lose_the_next_answer(self) -> None:
        """Of a start, which comes to nothing: what Kentik has, the portal would find there."""
        self.fault(kind="status", status=503, api="v5")

    def refuse_v6(self) -> None:
        self.fault(kind="status", status=403, api="v6", times=10_000)

    def start_elsewhere(self, target: str, *, comment: str = "Nightly test") -> None:
        """As somebody does in Kentik's own dialog."""
        self._post("elsewhere", ip_cidr=target, comment=comment, minutes=60)

    def fault(self, **fields: object) -> None:
        self._post("faults", **fields)

    def live(self, target: str) -> bool:
        """Whether the stand-in Kentik acts on it."""
        return any(row["state"] == "active" for row in self._mitigations(target))

    def kentik_id(self, target: str) -> str:
        (row,) = self._mitigations(target)
        return str(row["id"])

    def _mitigations(self, target: str) -> list[dict[str, Any]]:
        rows = requests.get(f"{self.kentik}/_sandbox/mitigations", timeout=30).json()
        return [row for row in rows if row["ip_cidr"] == target]

    def _post(self, what: str, **fields: object) -> None:
        requests.post(f"{self.kentik}/_sandbox/{what}", json=fields, timeout=30).raise_for_status()


@contextmanager
def running(*, prepare: Callable[[Stack], None] = lambda _: None, **settings: str) -> Iterator[Stack]:
    """`prepare` is called before the worker makes its first call. `settings`: what is set otherwise."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context(open(folder / "log", "w+"))
        sandbox = stack.enter_context(_process([sys.executable, "-m", "sandbox", "--port", "0"], dict(os.environ), log))
        assert sandbox.stdout is not None
        kentik = sandbox.stdout.readline().split()[-1]
        port = str(free_port())
        url = f"http://127.0.0.1:{port}"
        prepare(Stack(url=url, kentik=kentik))
        environment = {**_environment(stack.enter_context(_database(folder)), kentik, port), **settings}
        _prepare(environment)
        for command in _procfile():
            stack.enter_context(_process(command, environment, log))
        until_ready(url, log)
        yield Stack(url=url, kentik=kentik)


def _environment(database: str, kentik: str, port: str) -> dict[str, str]:
    return {
        **os.environ,
        "SECRET_KEY": uuid.uuid4().hex * 2,
        "DATABASE_URL": database,
        # By its name too: browsers make passkeys for none that is a number.
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "FACTOR_KEYS": new_key(),
        # Those who sign in once act for as long as the tests run.
        "PROOF_MAX_AGE_MINUTES": "600",
        "HTTPS_ONLY": "False",
        "LOG_FORMAT": "plain",
        "KENTIK_BASE_URL": kentik,
        "KENTIK_V6": "True",
        "KENTIK_API_EMAIL": "robot@example.net",
        "KENTIK_API_TOKEN": "canary-7f3a9c51",
        "DEMO_PASSWORD": PASSWORD,
        "PORT": port,
    }


def _procfile() -> list[list[str]]:
    """As honcho runs them: by a shell."""
    return [["sh", "-c", line.partition(":")[2].strip()] for line in (ROOT / "Procfile").read_text().splitlines()]


def _prepare(environment: dict[str, str]) -> None:
    """The first stack of a run migrates and seeds; on SQLite those after it begin with a copy of what it made."""
    made = environment["DATABASE_URL"].removeprefix("sqlite:///")
    seeded = template("seeded") if made.startswith("/") else None
    if seeded is not None and seeded.take(made):
        return
    collect_static(environment)
    for command in ("migrate --verbosity 0", "seed_demo"):
        manage(command, environment)
    if seeded is not None:
        seeded.give(made)


def collect_static(environment: dict[str, str]) -> None:
    """Collecting anew takes files away for a moment: a web process that starts just then misses one, and ends."""
    with once("collected-static") as is_due:
        if is_due:
            manage("collectstatic --no-input --verbosity 0", environment)


def manage(command: str, environment: dict[str, str]) -> None:
    """Run a command of manage.py, one at a time: several runs at once share one folder of static files."""
    with open(Path(tempfile.gettempdir()) / "breakwater-collectstatic.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            [sys.executable, "manage.py", *command.split()],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def _process(command: list[str], environment: dict[str, str], log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    out = subprocess.PIPE if "sandbox" in command else log
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=log, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A file of its own; beside a PostgreSQL that DATABASE_URL names, a database of its own there."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder / 'browser.sqlite3'}"
        return
    name = f"browser_{uuid.uuid4().hex[:12]}"
    address = server.rpartition("/")[0]
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{address}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def until_ready(url: str, log: IO[str]) -> None:
    """Wait for the portal; when it does not come, fail with what its processes said."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if requests.get(f"{url}/readyz", timeout=30).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        if time.monotonic() >= deadline:
            log.seek(0)
            raise AssertionError(f"the portal did not start:\n{log.read()}")
        time.sleep(0.05)
