"""What the shell offers after TAB, from the portal itself. Whatever goes wrong, it offers nothing and says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from breakwater_cli import address, tokens
from breakwater_cli.operations import CATALOGUE, LIST, Operation
from breakwater_cli.portal import Portal
from breakwater_cli.transport import Limits
from breakwater_cli.words import on_one_line

_OPEN = ["pending", "approved", "sending", "active", "unknown"]
_LIMITS = Limits(connect=2, whole=3)


def pairings(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    def read(portal: Portal) -> list[CompletionItem]:
        rows = portal.get(CATALOGUE).body["pairings"]
        return [_item(row["id"], row["name"]) for row in rows if row["offered"]]

    return _beginning(incomplete, _asked(context, CATALOGUE, read))


def references(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Those that are open."""

    def read(portal: Portal) -> list[CompletionItem]:
        rows = portal.get(LIST, query={"status": _OPEN, "limit": 100}).body["items"]
        return [_item(row["reference"], f"{row['target']} {row['status']}") for row in rows]

    return _beginning(incomplete, _asked(context, LIST, read))


def _asked(
    context: click.Context, operation: Operation, read: Callable[[Portal], list[CompletionItem]]
) -> list[CompletionItem]:
    where = str(context.find_root().params.get("portal") or "")
    try:
        there = address.read(where)
        return read(Portal(there, tokens.find(there), allowed=[operation], limits=_LIMITS))
    except Exception:  # whatever it is: somebody is in the middle of a line, and it would be written into it
        return []


def _item(value: object, about: object) -> CompletionItem:
    """The shell takes each line for another one."""
    return CompletionItem(on_one_line(str(value)), help=on_one_line(str(about)))


def _beginning(incomplete: str, items: list[CompletionItem]) -> list[Any]:
    return [item for item in items if str(item.value).lower().startswith(incomplete.lower())]
