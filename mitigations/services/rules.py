"""Editing the draft of the rules of approval, and publishing it as the next version.

Each edit names the revision that its editor saw, so that two editors cannot undo each other unknowingly.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError

from accounts.authority import Actor, Deed, demand
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import Draft, Rulebook
from mitigations.policies.rule_changes import told
from mitigations.policies.rule_checks import flaws
from mitigations.policies.rules import MOST_RULES, Rule, as_json
from mitigations.selectors import rules as reading
from mitigations.selectors.approvers import groups
from mitigations.services import events

# What an edit makes of the rules, and what the log says of it.
Edited = tuple[list[Rule], str]


def add(*, rule: Rule, revision: int, by: Actor, at: datetime) -> Draft:
    """Put a rule at the end. Raises Unacceptable when there are as many as a person can survey."""

    def added(rules: list[Rule]) -> Edited:
        if len(rules) >= MOST_RULES:
            raise Unacceptable([Objection(code="too-many", sentence=f"There are {MOST_RULES} rules already.")])
        return [*rules, rule], f"added rule {len(rules) + 1}, {_told(rule)}"

    return _edit(added, revision=revision, by=by, at=at)


def replace(*, place: int, rule: Rule, revision: int, by: Actor, at: datetime) -> Draft:
    """Change the rule at `place`, counted from 1."""

    def replaced(rules: list[Rule]) -> Edited:
        return [*rules[: place - 1], rule, *rules[place:]], f"changed rule {place}, {_told(rule)}"

    return _edit(replaced, revision=revision, by=by, at=at)


def remove(*, place: int, revision: int, by: Actor, at: datetime) -> Draft:
    def removed(rules: list[Rule]) -> Edited:
        return [*rules[: place - 1], *rules[place:]], f"removed rule {place}, {_told(rules[place - 1])}"

    return _edit(removed, revision=revision, by=by, at=at)


def move(*, place: int, to: int, revision: int, by: Actor, at: datetime) -> Draft:
    """Put the rule at `place` where `to` says; the others keep their order."""

    def moved(rules: list[Rule]) -> Edited:
        others, rule = [*rules[: place - 1], *rules[place:]], rules[place - 1]
        return [*others[: to - 1], rule, *others[to - 1 :]], f"made rule {place} rule {to}, {_told(rule)}"

    return _edit(moved, revision=revision, by=by, at=at)


def start_over(*, revision: int, by: Actor, at: datetime) -> Draft:
    """Make the draft what is in force."""

    def afresh(rules: list[Rule]) -> Edited:
        current = reading.in_force()
        return list(current.parsed) if current else [], "started over from the rules in force"

    return _edit(afresh, revision=revision, by=by, at=at)


def publish(*, revision: int, note: str, by: Actor, at: datetime) -> Rulebook:
    """Put the draft in force as the next version. What is under way keeps the rule that it was asked by.

    Raises Unacceptable with the flaws that keep it from being published, or Conflict when there is nothing new.
    """
    with recorded(events.RULES_PUBLISHED, subject="the rules", by=by.author, at=at) as record:
        record.detail = {"note": note}
        demand(by, Deed.EDIT_RULES)
        draft, current = _locked(revision), reading.in_force()
        before = current.rules if current else []
        record.facts = {"count": len(draft.rules), "rules": draft.rules, "before": before}
        if fatal := [each for each in flaws(draft.parsed, groups=groups(), names=reading.names()) if each.fatal]:
            raise Unacceptable(fatal)
        if draft.rules == before:
            raise Conflict([Objection(code="not-now", sentence="The draft is what is in force already.")])
        if not note:
            raise Unacceptable([Objection(code="note-needed", sentence="Say what changes, and why.")])
        assert by.id is not None, "only people publish"
        number = current.number + 1 if current else 1
        record.subject = f"version {number} of the rules"
        try:
            return Rulebook.objects.create(
                number=number, rules=draft.rules, note=note, published_by_id=by.id, published_at=at
            )
        except IntegrityError as error:
            raise _moved_on() from error


def _edit(change: Callable[[list[Rule]], Edited], *, revision: int, by: Actor, at: datetime) -> Draft:
    with recorded(events.DRAFT_EDITED, subject="the draft of the rules", by=by.author, at=at) as record:
        demand(by, Deed.EDIT_RULES)
        draft = _locked(revision)
        edited, what = change(list(draft.parsed))
        draft.rules = as_json(edited)
        draft.revision += 1
        draft.edited_by_id, draft.edited_at = by.id, at
        try:
            draft.save()
        except IntegrityError as error:  # the very first edit, by two in the same moment: there was no row to lock
            raise _moved_on() from error
        record.facts = {"what": what, "rules": draft.rules}
    return draft


def _told(rule: Rule) -> str:
    return told(rule, reading.names())


def _locked(revision: int) -> Draft:
    """The draft, held until the transaction ends. Raises Conflict when somebody has edited it since `revision`."""
    draft = Draft.objects.select_for_update().filter(pk=Draft.THE_ONE).first() or reading.draft()
    if draft.revision != revision:
        raise _moved_on()
    return draft


def _moved_on() -> Conflict:
    sentence = "Somebody has edited the draft since you opened it. Look at it as it is now, and try again."
    return Conflict([Objection(code="edited-since", sentence=sentence)])
