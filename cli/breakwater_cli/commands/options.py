"""What several commands read alike."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from breakwater_cli import completing

F = TypeVar("F", bound=Callable[..., Any])
_REFERENCE = re.compile(r"(?:MIT-)?([1-9][0-9]{0,17})", re.ASCII | re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_AGO = re.compile(r"([0-9]{1,5})([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HINT = "\n# Why? Whoever decides reads it, and the audit log keeps it. Lines that begin with # are left out.\n"


class Reference(click.ParamType[str]):
    name = "reference"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        match = _REFERENCE.fullmatch(str(value))
        if match is None:
            self.fail("A reference reads MIT-42.", param, ctx)
        return f"MIT-{match[1]}"


class Key(click.ParamType[str]):
    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _KEY.fullmatch(str(value)):
            self.fail("A key has 1 to 200 visible ASCII characters.", param, ctx)
        return str(value)


class Moment(click.ParamType[str]):
    """A time with its zone, one of this machine's zone without, or so long ago: 90m, 12h, 7d."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if match := _AGO.fullmatch(text):
            return (datetime.now(UTC) - int(match[1]) * _UNITS[match[2]]).isoformat()
        try:
            return datetime.fromisoformat(text).astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            self.fail("A time reads 2026-11-23T03:00, 2026-11-23 or, so long ago, 90m, 12h, 7d.", param, ctx)


reference = click.argument("reference", type=Reference(), shell_complete=completing.references)
yes = click.option("--yes", "-y", is_flag=True, help="Ask nothing back. For scripts.")
key = click.option("--key", type=Key(), help="The same call with the same key is done once. Made up when left out.")
limit = click.option("--limit", type=click.IntRange(1, 100), default=50, show_default=True, help="So many at once.")


def reason_of(text: str | None) -> str:
    """From the option, or from an editor where somebody sits."""
    if text is None and sys.stdin.isatty() and sys.stdout.isatty():
        lines = (click.edit(_HINT) or "").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("#"))
    if text is None or not text.strip():
        raise click.UsageError("Say why, by --reason. Nothing was done.")
    return text.strip()


def option_words(**values: object) -> list[str]:
    """Options as they would be typed, without those that were left out."""
    return [word for name, value in values.items() if value not in (None, "") for word in (f"--{name}", str(value))]
