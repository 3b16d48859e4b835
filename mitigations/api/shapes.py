"""What the API reads and writes. Times are RFC 3339 in UTC, prefixes canonical text, references read "MIT-42"."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mitigations.policies.alerts import Outcome
from mitigations.policies.approval import Verdict
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.guardrails import Severity
from mitigations.policies.lifecycle import Status
from mitigations.policies.many import MOST

# More than any database gives.
MOST_ID = 2**62
Count = Annotated[int, Field(ge=0, le=MOST_ID)]
Number = Annotated[int, Field(ge=1, le=MOST_ID)]
Reference = Annotated[str, Field(pattern=r"^MIT-[1-9][0-9]{0,17}$", examples=["MIT-42"])]


def _storable(text: str) -> str:
    """No text that a database could not keep."""
    if "\x00" in text:
        raise ValueError("It holds a null character")
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_storable)]


class Shape(BaseModel):
    """What is not named is refused: a field that is misspelled would otherwise be passed over in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(Shape):
    """What stands against it, or wants a look. `mend` says how it can be put right, `pointer` where it stands."""

    code: str
    sentence: str
    severity: Severity | None = None
    mend: str = ""
    collides: str | None = None
    pointer: str | None = None


class Problem(Shape):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    findings: list[Finding]


# --- What is read ---------------------------------------------------------------------------------------------------


class Terms(Shape):
    """What is to be done, whatever the target."""

    pairing: Annotated[int, Field(ge=1, le=MOST_ID, description="Its ID in the catalogue.")]
    minutes: Annotated[
        int | None,
        Field(ge=0, le=MAX_MINUTES, description="Until the auto-stop. Left out: the pairing's usual ones. 0: none."),
    ] = None
    comment: Annotated[Text, Field(max_length=200, description="Goes to Kentik with the mitigation.")] = ""
    ticket: Annotated[Text, Field(max_length=100, description="Of your own system.")] = ""


_TARGET = Field(max_length=100, description="An IP address or a prefix.", examples=["203.0.113.7/32"])


class Ask(Terms):
    target: Annotated[Text, _TARGET]
    reason: Annotated[Text, Field(min_length=1, max_length=2000, description="Who decides reads it.")]


class Preview(Terms):
    target: Annotated[Text, _TARGET]


class AskMany(Terms):
    """One request for each target, all on the same terms; all of them or none."""

    targets: Annotated[
        list[Annotated[str, Field(max_length=100, pattern=r"^[0-9A-Fa-f:./]+$")]],
        Field(min_length=1, max_length=MOST, description="IP addresses or prefixes, at most 500."),
    ]
    reason: Annotated[Text, Field(min_length=1, max_length=2000, description="Who decides reads it.")]


class Note(Shape):
    note: Annotated[Text, Field(max_length=2000, description="Kept for the record.")] = ""


class Reason(Shape):
    note: Annotated[Text, Field(min_length=1, max_length=2000, description="Why.")]


class Approve(Note):
    shown: Annotated[
        Text,
        Field(max_length=64, description="The word of what was read: then what has changed since is a conflict."),
    ] = ""


class Verify(Shape):
    whole: Annotated[bool, Field(description="From the first event; otherwise from the newest checkpoint.")] = False


# --- What is written ------------------------------------------------------------------------------------------------


class TokenShown(Shape):
    name: str
    beginning: str
    scopes: list[str]
    networks: list[str]
    expires_at: datetime


class Right(Shape):
    """`allowed`: whether this token may ever do it. To one mitigation it may still be too late, or one's own."""

    deed: str
    allowed: bool
    why_not: str


class Me(Shape):
    username: str
    name: str
    roles: list[str]
    token: TokenShown
    rights: list[Right]


class KentikThing(Shape):
    id: int
    kentik_id: str
    name: str
    kind: str
    retired_at: datetime | None


class PairingShown(Shape):
    id: int
    name: str
    platform: int
    method: int
    effect: str
    offered: bool
    linked: bool
    ipv4: bool
    ipv6: bool
    widest_ipv4: int
    widest_ipv6: int
    widens_to_24: bool
    needs_ports: bool
    default_minutes: int
    longest_minutes: int | None
    retired: bool


class Catalogue(Shape):
    platforms: list[KentikThing]
    methods: list[KentikThing]
    pairings: list[PairingShown]


class PairingNamed(Shape):
    id: int
    name: str
    platform: str
    method: str
    effect: str


class DecisionShown(Shape):
    verdict: Verdict
    by: str
    at: datetime
    note: str


class Glass(Shape):
    """Sent without approval, on the word of whoever asked."""

    by: str
    at: datetime
    reason: str
    reviewed_at: datetime | None
    justified: bool | None


class AtKentik(Shape):
    """What Kentik shows of it."""

    kentik_id: str
    state: str
    seen_at: datetime


class MitigationShown(Shape):
    """A request for a mitigation, and what became of it."""

    reference: Reference
    target: str
    pairing: PairingNamed
    minutes: int
    comment: str
    reason: str
    ticket: str
    status: Status
    status_note: str
    requested_by: str
    source: Annotated[str | None, Field(description="The source of alerts that proposed it in their name.")]
    requested_at: datetime
    waits_until: datetime
    approved_at: datetime | None
    started_at: datetime | None
    ends_at: datetime | None
    closed_at: datetime | None
    approvals_needed: int
    approving_team: str | None
    rule: str
    rulebook: int | None
    asked_with: Reference | None
    findings_when_asked: list[Finding]
    decisions: list[DecisionShown]
    glass: Glass | None
    kentik: AtKentik | None
    being_stopped: bool


