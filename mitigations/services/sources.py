"""Sources of alerts: set up by administrators, their secrets taken by their owners. Each change is one event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError

from accounts import bearer
from accounts.authority import Actor, Deed, Role, demand
from accounts.models import User
from accounts.selectors import still
from audit import sealing
from audit.canonical import Fact
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import Preset, Source
from mitigations.policies import alerts
from mitigations.policies.alerts import Kind, Places, Proof
from mitigations.services import events


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What an administrator says of a source. `networks` are canonical prefixes; none: from anywhere."""

    kind: Kind
    preset_id: int
    owner_id: int
    proof: Proof
    networks: tuple[str, ...] = ()
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A source with its new secret, which is shown nowhere else."""

    source: Source
    text: str


def add(*, name: str, setup: Setup, by: Actor, at: datetime) -> Source:
    """It proposes nothing until its owner has taken its secret.

    Raises Unacceptable, each objection named for the value that is wrong.
    """
    with recorded(events.SOURCE_SAVED, subject=called(name), by=by.author, at=at) as record:
        demand(by, Deed.EDIT_SOURCES)
        source = Source(name=name, made_at=at)
        record.facts = {"values": _facts(setup), "before": {}, "secret": "none yet"}
        _write(source, setup)
    return source


def change(*, name: str, setup: Setup, by: Actor, at: datetime) -> Source:
    """With another owner or another way to prove itself it loses its secret: the next one is for its owner to take."""
    with recorded(events.SOURCE_SAVED, subject=called(name), by=by.author, at=at) as record:
        demand(by, Deed.EDIT_SOURCES)
        source = _locked(name)
        lost = bool(source.secret_at) and (source.owner_id, source.proof) != (setup.owner_id, setup.proof)
        before = _facts(_setup_of(source))
        record.facts = {"values": _facts(setup), "before": before, "secret": "lost" if lost else "kept"}
        if lost:
            _forget_secret(source)
        _write(source, setup)
    return source


def take_secret(*, name: str, by: Actor, at: datetime) -> Taken:
    """Make the secret of an own source. The one before it, if there was any, is worth nothing from now on."""
    with recorded(events.SECRET_TAKEN, subject=called(name), by=by.author, at=at) as record:
        source = _locked(name)
        demand(by, Deed.TAKE_SECRET, source)
        text = bearer.make(bearer.SOURCE_MARK)
        record.facts = {"again": source.secret_at is not None, "beginning": bearer.beginning(text)}
        _forget_secret(source)
        source.beginning, source.secret_at = bearer.beginning(text), at
        if source.proof == Proof.SIGNATURE:
            source.sealed = sealing.seal(text)
        else:
            source.sha256 = bearer.hashed(text)
        source.save()
    return Taken(source=source, text=text)


def switch_off(*, name: str, by: Actor, at: datetime) -> Source:
    """At once: what comes from now on proposes nothing. Raises Conflict when it is off already."""
    return _switch(name, events.SOURCE_OFF, off_at=at, by=by, at=at)


def switch_on(*, name: str, by: Actor, at: datetime) -> Source:
    """Raises Conflict when it is on already."""
    return _switch(name, events.SOURCE_ON, off_at=None, by=by, at=at)


def called(name: str) -> str:
    """What the log calls a source."""
    return f"the source “{name}”"


def _switch(name: str, deed: str, *, off_at: datetime | None, by: Actor, at: datetime) -> Source:
    with recorded(deed, subject=called(name), by=by.author, at=at):
        demand(by, Deed.EDIT_SOURCES)
        source = _locked(name)
        if (source.off_at is None) is (off_at is None):
            state = "on" if source.off_at is None else "off"
            raise Conflict([Objection(code="switched-already", sentence=f"It is switched {state} already.")])
        source.off_at = off_at
        source.save(update_fields=["off_at"])
    return source


def _locked(name: str) -> Source:
    return (
        Source.objects.select_for_update(of=("self",))
        .select_related("owner", "preset__pairing__platform", "preset__pairing__method")
        .get(name=name)
    )


def _forget_secret(source: Source) -> None:
    source.sealed, source.sha256, source.beginning, source.secret_at = "", "", "", None


def _write(source: Source, setup: Setup) -> None:
    if wrong := (*alerts.flaws(setup.kind, setup.places), *_against_owner(setup.owner_id)):
        raise Unacceptable(wrong)
    source.kind, source.proof = setup.kind.value, setup.proof.value
    source.preset_id, source.owner_id = setup.preset_id, setup.owner_id
    source.networks = list(setup.networks)
    places = setup.places if setup.kind is Kind.JSON else Places()
    source.target_at, source.key_at, source.words_at = places.target, places.key, places.words
    source.when_at, source.when_holds = places.when, places.holds
    try:
        source.save()
    except IntegrityError:
        _name_taken(source.name)


def _against_owner(id: int) -> tuple[Objection, ...]:
    if still([id], Role.REQUESTER):
        return ()
    sentence = "Its owner must be somebody who may ask for mitigations: it asks in their name."
    return (Objection(code="owner", sentence=sentence),)


def _name_taken(name: str) -> NoReturn:
    raise Unacceptable([Objection(code="name", sentence=f"There is a source named “{name}” already.")]) from None


def _setup_of(source: Source) -> Setup:
    return Setup(
        kind=Kind(source.kind),
        preset_id=source.preset_id,
        owner_id=source.owner_id,
        proof=Proof(source.proof),
        networks=tuple(source.networks),
        places=source.places,
    )


def _facts(setup: Setup) -> dict[str, Fact]:
    return {
        "kind": setup.kind.value,
        "preset": Preset.objects.get(pk=setup.preset_id).name,
        "owner": User.objects.get(pk=setup.owner_id).username,
        "proof": setup.proof.value,
        "networks": ", ".join(setup.networks) or "anywhere",
        **{f"{name}_at": text for name, text in vars(setup.places).items() if text},
    }
