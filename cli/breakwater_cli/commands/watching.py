"""Following one mitigation, or the audit log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
from rich.live import Live
from rich.text import Text

from breakwater_cli import showing
from breakwater_cli.commands.options import Reference
from breakwater_cli.commands.patience import Patience
from breakwater_cli.completing import references
from breakwater_cli.desk import Desk, deed
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Ended, Failure
from breakwater_cli.following import Until, ending
from breakwater_cli.operations import EVENTS, ONE
from breakwater_cli.portal import Answer, Portal

# As long as the portal lets a call wait for news, and a pause for when it does not.
_WAIT, _PAUSE = 25, 1.0


@deed("watch", ONE, EVENTS)
@click.argument("reference", type=Reference(), required=False, shell_complete=references)
@click.option(
    "--until",
    type=click.Choice([each.value for each in Until]),
    default=Until.IN_FORCE.value,
    show_default=True,
    help="Where to stop: when it is in force, or when it is over.",
)
@click.option("--patience", type=click.FloatRange(min=0), metavar="MINUTES", help="Then it ends with 14, undecided.")
@click.option("--after", type=click.IntRange(0), help="Of the log: behind this event, rather than from now on.")
@click.pass_obj
def watch(desk: Desk, /, reference: str | None, until: str, patience: float | None, after: int | None) -> None:
    """Follow a mitigation until it is told what becomes of it; without a reference, the audit log.

    The exit code tells: 0, it is in force, or over if that was asked for; 12, it is not in force; 13, nobody knows.
    The log needs a token with the scope audit, and is followed until Ctrl-C.
    """
    waits = Patience(desk=desk, minutes=patience)
    if reference is None:
        _follow_log(desk, desk.portal, waits, after=after)
    else:
        _follow(desk, desk.portal, reference, waits, until=Until(until))


def after_asking(desk: Desk, portal: Portal, reference: str, *, until: Until) -> None:
    """Whatever keeps it from being watched: it was asked for, and no exit code may say that it was not."""
    try:
        _follow(desk, portal, reference, Patience(desk=desk, has_begun=True), until=until)
    except Ended:
        raise
    except Failure as failure:
        raise Ended(Exit.UNDECIDED, f"{reference} was asked for, and cannot be watched:", failure.message) from None


def _follow(desk: Desk, portal: Portal, reference: str, waits: Patience, *, until: Until) -> None:
    latest: Answer | None = None
    told: object = None
    with _status_line(desk, lambda: latest.body if latest else None):
        while True:
            etag = latest.etag if latest else ""
            news = waits.until_it_answers(partial(portal.news, ONE, reference, etag=etag))
            latest = news or latest
            assert latest is not None
            if (mark := showing.mark(latest.body)) == told:
                waits.wait(waits.pace.after_nothing())
                continue
            told = mark
            desk.say(latest, partial(showing.news, latest.body, now=desk.now))
            if (end := ending(latest.body["status"], until)) is not None:
                return _end(reference, latest.body, end)
            waits.wait(waits.pace.after_news())


def _end(reference: str, row: dict[str, Any], end: Exit) -> None:
    if end is not Exit.DONE:
        raise Ended(end, f"{reference} is {row['status']}. {row['status_note']}".strip())


def _follow_log(desk: Desk, portal: Portal, waits: Patience, *, after: int | None) -> None:
    place = (
        waits.until_it_answers(lambda: portal.get(EVENTS, query={"limit": 1})).body["head"] if after is None else after
    )
    while True:
        query = {"after": place, "wait": waits.at_most(_WAIT), "limit": 500}
        page = waits.until_it_answers(partial(portal.get, EVENTS, query=query))
        for shown, raw in zip(page.body["items"], page.raw["items"], strict=True):
            if desk.as_json:
                click.echo(json.dumps(raw, separators=(",", ":")))
            else:
                desk.show(showing.event(shown, now=desk.now))
        place = page.body["next"]
        if not page.body["items"]:
            waits.wait(_PAUSE)


@contextmanager
def _status_line(desk: Desk, latest: Callable[[], dict[str, Any] | None]) -> Iterator[None]:
    """On a terminal one line at the bottom counts the time down; elsewhere there is none."""
    if desk.as_json or not desk.out.is_terminal:
        yield
        return

    def line() -> Text:
        row = latest()
        return Text("…") if row is None else showing.countdown(row, now=desk.now)

    with Live(get_renderable=line, console=desk.out, refresh_per_second=2, transient=True):
        yield
