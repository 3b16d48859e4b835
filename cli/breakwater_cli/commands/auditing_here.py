"""The logs of a portal, read from its first page to its last and walked by this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import click
from rich.progress import Progress

from breakwater_cli.chain import Flaw, Head, flaw
from breakwater_cli.commands.patience import Patience
from breakwater_cli.desk import Desk
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Ended
from breakwater_cli.operations import ALL_EXCHANGES, CHECKPOINTS, EVENTS, Operation
from breakwater_cli.walk import Walk, stated

Kept = tuple[str, Head]
Page = dict[str, Any]


def verify_here(desk: Desk, kept: Sequence[Kept]) -> None:
    """`kept`: heads of logs that whoever asks kept elsewhere. Raises Ended when the logs are not as they were written,
    and when one of these could not be compared.
    """
    pages = _Pages(desk, Patience(desk=desk))
    walk, found = Walk(pages.exchanges_behind), ""
    try:
        for log, head in [*kept, *pages.signed()]:
            walk.mark(log, head)
        with _bar(desk) as advance:
            for page in pages.events():
                for record in page["items"]:
                    walk.take(record)
                advance(walk.events.head.number, page["head"])
        walk.end()
    except Flaw as error:
        found = str(error)
    _tell(desk, walk, found, kept)


@dataclass(frozen=True)
class _Pages:
    """What is read, each page as long as it takes."""

    desk: Desk
    waits: Patience

    def events(self) -> Iterator[Page]:
        """Raises Flaw when fewer come than the portal says there are."""
        place = 0
        while (page := self._behind(EVENTS, place, limit=500))["items"]:
            yield page
            place = int(page["items"][-1]["number"])

    def exchanges_behind(self, place: int) -> Sequence[Page]:
        """Raises Flaw like the above."""
        found: Sequence[Page] = self._behind(ALL_EXCHANGES, place, limit=100)["items"]
        return found

    def signed(self) -> Iterator[Kept]:
        """What the portal has signed. That proves nothing against whoever has its key; what is kept elsewhere does."""
        cursor: str | None = ""
        while cursor is not None:
            page = self._page(CHECKPOINTS, {"cursor": cursor, "limit": 100})
            for each in page["items"]:
                try:
                    yield from stated(each["note"])
                except ValueError:
                    flaw(f"The checkpoint of event {each['number']} is not written as it would be.")
            cursor = page["next"]

    def _behind(self, log: Operation, place: int, *, limit: int) -> Page:
        page = self._page(log, {"after": place, "limit": limit})
        if not page["items"] and page["head"] > place:
            flaw(f"Number {page['head']} of the {log.path.strip('/')} is said to be the newest, and does not come.")
        return page

    def _page(self, operation: Operation, query: dict[str, object]) -> Page:
        return self.waits.until_it_answers(partial(self.desk.portal.get, operation, query=query)).raw


def _tell(desk: Desk, walk: Walk, found: str, kept: Sequence[Kept]) -> None:
    sentence = found or _well(walk)
    if desk.as_json:
        click.echo(json.dumps({"sound": not found, "sentence": sentence, **_reach(walk)}))
    else:
        desk.show(sentence)
    if found:
        raise Ended(Exit.UNSOUND, "")
    if not desk.as_json:
        _say_what_to_keep(desk, walk)
    _must_have_compared(desk, walk, {(log, head.number) for log, head in kept})


def _say_what_to_keep(desk: Desk, walk: Walk) -> None:
    events, exchanges = (f"{each.head.number}:{each.head.hash}" for each in walk.chains)
    beside = f" --kept exchanges:{exchanges}" if walk.exchanges.rows else ""
    desk.note("Keep this, and compare next time:")
    # Not broken for the width of a terminal: it is copied from there.
    click.echo(f"--kept {events}{beside}")


def _must_have_compared(desk: Desk, walk: Walk, kept: set[tuple[str, int]]) -> None:
    """Raises Ended where what was kept is not in the portal any more, so that it could say anything of the time before.

    Of what the portal's own checkpoints state, which proves nothing against whoever has its key, that is a note.
    """
    if signed := walk.archived - kept:
        desk.note(f"{len(signed)} of what the portal's own checkpoints state lie in an archive, and were not compared.")
    if unseen := sorted(walk.archived & kept):
        named = ", ".join(f"{log} {number}" for log, number in unseen)
        sentence = f"What you kept lies in an archive, and was not compared: {named}."
        raise Ended(Exit.UNDECIDED, sentence, "Verify that archive's zip, with what you kept, as well.")


def _well(walk: Walk) -> str:
    events, exchanges = walk.events, walk.exchanges
    with_kentik = (
        f", and what went to Kentik, from exchange {exchanges.begins_at} to exchange {exchanges.head.number}"
        if exchanges.rows
        else ""
    )
    reach = f"from event {events.begins_at} to event {events.head.number}{with_kentik}"
    return f"The log is as it was written, {reach}, by this machine's own sums."


def _reach(walk: Walk) -> dict[str, object]:
    events, exchanges = (
        {"from": each.begins_at, "head": asdict(each.head), "archived": each.archived} for each in walk.chains
    )
    return {**events, "exchanges": exchanges}


@contextmanager
def _bar(desk: Desk) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=desk.aside, transient=True, disable=not desk.aside.is_terminal) as progress:
        task = progress.add_task("Events", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
