"""Asking for mitigations, and trying out what would happen."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import click
from rich.console import RenderableType

from breakwater_cli import completing, showing
from breakwater_cli.commands import options, watching
from breakwater_cli.desk import Desk, deed
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Failure
from breakwater_cli.following import Until
from breakwater_cli.operations import ASK, ASK_MANY, CATALOGUE, ONE, PREVIEW
from breakwater_cli.portal import Answer, Portal
from breakwater_cli.words import clean

F = TypeVar("F", bound=Callable[..., Any])
# More than that would take the calls that the portal allows in a minute.
_MOST_PREVIEWS = 20
_COMMENT = re.compile(r"#.*")
_BETWEEN = re.compile(r"[\s,;]+")


def terms(command: F) -> F:
    for option in (
        click.option("--comment", default="", help="Goes to Kentik with it."),
        click.option("--ticket", default="", help="Of your own system."),
        click.option(
            "--minutes", type=click.IntRange(0), help="Until the auto-stop; 0: none. [default: the pairing's]"
        ),
        click.option(
            "--pairing",
            required=True,
            shell_complete=completing.pairings,
            help="Platform and method: the ID, or any words of the name that no other has.",
        ),
    ):
        command = option(command)
    return command


@deed("preview", CATALOGUE, PREVIEW)
@click.argument("targets", nargs=-1, required=True)
@terms
@click.pass_obj
def preview(desk: Desk, /, targets: tuple[str, ...], pairing: str, **values: Any) -> None:
    """What would happen, if it were asked for: nothing is asked for, and nobody is told.

    Ends with 8 when something blocks it.
    """
    portal = desk.portal
    body = _terms(pairing=_pairing(portal, pairing), **values)
    found = [portal.try_out(PREVIEW, {**body, "target": target}) for target in _read(targets)]
    for each in found:
        desk.say(each, partial(showing.preview, each.body))
    if any(each.body["obstacles"] for each in found):
        raise Failure(Exit.UNACCEPTABLE, "It would be refused.")


@deed("ask", CATALOGUE, PREVIEW, ASK, ASK_MANY, ONE)
@click.argument("targets", nargs=-1, required=True)
@terms
@click.option("--reason", help="Whoever decides reads it. An editor opens when it is left out.")
@click.option("--watch", is_flag=True, help="Go on until it is told whether it is in force.")
@options.yes
@options.key
@click.pass_obj
def ask(
    desk: Desk,
    /,
    targets: tuple[str, ...],
    pairing: str,
    reason: str | None,
    watch: bool,
    yes: bool,
    key: str | None,
    **values: Any,
) -> None:
    """Ask for a mitigation of each target, all on the same terms; “-” reads targets from standard input.

    First it shows what would happen, and asks whether to go on. Several are all asked for, or none.
    """
    wanted = _read(targets)
    if watch and len(wanted) > 1:
        raise click.UsageError("One mitigation can be watched at a time. Nothing was asked for.")
    portal = desk.portal
    body = _terms(pairing=_pairing(portal, pairing), **values)
    if not yes:
        _show(desk, portal, wanted, body)
        desk.confirm(f"Ask for {'it' if len(wanted) == 1 else f'these {len(wanted)}'}?")
    why = options.reason_of(reason)
    words = ["ask", *wanted, *options.option_words(**body, reason=why), "--yes"]
    made = _asked(desk, portal, wanted, {**body, "reason": why}, words=words, key=key)
    if watch:
        watching.after_asking(desk, portal, made.body["reference"], until=Until.IN_FORCE)


def _asked(
    desk: Desk, portal: Portal, wanted: Sequence[str], body: dict[str, object], *, words: Sequence[str], key: str | None
) -> Answer:
    if len(wanted) == 1:
        change = desk.change({**body, "target": wanted[0]}, words, key)
        return desk.do(portal, ASK, change, shown=showing.changed)
    change = desk.change({**body, "targets": list(wanted)}, words, key)
    return desk.do(portal, ASK_MANY, change, shown=partial(_listed, desk))


def _listed(desk: Desk, found: dict[str, Any]) -> RenderableType:
    return showing.mitigations(found["items"], now=desk.now, width=desk.out.width)


def _show(desk: Desk, portal: Portal, wanted: Sequence[str], body: dict[str, object]) -> None:
    """Raises Failure when something blocks it already."""
    if len(wanted) > _MOST_PREVIEWS:
        desk.note(f"These are {len(wanted)} targets, too many to be tried out. Each is judged when they are asked for:")
        desk.note(" ".join(map(clean, wanted)))
        return
    found = [portal.try_out(PREVIEW, {**body, "target": target}).body for target in wanted]
    desk.aside.print(_previewed(found))
    if any(each["obstacles"] for each in found):
        raise Failure(Exit.UNACCEPTABLE, "It would be refused. Nothing was asked for.")


def _previewed(found: Sequence[dict[str, Any]]) -> RenderableType:
    return showing.preview(found[0]) if len(found) == 1 else showing.verdicts(found)


def _terms(*, pairing: int, minutes: int | None, comment: str, ticket: str) -> dict[str, object]:
    """What was left out is left out: the same words make the same call, whatever the portal's usual values are."""
    given = {"pairing": pairing, "minutes": minutes, "comment": comment, "ticket": ticket}
    return {name: value for name, value in given.items() if value not in (None, "")}


def _read(words: Sequence[str]) -> list[str]:
    """Targets as they were typed; those of standard input one a line, `#` begins a comment."""
    found: list[str] = []
    for word in words:
        text = _COMMENT.sub("", sys.stdin.read()) if word == "-" else word
        found += [each for each in _BETWEEN.split(text) if each]
    if not found:
        raise click.UsageError("There is not a single target.")
    return found


def _pairing(portal: Portal, text: str) -> int:
    """The ID as it is; else that of the one pairing with all these words in its name. Raises UsageError."""
    if text.isascii() and text.isdecimal():
        return int(text)
    offered = [each for each in portal.get(CATALOGUE).body["pairings"] if each["offered"]]
    exact = [each for each in offered if _folded(each["name"]) == _folded(text)]
    wanted = _folded(text)
    found = exact or [each for each in offered if wanted and all(word in each["name"].casefold() for word in wanted)]
    if len(found) != 1:
        named = "\n".join(f"  {each['id']}  {each['name']}" for each in found or offered)
        what = "More than one pairing is" if found else "No pairing is"
        raise click.UsageError(f"{what} called so. Nothing was asked for. There is:\n{named}")
    return int(found[0]["id"])


def _folded(text: str) -> list[str]:
    return text.replace("·", " ").casefold().split()
