"""What is done to a mitigation that somebody asked for."""

from __future__ import annotations

from typing import Any

import click

from breakwater_cli import showing
from breakwater_cli.commands import options
from breakwater_cli.desk import Desk, deed
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Failure
from breakwater_cli.operations import APPROVE, ONE, QUEUE, REJECT, STOP, WITHDRAW, Operation
from breakwater_cli.portal import Portal

_NO_WORD = (
    "With --key say --shown as well, as `breakwater waiting --json` has it: what it shows may be another thing the next"
    " time, and the portal would not know the call again. Nothing was approved."
)


@deed("waiting", QUEUE)
@click.pass_obj
def waiting(desk: Desk, /) -> None:
    """What waits for your decision, first what expires first: never what you asked for yourself."""
    answer = desk.portal.get(QUEUE)
    desk.say(answer, lambda: showing.cards(answer.body["items"], now=desk.now))


@deed("approve", QUEUE, APPROVE)
@options.reference
@click.option("--note", default="", help="Kept with the approval.")
@click.option("--shown", default="", help="The word of what was read: then anything that has changed since is refused.")
@options.yes
@options.key
@click.pass_obj
def approve(desk: Desk, /, reference: str, note: str, shown: str, yes: bool, key: str | None) -> None:
    """Approve what somebody else asked for, after showing all that stands for and against it.

    What is approved is what was shown: when it changes in between, nothing is approved. With --key say --shown too: the
    portal knows a call again by all that is in it. With --yes as well nothing is looked at beforehand.
    """
    if key and not shown:
        raise click.UsageError(_NO_WORD)
    portal = desk.portal
    if not (yes and shown):
        each = _waiting(portal, reference)
        desk.aside.print(showing.card(each, now=desk.now))
        if not yes:
            desk.confirm("Approve it?")
        shown = shown or each["shown"]
    body: dict[str, object] = {"note": note, "shown": shown}
    words = ["approve", reference, *options.option_words(shown=shown, note=note), "--yes"]
    desk.do(portal, APPROVE, desk.change(body, words, key), reference, shown=showing.changed)


@deed("reject", ONE, REJECT)
@options.reference
@click.option("--reason", help="Whoever asked reads it. An editor opens when it is left out.")
@options.yes
@options.key
@click.pass_obj
def reject(desk: Desk, /, reference: str, reason: str | None, yes: bool, key: str | None) -> None:
    """Reject what somebody else asked for. One rejection ends it."""
    _done(desk, REJECT, reference, verb="reject", note=options.reason_of(reason), yes=yes, key=key)


@deed("withdraw", ONE, WITHDRAW)
@options.reference
@click.option("--reason", default="", help="Kept for the record.")
@options.yes
@options.key
@click.pass_obj
def withdraw(desk: Desk, /, reference: str, reason: str, yes: bool, key: str | None) -> None:
    """Take back what you asked for, before it is sent."""
    _done(desk, WITHDRAW, reference, verb="withdraw", note=reason.strip(), yes=yes, key=key)


@deed("stop", ONE, STOP)
@options.reference
@click.option("--reason", help="Why. An editor opens when it is left out.")
@options.yes
@options.key
@click.pass_obj
def stop(desk: Desk, /, reference: str, reason: str | None, yes: bool, key: str | None) -> None:
    """Have one that runs stopped at Kentik. `breakwater watch` shows when it is."""
    _done(desk, STOP, reference, verb="stop", note=options.reason_of(reason), yes=yes, key=key)


def _done(
    desk: Desk, operation: Operation, reference: str, *, verb: str, note: str, yes: bool, key: str | None
) -> None:
    portal = desk.portal
    if not yes:
        row = portal.get(ONE, reference).body
        desk.note(f"{showing.in_a_line(row)}, is {row['status']}.")
        desk.confirm(f"{verb.capitalize()} it?")
    words = [verb, reference, *options.option_words(reason=note), "--yes"]
    desk.do(portal, operation, desk.change({"note": note}, words, key), reference, shown=showing.changed)


def _waiting(portal: Portal, reference: str) -> dict[str, Any]:
    """Raises Failure when it does not wait for whoever asks: what cannot be shown is not approved."""
    for each in portal.get(QUEUE).body["items"]:
        if each["mitigation"]["reference"] == reference:
            found: dict[str, Any] = each
            return found
    raise Failure(
        Exit.CONFLICT,
        f"{reference} does not wait for you: it is decided, you asked for it yourself, or you have decided already.",
        f"Nothing was approved. `breakwater show {reference}` tells.",
    )
