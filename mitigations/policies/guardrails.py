"""What speaks against a mitigation, all at once. Asked at the preview, on asking, on approval and just before sending.

Whatever looks at addresses judges what will be acted on: the whole prefix, and the widened one where the method widens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from audit.refusal import Objection
from mitigations.policies import durations, special_purpose
from mitigations.policies.meanings import MEANINGS, Meaning
from mitigations.policies.network import Prefix

# Kentik says that a new or changed platform or method cannot be used for one or two minutes.
PROVISIONING = timedelta(minutes=3)


class Severity(StrEnum):
    BLOCK = "block"
    REVIEW = "review"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding(Objection):
    severity: Severity
    mend: str = ""
    # The reference of the mitigation that this one collides with.
    collides: str = ""

    @property
    def meaning(self) -> Meaning | None:
        """What it means and what one can do, in general."""
        return MEANINGS.get(self.code)

    def as_kept(self) -> dict[str, str]:
        """What a request keeps of it, to be compared later."""
        return {"code": self.code, "severity": self.severity.value, "sentence": self.sentence}


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is asked for, as far as the guardrails look. `minutes` 0 means: until stopped by hand."""

    target: Prefix
    minutes: int


@dataclass(frozen=True, kw_only=True)
class PairingFacts:
    """What the catalogue says of the platform and method. Prefix lengths; `longest_minutes` None means no limit.

    `modified_at`: when Kentik says that either was last changed.
    """

    name: str
    offered: bool
    retired: bool
    ipv4: bool
    ipv6: bool
    widest_ipv4: int
    widest_ipv6: int
    widens_to_24: bool
    needs_ports: bool
    longest_minutes: int | None
    linked: bool = True
    modified_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Holding:
    """An entry of the address space that holds the whole target. Without teams everybody may use it."""

    prefix: str
    teams: tuple[str, ...]
    usable: bool


