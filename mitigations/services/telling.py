"""What an event means to people: which deeds tell whom, and in which words.

A message carries the terms, who did what, and the sentence of the rule or of the answer. What people typed (reason,
comment, note) stays in the portal, where it can be redacted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.urls import reverse

from accounts import events as accounts
from accounts import invitations
from accounts.inviting import BY_MAIL
from accounts.models import User
from accounts.rights import State
from audit.models import Event, Outcome
from audit.ways.message import Message
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.selectors.audience import Audience, asked, people
from mitigations.services import events

_LONGEST_SENTENCE = 400


class Kind(StrEnum):
    """What people and channels choose by. `words` finish the sentence "tell me when …"."""

    WAITING = "waiting"
    DECIDED = "decided"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ENDING = "ending"
    GLASS = "glass"
    ALARM = "alarm"
    QUESTION = "question"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Kind.WAITING: "a request waits for approval",
    Kind.DECIDED: "a request is approved or rejected",
    Kind.FAILED: "a request is refused, or expires",
    Kind.UNKNOWN: "it is not known whether one is in force",
    Kind.ENDING: "one is about to end",
    Kind.GLASS: "one goes out without approval (broken glass)",
    Kind.ALARM: "Kentik shows something else than was wanted, or cannot be told to stop",
    Kind.QUESTION: "an auditor asks me for an explanation",
}
# Between two people, so no channel gets it.
PERSONAL = frozenset({Kind.QUESTION})
_URGENT = frozenset({Kind.FAILED, Kind.UNKNOWN, Kind.GLASS, Kind.ALARM})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the table. `status`: only when the event's facts name this status; None: always.

    `title` and `text` are filled with the event's facts and with `ref`, `target`, `how_long`, `actor`, …
    """

    deed: str
    kind: Kind
    whom: tuple[Audience, ...]
    title: str
    text: str
    status: Status | None = None
    # The name of the page that the message leads to.
    page: str = "mitigation"


_REQUESTER = (Audience.REQUESTER,)

RULES: tuple[Rule, ...] = (
    Rule(
        deed=events.ASKED,
        kind=Kind.WAITING,
        whom=(Audience.DECIDERS,),
        title="{ref} waits for approval: {target}",
        text="{asker} asks for it, and it expires at {waits_until}. {rule}",
    ),
    Rule(
        deed=events.ASKED_TOGETHER,
        kind=Kind.WAITING,
        whom=(Audience.DECIDERS,),
        title="{ref} and others, {count} in all, wait for approval: {target} …",
        text="{requester} asks for them at once, and they expire at {waits_until}. {rule}",
        page="together",
    ),
    Rule(
        deed=events.LAPSED,
        kind=Kind.WAITING,
        whom=(Audience.DECIDERS,),
        title="{ref} waits for approval again: {target}",
        text="An approval no longer counts, and it expires at {waits_until}. {rule}",
    ),
    Rule(
        deed=events.APPROVED,
        status=Status.APPROVED,
        kind=Kind.DECIDED,
        whom=_REQUESTER,
        title="{ref} is approved: {target}",
        text="{actor} approved it; the worker sends it as soon as Kentik’s budget allows.",
    ),
    Rule(
        deed=events.REJECTED,
        kind=Kind.DECIDED,
        whom=_REQUESTER,
        title="{ref} is rejected: {target}",
        text="{actor} rejected it; the reason stands on its page.",
    ),
    Rule(
        deed=events.BLOCKED,
        kind=Kind.FAILED,
        whom=_REQUESTER,
        title="{ref} was not sent: {target}",
        text="A guardrail blocked it at the last moment. {sentence}",
    ),
    Rule(
        deed=events.ANSWERED,
        status=Status.REFUSED,
        kind=Kind.FAILED,
        whom=_REQUESTER,
        title="{ref} is refused: {target}",
        text="It is not in force. {sentence}",
    ),
    Rule(
        deed=events.EXPIRED,
        kind=Kind.FAILED,
        whom=_REQUESTER,
        title="{ref} has expired: {target}",
        text="It was never sent: {sentence}",
    ),
    Rule(
        deed=events.ANSWERED,
        status=Status.UNKNOWN,
        kind=Kind.UNKNOWN,
        whom=(Audience.REQUESTER, Audience.SETTLERS),
        title="{ref} may or may not be in force: {target}",
        text="Nothing is sent again. Look in Kentik; an approver other than {requester} settles it. {sentence}",
    ),
    Rule(
        deed=events.LOST,
        kind=Kind.UNKNOWN,
        whom=(Audience.REQUESTER, Audience.SETTLERS),
        title="{ref} may or may not be in force: {target}",
        text="Nothing is sent again. An approver other than {requester} settles it. {sentence}",
    ),
    Rule(
        deed=events.ENDING,
        kind=Kind.ENDING,
        whom=_REQUESTER,
        title="{ref} ends in {minutes} minutes: {target}",
        text="Kentik stops it at {ends_at}. If the attack goes on, ask again in time.",
    ),
    Rule(
        deed=events.GLASS_BROKEN,
        kind=Kind.GLASS,
        whom=(Audience.APPROVERS,),
        title="{ref} goes out without approval: {target}",
        text="{requester} broke the glass. Somebody else must review it afterwards.",
    ),
    Rule(
        deed=events.ALARM_RAISED,
        kind=Kind.ALARM,
        whom=(Audience.REQUESTER, Audience.SETTLERS),
        title="{ref} needs a look: {target}",
        text="{sentence}",
    ),
)
_TERMS = "{target} {how_long}, on {pairing}."

