"""Whether the audit log is as it was written: by the portal's word, or by this machine's own sums."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from breakwater_cli.chain import Head
from breakwater_cli.commands import options
from breakwater_cli.commands.auditing_here import Kept, verify_here
from breakwater_cli.commands.patience import Patience
from breakwater_cli.desk import Desk, deed
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Ended
from breakwater_cli.operations import ALL_EXCHANGES, CHECKPOINTS, EVENTS, VERIFICATION, VERIFY
from breakwater_cli.walk import stated

_KEPT = re.compile(r"(exchanges:)?([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)


class KeptHead(click.ParamType[Kept]):
    """NUMBER:HASH of an event or exchanges:NUMBER:HASH, as a verification prints both at its end."""

    name = "number:hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Kept:
        match = _KEPT.fullmatch(str(value))
        if match is None:
            self.fail(
                "It reads 1042: and 64 hexadecimal digits, with exchanges: before it for an exchange, as a verification"
                " before printed it.",
                param,
                ctx,
            )
        return "exchanges" if match[1] else "events", Head(number=int(match[2]), hash=match[3])


@deed("verify", VERIFY, VERIFICATION, EVENTS, ALL_EXCHANGES, CHECKPOINTS)
@click.option("--whole", is_flag=True, help="From the first event, rather than from the newest checkpoint.")
@click.option("--locally", is_flag=True, help="Read all of it, and compute the hashes here: nobody need be trusted.")
@click.option("--kept", type=KeptHead(), multiple=True, help="With --locally: what an earlier one printed at its end.")
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --locally: a checkpoint that was kept elsewhere.",
)
@click.option("--patience", type=click.FloatRange(min=0), default=10, show_default=True, metavar="MINUTES")
@options.key
@click.pass_obj
def verify(
    desk: Desk,
    /,
    whole: bool,
    locally: bool,
    kept: Sequence[Kept],
    files: Sequence[Path],
    patience: float,
    key: str | None,
) -> None:
    """Verify the audit log. Ends with 15 when it is not as it was written, and with 14 where what you kept lies in an
    archive, which must be verified as well.

    The portal's worker does it, and this command waits for what it finds. With --locally this machine does it.
    """
    if (kept or files) and not locally:
        raise click.UsageError("What was kept elsewhere is compared with --locally.")
    if locally:
        verify_here(desk, [*kept, *_stated(files)])
    else:
        _verify_there(desk, Patience(desk=desk, minutes=patience), whole=whole, key=key)


def _verify_there(desk: Desk, waits: Patience, *, whole: bool, key: str | None) -> None:
    portal = desk.portal
    words = ["verify", *(["--whole"] if whole else [])]
    answer = portal.change(VERIFY, desk.change({"whole": whole}, words, key))
    waits.has_begun = True
    with _spinner(desk, "The worker verifies the log"):
        while answer.body["awaited"]:
            waits.wait(waits.pace.after_nothing())
            answer = waits.until_it_answers(lambda: portal.get(VERIFICATION))
    desk.say(answer, lambda: answer.body["sentence"])
    if not answer.body["sound"]:
        raise Ended(Exit.UNSOUND, "The log is not as it was written." if not desk.as_json else "")


def _stated(files: Sequence[Path]) -> Iterator[Kept]:
    for file in files:
        try:
            yield from stated(file.read_text(encoding="utf-8", errors="replace"))
        except ValueError:
            raise click.UsageError(f"{file} is no checkpoint of an audit log.") from None


@contextmanager
def _spinner(desk: Desk, words: str) -> Iterator[None]:
    if not desk.aside.is_terminal:
        yield
        return
    with desk.aside.status(words):
        yield
