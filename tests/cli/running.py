"""The command in this process, and in one of its own before a terminal."""

from __future__ import annotations

import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

from click.testing import CliRunner, Result

from breakwater_cli.main import cli

CLI = Path(__file__).parents[2] / "cli"
TOKEN = f"bwk_{'t' * 43}"


def run(url: str, token: str, *words: str, **options: object) -> Result:
    """Nobody sits there: neither side is a terminal."""
    environment = {"BREAKWATER_TOKEN": token or None, "BREAKWATER_URL": url or None}
    result = CliRunner(env=environment).invoke(cli, words, **options)  # type: ignore[arg-type] # click's own options
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def environment(url: str, token: str, **more: str) -> dict[str, str]:
    given = {"BREAKWATER_URL": url, "BREAKWATER_TOKEN": token, "PYTHONPATH": str(CLI), **more}
    return {name: value for name, value in {**os.environ, **given}.items() if value}


class Terminal:
    """Somebody who sits before 80 columns, unless told otherwise, and types."""

    def __init__(self, url: str, token: str, *words: str, columns: int = 80, **more: str) -> None:
        self.seen = ""
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        env = environment(url, token, **{"TERM": "xterm-256color", "COLUMNS": "", "NO_COLOR": "", **more})
        # Whoever leads a session and opens a terminal has it: its Ctrl-C is theirs.
        shell = ["sh", "-c", f'exec "$0" "$@" <{os.ttyname(theirs)}']
        command = [*shell, sys.executable, "-m", "breakwater_cli", *words]
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
        os.close(theirs)

    def reads(self, text: str) -> str:
        """Until it has appeared; everything up to now."""
        deadline = time.monotonic() + 10
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            assert self._read_some() or text in self.seen, self.seen
        return self.seen

    def types(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        """Its exit code; all that it wrote is in `seen` then."""
        while self._read_some():
            pass
        os.close(self._ours)
        return self._process.wait(10)

    def _read_some(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 10)
        try:
            found = os.read(self._ours, 65536) if ready else b""
        except OSError:  # what Linux says when the other side is closed
            found = b""
        self.seen += found.decode(errors="replace")
        return bool(found)
