"""Looking, which changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.text import Text

from breakwater_cli import showing
from breakwater_cli.commands import options
from breakwater_cli.desk import Desk, deed
from breakwater_cli.operations import CATALOGUE, EXCHANGES, LIST, ME, ONE

_STATUSES = (
    *("pending", "approved", "sending", "active", "unknown", "refused"),
    *("rejected", "withdrawn", "expired", "stopped", "ended"),
)
_HOW = ("inside", "overlapping", "exactly", "covering")


@deed("list", LIST)
@click.option("--status", multiple=True, type=click.Choice(_STATUSES), help="One of them; may be repeated.")
@click.option("--target", help="An address or a prefix.")
@click.option("--how", type=click.Choice(_HOW), help="What it is to --target.  [default: overlapping]")
@click.option("--by", help="Who asked.")
@click.option("--ticket", help="Of your own system.")
@click.option("--approved-by", help="Who approved.")
@click.option("--rejected-by", help="Who rejected.")
@click.option("--platform", type=click.IntRange(1), help="Its ID in the catalogue.")
@click.option("--method", type=click.IntRange(1), help="Its ID in the catalogue.")
@click.option("--since", type=options.Moment(), help="Asked for from then on: a time, or 90m, 12h, 7d ago.")
@click.option("--until", type=options.Moment(), help="Asked for before then.")
@click.option("--live-at", type=options.Moment(), help="In force then.")
@click.option("--glass", is_flag=True, help="Only those that went out by broken glass.")
@click.option("--order", help="Such as newest, or ends: the portal says which there are.")
@options.limit
@click.option("--all", "everything", is_flag=True, help="Every page, to the last.")
@click.pass_obj
def list_(desk: Desk, /, everything: bool, **query: Any) -> None:
    """List mitigations, the newest first. What the filters name must all hold.

    With --all, --json writes each page on a line of its own.
    """
    portal, cursor = desk.portal, ""
    while True:
        page = portal.get(LIST, query={**query, "cursor": cursor})
        cursor = page.body["next"] or ""
        desk.say(page, partial(_page, desk, page.body["items"], has_more=bool(cursor) and not everything))
        if not (everything and cursor):
            return


def _page(desk: Desk, rows: Sequence[dict[str, Any]], *, has_more: bool) -> RenderableType:
    more = [Text("There are more: --all lists them.", style="dim")] if has_more else []
    return Group(showing.mitigations(rows, now=desk.now, width=desk.out.width), *more)


@deed("show", ONE, EXCHANGES)
@options.reference
@click.option("--exchanges", is_flag=True, help="Each call to Kentik about it as well, as sent and as received.")
@click.pass_obj
def show(desk: Desk, /, reference: str, exchanges: bool) -> None:
    """All of one mitigation: its terms, its course, who decided, and what speaks against it."""
    portal = desk.portal
    answer = portal.get(ONE, reference)
    desk.say(answer, lambda: showing.mitigation(answer.body, now=desk.now))
    if exchanges:
        calls = portal.get(EXCHANGES, reference)
        desk.say(calls, lambda: showing.exchanges(calls.body["items"]))


@deed("catalogue", CATALOGUE)
@click.option("--all", "everything", is_flag=True, help="Also what is not offered.")
@click.pass_obj
def catalogue(desk: Desk, /, everything: bool) -> None:
    """What may be asked for: platforms with their methods."""
    answer = desk.portal.get(CATALOGUE)
    rows = [each for each in answer.body["pairings"] if each["offered"] or everything]
    desk.say(answer, lambda: showing.pairings(rows))


@deed("me", ME)
@click.pass_obj
def me(desk: Desk, /) -> None:
    """Whose token this is, and what it may do."""
    answer = desk.portal.get(ME)
    desk.say(answer, lambda: showing.me(answer.body, now=desk.now))
