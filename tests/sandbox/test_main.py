import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import PATH, mitigate, wait_for

ROOT = Path(__file__).parents[2]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().split()[-1]


def test_prints_where_it_listens() -> None:
    with running("--port", "0", "--quiet") as process:
        assert requests.get(url_of(process) + "/_sandbox/journal", timeout=5).json() == []


@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_on_a_signal_even_while_a_call_hangs(stopping: signal.Signals) -> None:
    with running("--port", "0", "--quiet") as process:
        url = url_of(process)
        requests.post(url + "/_sandbox/faults", json={"kind": "hang"}, timeout=5)
        with pytest.raises(requests.ReadTimeout):
            mitigate(url, timeout=0.05)
        process.send_signal(stopping)

        out, err = process.communicate(timeout=2)
    assert (process.returncode, out, err) == (0, "", "")


def test_prints_a_line_for_each_call_without_its_credentials() -> None:
    with running("--port", "0") as process:
        url = url_of(process)
        mitigate(url)
        requests.post(url + "/_sandbox/faults", json={"kind": "accept-then-drop"}, timeout=5)
        with pytest.raises(requests.ConnectionError):
            mitigate(url)
        wait_for(lambda: len(requests.get(url + "/_sandbox/journal", timeout=5).json()) == 2)
        process.terminate()
        _, err = process.communicate(timeout=2)

    assert err.splitlines() == [f"POST {PATH} 200", f"POST {PATH} no answer (accept-then-drop)"]


def test_takes_the_credentials_and_the_spelling_from_its_arguments() -> None:
    with running("--port", "0", "--token", "a-token", "--spelling", "sdk", "--quiet") as process:
        response = mitigate(url_of(process), Comment=None, methodId=None, comment="x", methodID="775")

    assert response.status_code == 200


def test_says_why_it_cannot_start() -> None:
    with Sandbox() as taken, running("--port", taken.url.rpartition(":")[2]) as process:
        _, err = process.communicate(timeout=5)

    assert process.returncode == 1
    assert "Address already in use" in err
