"""Data for tests: say only what the test is about."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import tokens
from accounts.authority import WORKER, Scope
from accounts.models import User
from audit import chaining, sealing, sinks
from audit.ledger import recorded
from audit.models import Channel, Checkpoint, Event, Redaction
from audit.notes import Statement
from audit.ways import chat
from mitigations.models import (
    AddressSpace,
    BreakGlass,
    Decision,
    Exchange,
    KentikView,
    Method,
    Mitigation,
    Pairing,
    Platform,
    Preset,
    ProtectedPrefix,
    Rulebook,
    Source,
    Team,
)
from mitigations.models.axis import place
from mitigations.policies.alerts import Kind, Proof
from mitigations.policies.lifecycle import FINAL, IN_FORCE, Status
from mitigations.policies.network import Prefix, known, parse
from mitigations.policies.rules import Condition, Rule, as_json
from mitigations.services import sources
from mitigations.services.telling import Kind as Message
from tests.people import acting, make_person

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_numbers = itertools.count(1)


DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")


def make_space(text: str, *teams: Team) -> AddressSpace:
    space, _ = AddressSpace.objects.get_or_create(prefix=text, defaults=place(known(text)))
    space.teams.set(teams)
    return space


def make_protected(text: str, *, owner: User, severity: str = "block") -> ProtectedPrefix:
    values = {"severity": severity, "reason": "Resolvers.", "owner": owner}
    return ProtectedPrefix.objects.create(prefix=text, **place(known(text)), **values)


def make_channel(
    name: str = "NOC room", *, address: str = "json://127.0.0.1:9/hook", kinds: Iterable[str] = tuple(Message)
) -> Channel:
    """One that gets everything; nobody listens at its address."""
    values = {"sealed": sealing.seal(address), "label": chat.label(address), "kinds": [str(kind) for kind in kinds]}
    channel, _ = Channel.objects.get_or_create(name=name, defaults=values)
    sinks.ensure(channel.sink)
    return channel


def make_pairing(**facts: Any) -> Pairing:
    """Platform 257 with method 775 by default, as in the sandbox's catalogue. Documentation prefixes become ours."""
    ours = set(AddressSpace.objects.filter(prefix__in=DOCUMENTATION).values_list("prefix", flat=True))
    AddressSpace.objects.bulk_create(
        AddressSpace(prefix=text, **place(known(text))) for text in DOCUMENTATION if text not in ours
    )
    platform_id, method_id = facts.pop("platform_id", "257"), facts.pop("method_id", "775")
    platform, _ = Platform.objects.get_or_create(kentik_id=platform_id, defaults={"name": "Edge RTBH", "kind": "rtbh"})
    method, _ = Method.objects.get_or_create(kentik_id=method_id, defaults={"name": "Drop everything", "kind": "rtbh"})
    values = {"offered": True, "effect": "drops all traffic to the target", "ipv6": True, **facts}
    pairing, _ = Pairing.objects.update_or_create(platform=platform, method=method, defaults=values)
    return pairing


def shown_row(id: str, **values: Any) -> dict[str, Any]:
    """A platform or a method as Kentik shows it, plain; an RTBH one unless told another."""
    rtbh = "MITIGATION_PLATFORM_TYPE_RTBH"
    return {"id": id, "name": f"Shown {id}", "description": "", "type": rtbh, "modified_at": None, **values}


def make_view(**values: Any) -> KentikView:
    """Kentik as it was seen last: its catalogue is that of `make_pairing`, read at NOW, unless told another."""
    row = {
        "platforms": [shown_row("257", name="Edge RTBH", method_ids=["775"])],
        "methods": [shown_row("775", name="Drop everything")],
        "catalogue_read_at": NOW,
    }
    return KentikView.objects.update_or_create(pk=KentikView.THE_ONE, defaults={**row, **values})[0]


def make_rule(because: str = "we say so", /, *when: Condition, **values: Any) -> Rule:
    """Two approvals within an hour, whatever is asked for, unless the test says otherwise."""
    return Rule(**{"when": when, "approvals": 2, "waits": timedelta(hours=1), "because": because, **values})


def make_rulebook(*rules: Rule, by: User | None = None) -> Rulebook:
    """Put these rules in force."""
    number = Rulebook.objects.count() + 1
    publisher = by or _person("max", "administrator")
    plain = as_json(rules or [make_rule()])
    return Rulebook.objects.create(number=number, rules=plain, note="Test.", published_by=publisher, published_at=NOW)


def break_glass_for(mitigation: Mitigation, *, at: datetime = NOW) -> BreakGlass:
    """As it stands in the database, whatever became of the mitigation."""
    by = mitigation.requested_by
    return BreakGlass.objects.create(mitigation=mitigation, broken_by=by, broken_at=at, reason="The shop is down now.")


def make_preset(**values: Any) -> Preset:
    """For a shop's host under a UDP flood, on the pairing of `make_pairing` unless told another."""
    row = {
        "name": "Shop host under UDP flood",
        "target_class": "host",
        "inside": "203.0.113.0/24",
        "pairing": values.pop("pairing", None) or make_pairing(),
        "minutes": 60,
    }
    return Preset.objects.create(**{**row, **values})


