"""What an alert leads to: a request that waits for people, a look at Kentik, or a note. Nothing is ever sent by it.

A source asks as its owner, under all guardrails and rules, and always needs somebody's approval. What it says of a
mitigation that runs is believed in nothing: at most the worker looks at Kentik.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import IntegrityError

from accounts.authority import Actor, Deed, Scope, may
from accounts.selectors import actor_for
from audit import seldom
from audit.author import Origin
from audit.ledger import recorded
from audit.refusal import Forbidden, Objection, Refused, Unacceptable
from mitigations.models import Mitigation, Notice, Pairing, Proposal, Source
from mitigations.policies import alerts, presets
from mitigations.policies.alerts import Alert, Kind, Meaning, Outcome
from mitigations.services import events, notices, requests, standing
from mitigations.services.knocking import Admitted
from mitigations.services.notices import Told
from mitigations.services.requests import Wanted

# What is refused again and again for the same reason is one event in this time; each stands in the notices.
_REFUSALS_EVERY = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class _Call:
    """An alert that was let in and read, and as whom it is heard."""

    source: Source
    alert: Alert
    by: Actor
    at: datetime


class _KnownAlready(Exception):
    """Another delivery was quicker. Rolls back without a record."""


def hear(admitted: Admitted, *, body: bytes, origin: Origin, at: datetime) -> tuple[Notice, bool]:
    """Do what an alert may do, once; the notice of it, and whether this delivery was heard before.

    Raises Conflict while the same delivery is under way.
    """
    source, delivery = admitted.source, admitted.delivery
    notice, is_new = notices.take(source, body=body, delivery=delivery, ip=origin.ip, at=at)
    if is_new:
        notices.close(notice, _told(source, body, origin, at))
    return notice, not is_new


def _told(source: Source, body: bytes, origin: Origin, at: datetime) -> Told:
    if source.off_at is not None:
        return Told(outcome=Outcome.FORBIDDEN, sentence="The source is switched off.", findings=[_OFF])
    try:
        alert = alerts.read(body, kind=Kind(source.kind), places=source.places)
    except Unacceptable as refusal:
        return Told(outcome=Outcome.UNREADABLE, sentence=str(refusal), findings=refusal.objections)
    owner = actor_for(source.owner, origin=origin)
    by = replace(owner, scopes=frozenset({Scope.ASK}), source=source.name)
    told = _ACTS[alert.meaning](_Call(source=source, alert=alert, by=by, at=at))
    return replace(told, key=alert.key, words=alert.words)


# --- The start of an attack -------------------------------------------------------------------------------------------


def _start(call: _Call) -> Told:
    if (proposal := _proposal(call)) is not None:
        return _repeated(proposal)
    wanted = _wanted(call)
    if (refusal := _refusal(wanted, call)) is not None:
        # What stands against it may be what it led to, by another delivery that was quicker.
        if (proposal := _proposal(call)) is not None:
            return _repeated(proposal)
        _record(refusal, wanted, call)
        return _refused(refusal)
    try:
        return _proposed(_propose(wanted, call))
    except Refused as late:
        return _refused(late)
    except (_KnownAlready, IntegrityError):
        if (proposal := _proposal(call)) is None:
            raise
        return _repeated(proposal)


def _wanted(call: _Call) -> Wanted:
    preset, target = call.source.preset, call.alert.target
    assert target is not None, "an attack has a target"
    return Wanted(
        target=target,
        pairing_id=preset.pairing_id,
        minutes=preset.minutes,
        comment=preset.comment,
        reason=alerts.reason(call.alert, source=call.source.name, kind=Kind(call.source.kind)),
        preset=preset.name,
    )


def _propose(wanted: Wanted, call: _Call) -> Mitigation:
    with recorded(events.ASKED, subject=wanted.target.text, by=call.by.author, at=call.at) as record:
        # Two deliveries of one alert come one after the other; behind the lock stands a constraint.
        if Source.objects.select_for_update().get(pk=call.source.pk).off_at is not None:
            raise Forbidden([_OFF])
        if _proposal(call) is not None:
            raise _KnownAlready
        mitigation = requests.ask_within(record, wanted=wanted, by=call.by, at=call.at)
        Proposal.objects.create(source=call.source, key=call.alert.key, mitigation=mitigation, made_at=call.at)
    return mitigation


def _proposal(call: _Call) -> Proposal | None:
    return Proposal.objects.select_related("mitigation").filter(source=call.source, key=call.alert.key).first()


def _refusal(wanted: Wanted, call: _Call) -> Refused | None:
    """Why this could not be asked for, before it is tried."""
    if may(call.by, Deed.ASK):
        return Forbidden([_owner_may_not(call.by)])
    recipe = call.source.preset.recipe
    if misfit := presets.misfit(wanted.target, kind=recipe.kind, inside=recipe.inside):
        sentence = f"The preset “{recipe.name}” of the source does not fit. {misfit}"
        return Unacceptable([Objection(code="preset", sentence=sentence)])
    judgement = requests.judge(_pairing(wanted), wanted.terms, by=call.by, at=call.at)
    objections = requests.objections_to([judgement], by=call.by)
    return Unacceptable(objections) if objections else None


def _record(refusal: Refused, wanted: Wanted, call: _Call) -> None:
    """So that people see that a detector asks for what may not be, and not each of its tries fills the log."""
    codes = [each.code for each in refusal.objections]
    if not seldom.is_news("alert-refused", call.source.pk, call.alert.key, codes, every=_REFUSALS_EVERY):
        return
    with (
        suppress(Refused),
        recorded(events.ASKED, subject=wanted.target.text, by=call.by.author, at=call.at) as record,
    ):
        record.facts, record.detail = requests.facts_of(wanted, _pairing(wanted)), requests.detail_of(wanted)
        raise refusal


def _pairing(wanted: Wanted) -> Pairing:
    return Pairing.objects.select_related("platform", "method").get(pk=wanted.pairing_id)


def _owner_may_not(owner: Actor) -> Objection:
    sentence = f"The source asks in the name of {owner.username}, who may not ask for mitigations any more."
    return Objection(code="owner", sentence=sentence)


def _proposed(mitigation: Mitigation) -> Told:
    sentence = f"{mitigation.reference} is asked for, and waits for people. {mitigation.rule}"
    return Told(outcome=Outcome.PROPOSED, sentence=sentence, mitigation=mitigation)


def _repeated(proposal: Proposal) -> Told:
    mitigation = proposal.mitigation
    sentence = f"This alert led to {mitigation.reference}, which is {mitigation.status}. Nothing more is asked for."
    return Told(outcome=Outcome.REPEATED, sentence=sentence, mitigation=mitigation)


def _refused(refusal: Refused) -> Told:
    outcome = Outcome.FORBIDDEN if isinstance(refusal, Forbidden) else Outcome.BLOCKED
    return Told(outcome=outcome, sentence=str(refusal), findings=refusal.objections)


# --- Everything else --------------------------------------------------------------------------------------------------


def _end(call: _Call) -> Told:
    """People decide when one is stopped: whoever can lift an alert could otherwise take a shield away."""
    proposal = _proposal(call)
    sentence = "It is noted that the attack has ended. Nothing is stopped by that: people decide."
    return Told(outcome=Outcome.ENDED, sentence=sentence, mitigation=proposal.mitigation if proposal else None)


def _stir(call: _Call) -> Told:
    looks = standing.want_look(at=call.at)
    sentence = (
        "The worker looks at Kentik."
        if looks
        else "It is noted. Without Kentik's mitigation API (V6) the portal cannot look there."
    )
    return Told(outcome=Outcome.STIRRED, sentence=sentence)


def _ignore(call: _Call) -> Told:
    return Told(outcome=Outcome.IGNORED, sentence=call.alert.words)


_ACTS: Mapping[Meaning, Callable[[_Call], Told]] = {
    Meaning.START: _start,
    Meaning.END: _end,
    Meaning.STIR: _stir,
    Meaning.OTHER: _ignore,
}
_OFF = Objection(code="switched-off", sentence="The source is switched off.")
