"""Whether the audit log is as it was written: by the portal's word, or by this machine's own sums."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from breakwater_cli.chain import Flaw, Walk
from breakwater_cli.commands import options
from breakwater_cli.commands.patience import Patience
from breakwater_cli.desk import Desk, deed
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Ended
from breakwater_cli.operations import CHECKPOINTS, EVENTS, VERIFICATION, VERIFY
from breakwater_cli.portal import Portal

_KEPT = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)
_SOUND = "The log is as it was written"


class Kept(click.ParamType[tuple[int, str]]):
    """NUMBER:HASH, as a verification prints it at its end."""

    name = "number:hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        match = _KEPT.fullmatch(str(value))
        if match is None:
            self.fail("It reads 1042: and 64 hexadecimal digits, as a verification before printed it.", param, ctx)
        return int(match[1]), match[2]


@deed("verify", VERIFY, VERIFICATION, EVENTS, CHECKPOINTS)
@click.option("--whole", is_flag=True, help="From the first event, rather than from the newest checkpoint.")
@click.option("--locally", is_flag=True, help="Read every event, and compute the hashes here: nobody need be trusted.")
@click.option("--kept", type=Kept(), multiple=True, help="With --locally: what an earlier one printed at its end.")
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
    kept: Sequence[tuple[int, str]],
    files: Sequence[Path],
    patience: float,
    key: str | None,
) -> None:
    """Verify the audit log. Ends with 15 when it is not as it was written.

    The portal's worker does it, and this command waits for what it finds. With --locally this machine does it.
    """
    if (kept or files) and not locally:
        raise click.UsageError("What was kept elsewhere is compared with --locally.")
    if locally:
        _verify_here(desk, [*kept, *map(_stated, files)])
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
    desk.say(answer, answer.body["sentence"])
    if not answer.body["sound"]:
        raise Ended(Exit.UNSOUND, "The log is not as it was written." if not desk.as_json else "")


def _verify_here(desk: Desk, kept: Sequence[tuple[int, str]]) -> None:
    portal, waits = desk.portal, Patience(desk=desk)
    walk, flaw = Walk(marks={}), ""
    try:
        for number, stated in [*kept, *_signed(portal, waits)]:
            _mark(walk, number, stated)
        _walk(desk, portal, waits, walk)
        walk.end()
    except Flaw as found:
        flaw = str(found)
    _tell(desk, walk, flaw)


def _mark(walk: Walk, number: int, stated: str) -> None:
    if walk.marks.setdefault(number, stated) != stated:
        raise Flaw(f"Two that were kept state different events {number}.")


def _walk(desk: Desk, portal: Portal, waits: Patience, walk: Walk) -> None:
    """Every event that there is, and no fewer than the portal says there are."""
    place = 0
    with _bar(desk) as advance:
        while True:
            query = {"after": place, "limit": 500}
            page = waits.until_it_answers(partial(portal.get, EVENTS, query=query)).raw
            for record in page["items"]:
                walk.take(record)
            if not page["items"]:
                break
            place = walk.head.number
            advance(place, page["head"])
    if page["head"] > place:
        raise Flaw(f"Event {page['head']} is said to be the newest, and does not come.")


def _signed(portal: Portal, waits: Patience) -> Iterator[tuple[int, str]]:
    """What the portal has signed. That proves nothing against whoever has its key; what is kept elsewhere does."""
    cursor = ""
    while True:
        query = {"cursor": cursor, "limit": 100}
        page = waits.until_it_answers(partial(portal.get, CHECKPOINTS, query=query)).raw
        yield from ((each["number"], each["hash"]) for each in page["items"])
        cursor = page["next"]
        if not cursor:
            return


def _tell(desk: Desk, walk: Walk, flaw: str) -> None:
    sentence = flaw or f"{_SOUND}, from event {walk.begins_at} to event {walk.head.number}, by this machine's own sums."
    if desk.as_json:
        head = {"number": walk.head.number, "hash": walk.head.hash}
        click.echo(json.dumps({"sound": not flaw, "sentence": sentence, "from": walk.begins_at, "head": head}))
    else:
        desk.show(sentence)
    if flaw:
        raise Ended(Exit.UNSOUND, "")
    if not desk.as_json:
        archived = [number for number in walk.marks if number < walk.begins_at]
        if archived:
            desk.note(f"{len(archived)} of what was kept lie in an archive: verify its zip as well.")
        desk.note("What it says of exchanges with Kentik was not read. Keep this, and compare next time:")
        desk.show(f"--kept {walk.head.number}:{walk.head.hash}")


def _stated(file: Path) -> tuple[int, str]:
    """Number and hash of a checkpoint, as docs/audit-format.md says. Whoever kept it vouches for it."""
    match = re.match(
        r"breakwater/audit\n([1-9][0-9]{0,17})\n([0-9a-f]{64})\n", file.read_text(encoding="utf-8", errors="replace")
    )
    if match is None:
        raise click.UsageError(f"{file} is no checkpoint of an audit log.")
    return int(match[1]), match[2]


@contextmanager
def _spinner(desk: Desk, words: str) -> Iterator[None]:
    if not desk.aside.is_terminal:
        yield
        return
    with desk.aside.status(words):
        yield


@contextmanager
def _bar(desk: Desk) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=desk.aside, transient=True, disable=not desk.aside.is_terminal) as progress:
        task = progress.add_task("Events", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