def make_mitigation(status: Status = Status.PENDING, *, at: datetime = NOW, **values: Any) -> Mitigation:
    """One in the given status, with whatever that status implies; approved by lee where it was approved."""
    target = parse(values.pop("target", None) or f"203.0.113.{next(_numbers) % 256}/32")
    assert isinstance(target, Prefix)
    pairing = values.pop("pairing", None) or make_pairing()
    requester = values.pop("requested_by", None) or _person("dana", "requester")
    minutes = values.pop("minutes", 60)
    row: dict[str, Any] = {
        "target": target.text,
        **place(target),
        "pairing": pairing,
        "minutes": minutes,
        "reason": "UDP flood since 02:50, the shop is down.",
        "approvals_needed": 1,
        "rule": "Needs 1 approval by somebody else.",
        "requested_by": requester,
        "requested_at": at,
        "waits_until": at + timedelta(hours=24),
        "status": status,
    }
    agreed = status in {Status.APPROVED, *IN_FORCE, Status.STOPPED, Status.ENDED}
    if agreed:
        row["approved_at"] = at
    if status in IN_FORCE:
        row |= {"attempt": uuid.uuid4(), "attempts": 1, "claimed_at": at}
    if status is Status.SENDING:
        row["lease_until"] = at + timedelta(seconds=90)
    if status is Status.ACTIVE:
        row |= {"started_at": at, "ends_at": at + timedelta(minutes=minutes) if minutes else None}
    if status in FINAL:
        row["closed_at"] = at
    mitigation = Mitigation.objects.create(**{**row, **values})
    if agreed:
        lee = _person("lee", "approver")
        Decision.objects.create(mitigation=mitigation, verdict="approve", decided_by=lee, decided_at=at)
    return mitigation


def make_exchange(
    mitigation: Mitigation | None = None, *, at: datetime = NOW, error: str = "", **values: Any
) -> Exchange:
    """One that ended well; `status` None: no answer came."""
    facts = {
        "mitigation": None if mitigation is None else mitigation.reference,
        "attempt": str(mitigation.attempt if mitigation is not None and mitigation.attempt else uuid.uuid4()),
        "purpose": "start",
        "method": "POST",
        "status": 200,
        "response_cut": False,
        "started_at": at.isoformat(timespec="microseconds"),
        "duration_ms": 0,
        "outcome": "accepted",
        "credentials_refused": False,
    }
    texts = {"url": "http://127.0.0.1:9/", "request_body": "{}", "error": error}
    with transaction.atomic():
        return chaining.append(Exchange, {**facts, **values}, texts)


def make_checkpoint() -> Checkpoint:
    """Of whatever the log holds now; its signature is nobody's."""
    head = chaining.head(Event)
    stated = Statement(head=head, at=NOW, beside={Exchange.LOG: chaining.head(Exchange)})
    values = {"hash": head.hash, "made_at": NOW, "key": "portal+00000000", "note": f"{stated.text}\n— portal x\n"}
    made, _ = Checkpoint.objects.get_or_create(number=head.number, defaults=values)
    return made


def make_redaction() -> Redaction:
    values = {"reason": "A password.", "asked_by": "user:0", "asked_by_name": "ana", "asked_at": NOW}
    return Redaction.objects.create(log="exchanges", number=make_exchange().number, **values)


def make_token(owner: User, *scopes: Scope, at: datetime = NOW, **values: Any) -> tokens.Made:
    """One for every scope unless told which, from anywhere, for 30 days."""
    row = {"name": f"soar-{next(_numbers)}", "purpose": "Playbooks on soar01.", "networks": ()}
    row |= {"scopes": frozenset(scopes or Scope), "lasts": timedelta(days=30), **values}
    return tokens.make(wish=tokens.Wish(**row), longest=timedelta(days=365), by=acting(owner), at=at)


def make_source(name: str = "edge-fnm", **values: Any) -> Source:
    """Dana's, of FastNetMon, which signs, and starts from the preset of `make_preset`; its secret is not taken yet."""
    setup = {
        "kind": Kind.FASTNETMON,
        "proof": Proof.SIGNATURE,
        "preset_id": (values.pop("preset", None) or Preset.objects.first() or make_preset()).pk,
        "owner_id": (values.pop("owner", None) or _person("dana", "requester")).pk,
        **values,
    }
    by = acting(_person("max", "administrator"))
    return sources.add(name=name, setup=sources.Setup(**setup), by=by, at=NOW)


def secret_of(source: Source, *, at: datetime = NOW) -> str:
    return sources.take_secret(name=source.name, by=acting(source.owner), at=at).text


def make_event(deed: str, mitigation: Mitigation, *, at: datetime = NOW, **facts: Any) -> None:
    """As if a service had done it: the event alone."""
    terms = {"target": mitigation.target, "pairing": str(mitigation.pairing), "minutes": mitigation.minutes}
    with recorded(deed, subject=mitigation.reference, by=WORKER.author, at=at) as record:
        record.facts = {**terms, **facts}


def _person(name: str, role: str) -> User:
    return User.objects.filter(username=name).first() or make_person(name, [role])  # type: ignore[list-item]