class MitigationWhole(MitigationShown):
    """The same with what is true of it at this moment.

    `findings`, `approvals_missing` and `may_be_approved_by` are about one that waits for approval. `may`: what this
    token may do to it now.
    """

    findings: list[Finding]
    approvals_missing: int
    may_be_approved_by: list[str]
    shown: Annotated[str, Field(description="The word that `approve` takes.")]
    disagreements: list[str]
    may: list[str]


class Heard(Shape):
    """What came of an alert. `mitigation`: the one that it led to, now or before."""

    outcome: Outcome
    sentence: str
    mitigation: Reference | None


class MitigationList(Shape):
    items: list[MitigationShown]
    next: str | None


class Asked(Shape):
    """In the order of the targets."""

    items: list[MitigationShown]


class Waiting(Shape):
    """One that waits for the decision of whoever asks. `appeared` and `gone`: what changed since it was asked for."""

    mitigation: MitigationShown
    findings: list[Finding]
    appeared: list[Finding]
    gone: list[str]
    approvals_missing: int
    shown: str


class WaitingList(Shape):
    items: list[Waiting]


class Requirement(Shape):
    """What the rules of approval ask for. `rule`: its place in version `rulebook`; null: none matched."""

    approvals: int
    team: str | None
    waits_minutes: int
    rule: int | None
    rulebook: int | None
    sentence: str


class Previewed(Shape):
    """What would happen. `obstacles`: what keeps it from being asked for; empty when nothing does."""

    target: str
    pairing: PairingNamed
    minutes: int
    findings: list[Finding]
    obstacles: list[Finding]
    requirement: Requirement
    may_be_approved_by: Annotated[list[str], Field(description="Empty: nobody has to, or more than four may.")]
    sentence: str
    kentik_request: dict[str, Any]


class ExchangeShown(Shape):
    """One HTTP request to Kentik, as sent and as received, without credentials."""

    number: int
    purpose: str
    method: str
    url: str
    request_headers: str
    request_body: str
    status: int | None
    response_headers: str
    response_body: str
    response_cut: bool
    started_at: datetime
    milliseconds: int | None
    outcome: str
    error: str
    redacted: bool


class ExchangeList(Shape):
    items: list[ExchangeShown]
    next: str | None


class RuleShown(Shape):
    place: int
    when: dict[str, list[str | int | bool]]
    words: str
    approvals: int
    team: str | None
    waits_minutes: int
    because: str


class Rules(Shape):
    """The rules in force, in their order. Without a version one approval is needed."""

    version: int | None
    note: str
    published_by: str | None
    published_at: datetime | None
    rules: list[RuleShown]


class Protected(Shape):
    id: int
    prefix: str
    severity: Severity
    reason: str
    owner: str


class ProtectedList(Shape):
    items: list[Protected]
    next: str | None


class Space(Shape):
    """Without teams everybody who may ask may ask for it."""

    id: int
    prefix: str
    teams: list[str]
    note: str


class SpaceList(Shape):
    items: list[Space]
    next: str | None


class SimulatedRule(Shape):
    place: int
    when: str
    unmet: str
    decides: bool
    asked: bool


class Simulation(Shape):
    target: str
    acted_on: str
    findings: list[Finding]
    blocked: bool
    requirement: Requirement
    steps: list[SimulatedRule]


class EventShown(Shape):
    """An event as an export has it: `hash` ties `body` to the one before it, as the format of the log says."""

    log: Literal["events"]
    number: int
    hash: str
    body: str
    detail: str | None
    at: datetime
    deed: str
    outcome: Literal["done", "refused"]
    actor_name: str
    subject: str
    sentence: str
    ip: str
    review: bool


class Events(Shape):
    """In the order of the log. Ask again with `after` = `next`: nothing is left out, and nothing comes twice."""

    items: list[EventShown]
    next: int
    head: int


class Verification(Shape):
    """What the newest verification found, if there was one. `head`: the number of the newest event."""

    head: int
    awaited: bool
    sound: bool | None
    sentence: str
    from_number: int | None
    to_number: int | None
    at: datetime | None


class CheckpointShown(Shape):
    """The head of the log, signed. `note` is the signed text with its signature."""

    number: int
    hash: str
    made_at: datetime
    note: str


class CheckpointList(Shape):
    items: list[CheckpointShown]
    next: str | None


class Named(Shape):
    name: str
    count: int


class BucketShown(Shape):
    words: str
    count: int


class Timing(Shape):
    """How long a step took, in seconds."""

    step: str
    words: str
    count: int
    median: int
    p90: int
    longest: int
    buckets: list[BucketShown]


class Slice(Shape):
    start: datetime
    end: datetime
    statuses: dict[str, int]


class Report(Shape):
    """What became of the mitigations that were asked for in a period, as they stand now."""

    period: str
    start: datetime
    end: datetime
    asked: int
    statuses: dict[str, int]
    glass: int
    live_at_end: int
    requesters: list[Named]
    teams: list[Named]
    approvers: list[Named]
    rejecters: list[Named]
    platforms: list[Named]
    methods: list[Named]
    timings: list[Timing]
    slices: list[Slice]
