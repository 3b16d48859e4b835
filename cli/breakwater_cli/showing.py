"""What people see of the portal's answers. All texts in them are cleaned already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from breakwater_cli.words import ago, duration, exact, listed, local, minutes, moment, on_one_line, with_mend

Row = dict[str, Any]

# A word and a shape as well as a colour.
_MARKS = {
    "pending": ("○", "yellow"),
    "approved": ("◐", "cyan"),
    "sending": ("◑", "cyan"),
    "active": ("●", "green"),
    "unknown": ("?", "bold red"),
    "refused": ("×", "red"),
    "rejected": ("×", "red"),
}
_OVER = ("–", "dim")
_REST_OF_A_ROW = 60
_SEVERITIES = {"block": "bold red", "review": "yellow", "note": "dim"}


def status(row: Row) -> Text:
    mark, style = _MARKS.get(row["status"], _OVER)
    return Text(f"{mark} {row['status']}", style=style)


def mitigations(rows: Sequence[Row], *, now: datetime, width: int) -> RenderableType:
    """`width`: of the terminal. Beside long IPv6 targets in a narrow one, where it is done is left to `show`."""
    if not rows:
        return Text("There is none.")
    has_room = width - max(len(row["target"]) for row in rows) > _REST_OF_A_ROW
    table = _table("ref", "target", "status", "time", *(["by", "on"] if has_room else ["by"]))
    for row in rows:
        on = [on_one_line(row["pairing"]["name"])] if has_room else []
        table.add_row(row["reference"], row["target"], status(row), when(row, now=now), row["requested_by"], *on)
    return table


def when(row: Row, *, now: datetime) -> str:
    """The one time that matters most about it now."""
    match row["status"]:
        case "pending":
            return f"waits {duration((now - moment(row['requested_at'])).total_seconds())}"
        case "active" if row["ends_at"]:
            return f"{duration((moment(row['ends_at']) - now).total_seconds())} left"
        case "active":
            return "no auto-stop"
        case _ if row["closed_at"]:
            return ago(moment(row["closed_at"]), now=now)
        case _:
            return ago(moment(row["requested_at"]), now=now)


def in_a_line(row: Row) -> str:
    """Which one it is, and what it does."""
    return f"{row['reference']}: {row['target']}, {row['pairing']['name']}, {minutes(row['minutes'])}"


def mitigation(row: Row, *, now: datetime) -> RenderableType:
    """All of one."""
    return Group(
        _title(row),
        _facts(
            *_terms(row),
            *_told_by_the_portal(row),
            *_course(row, now=now),
            *_decided(row),
            *_findings(row["findings"]),
            ("may do", ", ".join(row["may"]) or "nothing, by this token, now"),
        ),
    )


def changed(row: Row) -> RenderableType:
    """What became of one just now, and what is next."""
    return Group(_title(row), _facts(*_told_by_the_portal(row), *_next(row)))


def card(each: Row, *, now: datetime) -> RenderableType:
    """What somebody must have read before they decide."""
    row = each["mitigation"]
    appeared = [finding["sentence"] for finding in each["appeared"]]
    return Group(
        _title(row),
        _facts(
            *_terms(row),
            ("asked", f"by {_asker(row)}, {ago(moment(row['requested_at']), now=now)}"),
            ("rule", row["rule"]),
            ("missing", _approvals(each["approvals_missing"])),
            *_decided(row),
            *_findings(each["findings"]),
            *(("new since", Text(sentence, style="bold")) for sentence in appeared),
            *(("gone since", sentence) for sentence in each["gone"]),
        ),
    )


def cards(items: Sequence[Row], *, now: datetime) -> RenderableType:
    return Group(*(card(each, now=now) for each in items)) if items else Text("Nothing waits for you.")


def preview(found: Row) -> RenderableType:
    body = json.dumps(found["kentik_request"], indent=2, ensure_ascii=False)
    who = listed(found["may_be_approved_by"], otherwise="whoever the rule lets")
    needs = found["requirement"]["approvals"]
    return Group(
        Text(found["sentence"], style="bold"),
        _facts(
            ("rule", found["requirement"]["sentence"]),
            *([("approve", who)] if needs else []),
            *(("blocked", Text(with_mend(each), style="bold red")) for each in found["obstacles"]),
            *_findings(each for each in found["findings"] if each["severity"] != "block" or not found["obstacles"]),
            ("Kentik gets", body),
        ),
    )


def verdicts(previews: Sequence[Row]) -> RenderableType:
    """What would become of many, on the same terms."""
    first = previews[0]
    who = listed(sorted({name for each in previews for name in each["may_be_approved_by"]}), otherwise="by the rule")
    does = f"{first['pairing']['effect']}, {minutes(first['minutes'])}, on {first['pairing']['name']}"
    table = _table("target", "needs", "what is said of it")
    for each in previews:
        said = [with_mend(finding) for finding in [*each["obstacles"], *each["findings"]]]
        needs = Text("blocked", style="bold red") if each["obstacles"] else _approvals(each["requirement"]["approvals"])
        table.add_row(each["target"], needs, "\n".join(dict.fromkeys(said)))
    return Group(Text(f"{len(previews)} targets: {does}.", style="bold"), table, _facts(("approve", who)))


def exchanges(rows: Sequence[Row]) -> RenderableType:
    if not rows:
        return Text("Kentik has not been called for it.")
    return Group(*(_exchange(row) for row in rows))


def pairings(rows: Sequence[Row]) -> RenderableType:
    table = _table("id", "pairing", "for", "up to", "what it does")
    for row in rows:
        longest = duration(row["longest_minutes"] * 60) if row["longest_minutes"] else "any time"
        table.add_row(
            str(row["id"]), row["name"], f"/{row['widest_ipv4']} /{row['widest_ipv6']}", longest, row["effect"]
        )
    return table


def me(row: Row, *, now: datetime) -> RenderableType:
    token = row["token"]
    left = duration((moment(token["expires_at"]) - now).total_seconds())
    rights = [
        (each["deed"], Text("yes", style="green") if each["allowed"] else Text(f"no: {each['why_not']}", style="dim"))
        for each in row["rights"]
    ]
    return Group(
        Text(f"{row['username']} ({row['name']})", style="bold"),
        _facts(
            ("roles", ", ".join(row["roles"]) or "none"),
            ("token", f"“{token['name']}” {token['beginning']}…"),
            ("scopes", ", ".join(token["scopes"])),
            ("from", ", ".join(token["networks"]) or "anywhere"),
            ("expires", f"in {left}, {exact(moment(token['expires_at']))}"),
            *rights,
        ),
    )


def mark(row: Row) -> object:
    """Two of one mitigation with the same mark read the same; that Kentik was looked at once more is no news."""
    kentik = row["kentik"] and (row["kentik"]["kentik_id"], row["kentik"]["state"])
    beside = (row["approvals_missing"], len(row["decisions"]), row["being_stopped"], kentik, row["disagreements"])
    return row["status"], row["status_note"], beside


def news(row: Row, *, now: datetime) -> RenderableType:
    """A line about what it is now."""
    line = Text.assemble((f"{now.astimezone():%H:%M:%S}  ", "dim"), f"{row['reference']}  ", status(row))
    told = [f"{text}." for name, text in _next(row)]
    told += [on_one_line(row["status_note"]), *([f"Kentik shows: {row['kentik']['state']}."] if row["kentik"] else [])]
    told += ["A stop is ordered."] if row["being_stopped"] else []
    line.append(f"  {' '.join(filter(None, told))}".rstrip())
    for sentence in row["disagreements"]:
        line.append(f" {sentence}", style="bold red")
    return line


def countdown(row: Row, *, now: datetime) -> Text:
    """How long it may take at most."""
    until = {"pending": row["waits_until"], "approved": row["waits_until"], "active": row["ends_at"]}.get(row["status"])
    left = f", {duration((moment(until) - now).total_seconds())} left" if until else ""
    return Text(f"{row['reference']} is {row['status']}{left}. Ctrl-C ends the watching, and changes nothing.", "dim")


def event(row: Row, *, now: datetime) -> Text:
    """A line of the log."""
    line = Text(f"{local(moment(row['at']), now=now):>13}  ", style="dim")
    line.append(on_one_line(row["sentence"]), style="yellow" if row["review"] else "default")
    return line


def _title(row: Row) -> Text:
    return Text.assemble((f"{row['reference']}  {row['target']}  ", "bold"), status(row))


def _terms(row: Row) -> Iterator[tuple[str, RenderableType]]:
    yield "does", f"{row['pairing']['effect'] or 'what its method says'}, {minutes(row['minutes'])}"
    yield "on", row["pairing"]["name"]
    yield "reason", row["reason"]
    yield from _given(ticket=row["ticket"], comment=row["comment"])


def _told_by_the_portal(row: Row) -> Iterator[tuple[str, RenderableType]]:
    yield from _given(note=row["status_note"])
    if kentik := row["kentik"]:
        yield "Kentik", f"{kentik['state']}, seen {exact(moment(kentik['seen_at']))} as {kentik['kentik_id']}"
    for sentence in row["disagreements"]:
        yield "disagree", Text(sentence, style="bold red")
    if row["being_stopped"]:
        yield "stop", "is ordered, and not yet seen at Kentik"


def _course(row: Row, *, now: datetime) -> Iterator[tuple[str, RenderableType]]:
    yield "asked", f"by {_asker(row)}, {_at(row['requested_at'], now=now)}"
    yield "rule", row["rule"]
    if row["status"] == "pending":
        yield "waits", f"until {exact(moment(row['waits_until']))}"
        yield from _next(row)
    if glass := row["glass"]:
        reviewed = "reviewed" if glass["reviewed_at"] else "not reviewed yet"
        yield "glass", Text(f"broken by {glass['by']}: {glass['reason']} ({reviewed})", style="bold red")
    for name, key in (("approved", "approved_at"), ("started", "started_at"), ("over", "closed_at")):
        if row[key]:
            yield name, _at(row[key], now=now)
    if row["status"] == "active":
        yield "ends", f"{exact(moment(row['ends_at']))}, {when(row, now=now)}" if row["ends_at"] else "never by itself"


def _asker(row: Row) -> str:
    """Who answers for it; a machine may have proposed it in their name."""
    return f"the source “{row['source']}” for {row['requested_by']}" if row.get("source") else str(row["requested_by"])


def _next(row: Row) -> Iterator[tuple[str, RenderableType]]:
    if row["status"] == "pending":
        who = listed(row["may_be_approved_by"], otherwise="whoever its rule lets")
        yield "next", f"{_approvals(row['approvals_missing'])} missing: {who} may approve"
    if row["status"] == "approved":
        yield "next", "the worker sends it"


def _decided(row: Row) -> Iterator[tuple[str, RenderableType]]:
    for each in row["decisions"]:
        note = f": {each['note']}" if each["note"] else ""
        yield f"{each['verdict']}", f"{each['by']}, {exact(moment(each['at']))}{note}"


def _findings(findings: Iterable[Row]) -> Iterator[tuple[str, RenderableType]]:
    for each in findings:
        name = each["severity"] or "note"
        yield name, Text(with_mend(each), style=_SEVERITIES.get(name, ""))


def _exchange(row: Row) -> RenderableType:
    took = "no answer" if row["milliseconds"] is None else f"{row['milliseconds']} ms"
    head = f"{row['purpose']}: {row['method']} {row['url']}"
    return Group(
        Text(head, style="bold"),
        _facts(
            ("at", f"{exact(moment(row['started_at']))}, {took}"),
            ("outcome", f"{row['outcome']}, {row['status'] or 'no status'}"),
            *_given(error=row["error"], sent=row["request_body"], answer=row["response_body"]),
            *([("", "What stood here was redacted.")] if row["redacted"] else []),
        ),
    )


def _given(**texts: str) -> Iterator[tuple[str, RenderableType]]:
    """Those that are not empty."""
    yield from ((name, text) for name, text in texts.items() if text)


def _at(text: str, *, now: datetime) -> str:
    at = moment(text)
    return f"{exact(at)}, {ago(at, now=now)}"


def _approvals(count: int) -> str:
    return {0: "no approval", 1: "1 approval"}.get(count, f"{count} approvals")


def _facts(*rows: tuple[str, RenderableType]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, told in rows:
        grid.add_row(name, told)
    return Padding.indent(grid, 2)


def _table(*names: str) -> Table:
    """Its last column gives way where the terminal is narrow; what is copied from the others stays whole."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    *first, last = names
    for name in first:
        table.add_column(name, no_wrap=True, overflow="fold")
    table.add_column(last, overflow="fold")
    return table