_ASKED = frozenset({events.ASKED, events.ASKED_TOGETHER})


@dataclass(frozen=True, kw_only=True)
class Telling:
    """An event as people are told of it. A question and an invitation are about no mitigation: they are for `asked`.

    `kind` is None where nobody has a choice, and no channel is told.
    """

    kind: Kind | None
    message: Message
    whom: tuple[Audience, ...] = ()
    mitigation: Mitigation | None = None
    asked: str = ""

    @property
    def is_personal(self) -> bool:
        return self.kind is None or self.kind in PERSONAL

    @property
    def readers(self) -> list[User]:
        """Whom it concerns, as they are at this moment."""
        return asked(self.asked) if self.mitigation is None else people(self.whom, self.mitigation)


def is_told(event: Event) -> bool:
    """Whether somebody may have to be told, by what is known without asking the database."""
    return event.outcome == Outcome.DONE and (event.deed in _PERSONAL or _rule(event) is not None)


def telling(event: Event, *, portal_url: str) -> Telling | None:
    """What to say of this event, and to whom; None when it means nothing to anybody."""
    if event.deed in _PERSONAL:
        return _PERSONAL[event.deed](event, portal_url)
    rule = _rule(event)
    if rule is None:
        return None
    mitigation = _mitigation(event)
    if rule.deed in _ASKED and _goes_without(mitigation):
        return None
    if rule.deed == events.ASKED and _is_told_with_others(mitigation):
        return None
    words = {**event.facts, **_words(mitigation, event)}
    words["sentence"] = str(words.get("sentence", ""))[:_LONGEST_SENTENCE]
    lines = (_TERMS.format_map(words), rule.text.format_map(words).strip())
    message = Message(
        key=f"event-{event.number}",
        title=rule.title.format_map(words),
        text="\n".join(lines),
        link=f"{portal_url}{reverse(rule.page, args=[mitigation.reference])}" if portal_url else "",
        urgent=rule.kind in _URGENT,
    )
    return Telling(kind=rule.kind, message=message, whom=rule.whom, mitigation=mitigation)


def _question(event: Event, portal_url: str) -> Telling:
    message = Message(
        key=f"event-{event.number}",
        title=f"{event.actor_name} asks you about {event.subject}",
        text="The question stands in the portal, and you answer it there.",
        link=f"{portal_url}{reverse('questions')}" if portal_url else "",
    )
    return Telling(kind=Kind.QUESTION, message=message, asked=event.facts["of_key"])


def _invitation(event: Event, portal_url: str) -> Telling | None:
    """The link is made now and stands nowhere else. None for whom it was given by hand, or who has come meanwhile."""
    person = User.objects.filter(username=event.subject).first()
    if event.facts["how"] != BY_MAIL or person is None or person.state is not State.INVITED or not portal_url:
        return None
    message = Message(
        key=f"event-{event.number}",
        title=f"{event.actor_name} invites you to Breakwater",
        text=f"Your account is named {person.username}. The link leads to a page where you set its password. It is "
        f"valid once, until {_time(invitations.ends_at(person))}. Whoever has it can take the account: keep it.",
        link=f"{portal_url}{invitations.path_for(person)}",
    )
    return Telling(kind=None, message=message, asked=f"user:{person.pk}")


_PERSONAL: Mapping[str, Callable[[Event, str], Telling | None]] = {
    events.REVIEW_ASKED: _question,
    accounts.INVITED: _invitation,
    accounts.LINK_MADE: _invitation,
}


def _rule(event: Event) -> Rule | None:
    found = [rule for rule in RULES if rule.deed == event.deed]
    if not found:
        return None
    status = event.facts.get("status")
    return next((rule for rule in found if rule.status in {None, status}), None)


def _mitigation(event: Event) -> Mitigation:
    related = ("requested_by", "pairing__platform", "pairing__method")
    return Mitigation.objects.select_related(*related).referred(event.subject)


def _goes_without(mitigation: Mitigation) -> bool:
    """Asked for and let go in one breath: by broken glass, or by a rule that wants nobody's approval."""
    return mitigation.approvals_needed == 0 or hasattr(mitigation, "glass")


def _is_told_with_others(mitigation: Mitigation) -> bool:
    """Asked for at once with others: the same people are told once, of the first, unless that one tells nobody."""
    lead = mitigation.asked_with
    if lead is None:
        return mitigation.companions.exists()
    return lead.approving_team_id == mitigation.approving_team_id and not _goes_without(lead)


def _words(mitigation: Mitigation, event: Event) -> dict[str, Any]:
    return {
        "ref": mitigation.reference,
        "target": mitigation.target,
        "pairing": str(mitigation.pairing),
        "how_long": f"for {mitigation.minutes} minutes" if mitigation.minutes else "until somebody stops it",
        "requester": mitigation.requested_by.username,
        "asker": _asker(mitigation),
        "actor": event.actor_name,
        "rule": mitigation.rule,
        "waits_until": _time(mitigation.waits_until),
        "ends_at": _time(mitigation.ends_at),
    }


def _asker(mitigation: Mitigation) -> str:
    """Whoever is woken is to know whether anybody has looked yet."""
    name = mitigation.requested_by.username
    return f"{name}, by the source “{mitigation.proposal.source}”," if hasattr(mitigation, "proposal") else name


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else "–"