@dataclass(frozen=True, kw_only=True)
class Protection:
    """A protected prefix that overlaps the target."""

    prefix: str
    severity: Severity
    reason: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another open mitigation that shares addresses with the target."""

    reference: str
    target: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """A mitigation that Kentik shows and that was not started here."""

    kentik_id: str
    target: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything about `acted_on(terms, pairing)` that the guardrails need.

    `space_defined`: without any address space there is no limit. `neighbours` and `protections` may be cut to a number
    that a person can read; what matters is whether there are any.
    """

    pairing: PairingFacts
    at: datetime
    taken_by: str | None = None
    space_defined: bool = False
    holdings: tuple[Holding, ...] = ()
    protections: tuple[Protection, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()


def acted_on(target: Prefix, pairing: PairingFacts) -> Prefix:
    """What Kentik or the device will act on, which may be wider than what was asked for."""
    return target.widened(24) if pairing.widens_to_24 and target.family == 4 else target


def judge(terms: Terms, facts: Facts) -> tuple[Finding, ...]:
    return tuple(finding for guardrail in _GUARDRAILS for finding in guardrail(terms, facts))


def blocks(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.BLOCK)


@dataclass(frozen=True, kw_only=True)
class Change:
    """How the findings differ from earlier ones: new findings, and the sentences of those that hold no more."""

    appeared: tuple[Finding, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.appeared or self.gone)


def change(before: Collection[tuple[str, str]], now: tuple[Finding, ...]) -> Change:
    """What has changed since; `before` are pairs of code and sentence. Findings are told apart by both."""
    held = {(finding.code, finding.sentence) for finding in now}
    return Change(
        appeared=tuple(finding for finding in now if (finding.code, finding.sentence) not in before),
        gone=tuple(sentence for code, sentence in before if (code, sentence) not in held),
    )


def _block(code: str, sentence: str, mend: str = "", collides: str = "") -> Finding:
    return Finding(code=code, severity=Severity.BLOCK, sentence=sentence, mend=mend, collides=collides)


def _availability(terms: Terms, facts: Facts) -> Iterator[Finding]:
    pairing = facts.pairing
    if pairing.retired:
        yield _block("retired", f"{pairing.name} has been retired.", "Choose another platform and method.")
    elif not pairing.offered:
        yield _block("not-offered", f"{pairing.name} is not offered here.", "Choose another platform and method.")
    if not pairing.linked:
        sentence = f"{pairing.name}: the two are not linked at Kentik."
        yield _block("not-linked", sentence, "Link them in Kentik, or choose another platform and method.")
    elif pairing.modified_at is not None and facts.at < pairing.modified_at + PROVISIONING:
        sentence = f"{pairing.name} was changed at Kentik less than 3 minutes ago and cannot be used yet."
        yield _block("not-linked", sentence, "Wait until it is provisioned.")


def _ports(terms: Terms, facts: Facts) -> Iterator[Finding]:
    if facts.pairing.needs_ports:
        sentence = f"{facts.pairing.name} needs a port, and Kentik's call cannot carry one."
        yield _block("needs-ports", sentence, "Start this one in Kentik, or choose another method.")


def _family(terms: Terms, facts: Facts) -> Iterator[Finding]:
    family = terms.target.family
    speaks = facts.pairing.ipv4 if family == 4 else facts.pairing.ipv6
    if not speaks:
        yield _block("family", f"{facts.pairing.name} does not do IPv{family}.", "Choose one that does.")


def _width(terms: Terms, facts: Facts) -> Iterator[Finding]:
    widest = facts.pairing.widest_ipv4 if terms.target.family == 4 else facts.pairing.widest_ipv6
    target = acted_on(terms.target, facts.pairing)
    if target.length < widest:
        sentence = f"{target.text} is wider than the /{widest} that {facts.pairing.name} allows."
        yield _block("too-wide", sentence, f"Ask for a /{widest} or narrower.")


def _widening(terms: Terms, facts: Facts) -> Iterator[Finding]:
    wide = acted_on(terms.target, facts.pairing)
    if wide != terms.target:
        sentence = f"This method acts on the whole {wide.text}: {wide.size} addresses."
        yield Finding(code="widened", severity=Severity.REVIEW, sentence=sentence)


def _duplicate(terms: Terms, facts: Facts) -> Iterator[Finding]:
    if facts.taken_by:
        sentence = f"{facts.taken_by} already holds {terms.target.text}, and Kentik keeps one mitigation per target."
        mend = f"Follow {facts.taken_by}, or stop or withdraw it first."
        yield _block("duplicate", sentence, mend, collides=facts.taken_by)
    for other in (each for each in facts.elsewhere if each.target == terms.target.text):
        sentence = f"Kentik has {other.kentik_id} on {other.target} already ({other.state}), started elsewhere."
        yield _block("duplicate", sentence, "Stop that one in Kentik first, or let it do the work.")


def _special_purpose(terms: Terms, facts: Facts) -> Iterator[Finding]:
    """Blocked, unless the requester's own address space names it."""
    target = acted_on(terms.target, facts.pairing)
    if any(holding.usable for holding in facts.holdings):
        return
    for block in special_purpose.touched(target):
        how = "is" if target == block.prefix else f"touches {block.prefix.text}, which is"
        sentence = f"{target.text} {how} set aside: {block.name} ({block.rfc})."
        yield _block(
            "special-purpose", sentence, "If it is really yours, an administrator can add it as address space."
        )


def _address_space(terms: Terms, facts: Facts) -> Iterator[Finding]:
    target = acted_on(terms.target, facts.pairing)
    if not facts.space_defined or any(holding.usable for holding in facts.holdings):
        return
    if facts.holdings:
        teams = " and ".join(sorted({team for holding in facts.holdings for team in holding.teams}))
        sentence = f"{target.text} is for {teams} to ask for."
        mend = f"Ask somebody of {teams}, or an administrator to add you."
    else:
        sentence = f"{target.text} does not lie wholly inside the address space of this portal."
        mend = "Ask for a part that does, or an administrator to add it."
    yield _block("outside-address-space", sentence, mend)


def _protected(terms: Terms, facts: Facts) -> Iterator[Finding]:
    target = acted_on(terms.target, facts.pairing)
    for protection in facts.protections:
        how = "is" if target.text == protection.prefix else f"touches {protection.prefix}, which is"
        sentence = f"{target.text} {how} protected: {protection.reason}"
        mend = f"{protection.owner} owns this entry."
        yield Finding(code="protected", severity=protection.severity, sentence=sentence, mend=mend)


def _overlap(terms: Terms, facts: Facts) -> Iterator[Finding]:
    for neighbour in facts.neighbours:
        sentence = f"It overlaps {neighbour.target}, which is {neighbour.status}."
        yield Finding(code="overlap", severity=Severity.REVIEW, sentence=sentence, collides=neighbour.reference)
    for other in (each for each in facts.elsewhere if each.target != terms.target.text):
        sentence = (
            f"It overlaps {other.target}, which is {other.state} at Kentik ({other.kentik_id}), started elsewhere."
        )
        yield Finding(code="overlap", severity=Severity.REVIEW, sentence=sentence)


def _duration(terms: Terms, facts: Facts) -> Iterator[Finding]:
    longest = facts.pairing.longest_minutes
    at_most = durations.words(longest) if longest is not None else ""
    if terms.minutes == 0:
        sentence = "It has no auto-stop: it runs until somebody stops it by hand."
        severity = Severity.BLOCK if longest is not None else Severity.REVIEW
        mend = f"Give it a duration of at most {at_most}." if at_most else ""
        yield Finding(code="no-auto-stop", severity=severity, sentence=sentence, mend=mend)
    elif longest is not None and terms.minutes > longest:
        sentence = f"{durations.words(terms.minutes)} is longer than the {at_most} that {facts.pairing.name} allows."
        yield _block("too-long", sentence, f"Ask for {at_most} or less, and renew it if needed.")


_GUARDRAILS = (
    _availability,
    _ports,
    _family,
    _width,
    _widening,
    _special_purpose,
    _address_space,
    _protected,
    _duplicate,
    _overlap,
    _duration,
)
