"""What keeps a command from being done, sorted by what its user does next.

Failure
├── NotSent     nothing left: try again as it is
├── Unclear     it may have happened: the command to find out stands in it
├── NoToken     sign in
├── Refused     the portal said no, with every finding
├── Broken      the portal broke, or it is none; nothing was to be changed
└── Ended       what was watched ended in a way that has an exit code of its own
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import IO, Any

import click

from breakwater_cli.exits import Exit, of_status
from breakwater_cli.words import clean, with_mend


class Failure(click.ClickException):
    """Its sentences are for people; nothing in them can steer a terminal."""

    def __init__(self, exit: Exit, *sentences: str) -> None:
        super().__init__("\n".join(clean(each) for each in sentences if each))
        self.exit_code = int(exit)  # type: ignore[misc] # click reads it from the instance as well

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


class NotSent(Failure):
    def __init__(self, portal: str, trouble: str) -> None:
        super().__init__(Exit.NOT_SENT, f"{portal} could not be reached ({trouble}).", "Nothing was sent.")


class Unclear(Failure):
    """`again`: the words of the very command that finds out, its key among them."""

    def __init__(self, trouble: str, *, again: Sequence[str]) -> None:
        super().__init__(
            Exit.UNCLEAR,
            trouble,
            "It may or may not have happened. Do not do it anew. For 24 hours this finds out, and does nothing twice:",
            f"  {shlex.join(again)}",
        )


class NoToken(Failure):
    def __init__(self, *sentences: str) -> None:
        super().__init__(Exit.NO_TOKEN, *sentences)


class Refused(Failure):
    """`problem`: as the API wrote it, cleaned; `text`: its JSON."""

    def __init__(self, status: int, problem: dict[str, Any], *, text: str = "", retry_after: int | None = None) -> None:
        findings = _findings(problem)
        sentences = [_told(each) for each in findings] or [str(problem.get("detail") or problem.get("title") or "")]
        later = [f"Try again in {retry_after} s."] if retry_after is not None else []
        head = f"{problem.get('title') or 'The portal refuses'} ({status})."
        super().__init__(of_status(status), head, *(f"  {each}" for each in sentences), *later)
        self.status = status
        self.text = text
        self.retry_after = retry_after
        self.codes = [str(each.get("code")) for each in findings]


class Broken(Failure):
    def __init__(self, trouble: str) -> None:
        super().__init__(Exit.BROKEN, trouble)


class Ended(Failure):
    pass


def _findings(problem: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that can be told. Whatever else stands there must not keep it from being told that the portal refused."""
    found = problem.get("findings")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _told(finding: dict[str, Any]) -> str:
    """What has the wrong shape is told with the place where it stands; any other sentence names what it is about."""
    where = f" ({str(finding.get('pointer') or '').lstrip('/')})" if finding.get("code") == "shape" else ""
    return with_mend(finding) + where
