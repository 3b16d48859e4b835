"""What the portal must do, worked out without a line of its code: by `ipaddress`, sets and the sentences of the design.

The machine in `test_lifecycle_machine.py` does each deed twice, here and in the portal, and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

WAITING = {"pending", "approved"}
OPEN = {*WAITING, "sending", "active", "unknown"}
LEASE = timedelta(seconds=90)
A_DAY = timedelta(hours=24)


@dataclass
class Person:
    name: str
    roles: set[str]
    active: bool = True

    def holds(self, *roles: str) -> bool:
        return self.active and set(roles) <= self.roles


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`looks_at` is one of the keys of `Expected._matches`."""

    looks_at: str
    approvals: int
    of_team: bool = False
    waits: timedelta = timedelta(minutes=5)

    def covers(self, other: Rule) -> bool:
        longer = (self.looks_at, other.looks_at) == ("longer than 5", "no auto-stop")
        return longer or self.looks_at in {"anything", other.looks_at}


@dataclass(frozen=True, kw_only=True)
class Terms:
    target: Network
    minutes: int
    widens: bool

    @property
    def acts_on(self) -> Network:
        wider = self.widens and self.target.version == 4 and self.target.prefixlen > 24
        return self.target.supernet(new_prefix=24) if wider else self.target

    def touches(self, other: Network) -> bool:
        return self.acts_on.version == other.version and self.acts_on.overlaps(other)

    def lies_in(self, other: Network) -> bool:
        return self.touches(other) and self.acts_on.prefixlen >= other.prefixlen


@dataclass(kw_only=True)
class Request:
    number: int
    terms: Terms
    requester: str
    approvals: int
    of_team: bool
    waits_until: datetime
    status: str = "pending"
    votes: dict[str, str] = field(default_factory=dict)
    glass: bool = False
    reviewer: str | None = None
    approved_at: datetime | None = None
    attempts: int = 0
    claimed_at: datetime | None = None
    next_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    ends_at: datetime | None = None

    @property
    def reference(self) -> str:
        return f"MIT-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Sending:
    """The world in the moment of a claim, as far as the two promises about what goes out look at it."""

    request: Request
    attempt: int
    blocking: frozenset[Network]
    agreed: bool


class Expected:
    def __init__(self, *, people: Sequence[Person], team: set[str], space: Sequence[str], now: datetime) -> None:
        self.people = {person.name: person for person in people}
        self.team = team
        self.space = {ip_network(text): False for text in space}  # whether it is the team's alone
        self.protected: dict[Network, bool] = {}  # whether it blocks
        self.draft: tuple[Rule, ...] = ()
        self.rules: tuple[Rule, ...] = ()
        self.publisher: str | None = None
        self.requests: list[Request] = []
        self.sent: dict[int, Sending] = {}
        self.latest: Sending | None = None
        self.paused_until, self.throttled = now, 0
        self.now = now

    # --- What speaks against it ---------------------------------------------------------------------------------------

    def open_ones(self, besides: Request | None = None) -> list[Request]:
        return [each for each in self.requests if each.status in OPEN and each is not besides]

    def blocking(self) -> frozenset[Network]:
        return frozenset(prefix for prefix, blocks in self.protected.items() if blocks)

    def is_blocked(self, terms: Terms, requester: str, besides: Request | None = None) -> bool:
        ours = any(
            terms.lies_in(piece) and (requester in self.team or not team_only)
            for piece, team_only in self.space.items()
        )
        taken = any(other.terms.target == terms.target for other in self.open_ones(besides))
        return not ours or taken or any(map(terms.touches, self.blocking()))

    def needs_a_look(self, terms: Terms) -> bool:
        crowded = any(terms.touches(other.terms.target) for other in self.open_ones())
        watched = any(terms.touches(prefix) for prefix, blocks in self.protected.items() if not blocks)
        return terms.minutes == 0 or terms.acts_on != terms.target or crowded or watched

    # --- What it needs ------------------------------------------------------------------------------------------------

    def required(self, terms: Terms, requester: str) -> tuple[int, bool, timedelta]:
        for rule in self.rules:
            if self._matches(rule, terms):
                approvals = max(rule.approvals, 1) if requester == self.publisher else rule.approvals
                return approvals, rule.of_team and approvals > 0, rule.waits
        return 1, False, A_DAY

    def _matches(self, rule: Rule, terms: Terms) -> bool:
        return {
            "anything": True,
            "wider than /28": terms.acts_on.version == 4 and terms.acts_on.prefixlen < 28,
            "no auto-stop": terms.minutes == 0,
            "longer than 5": terms.minutes == 0 or terms.minutes > 5,
            "needs a look": self.needs_a_look(terms),
        }[rule.looks_at]

    def approvers(self, *, of_team: bool) -> set[str]:
        names = {person.name for person in self.people.values() if person.holds("approver")}
        return names & self.team if of_team else names

    def agreed(self, request: Request) -> bool:
        if "reject" in request.votes.values():
            return False
        if request.glass and self.people[request.requester].holds("requester", "break-glass"):
            return True
        counted = self.approvers(of_team=request.of_team) & set(request.votes) - {request.requester}
        return len(counted) >= request.approvals

    def is_sound(self, rules: Sequence[Rule]) -> bool:
        """Whether they may be published: none is hidden behind an earlier one, and each can be met."""
        hidden = any(earlier.covers(rule) for place, rule in enumerate(rules) for earlier in rules[:place])
        return not hidden and all(len(self.approvers(of_team=rule.of_team)) >= rule.approvals for rule in rules)

    # --- Who may, and what comes of it --------------------------------------------------------------------------------

    def may_ask(self, name: str, terms: Terms) -> bool:
        person = self.people[name]
        approvals, of_team, _ = self.required(terms, name)
        reachable = len(self.approvers(of_team=of_team) - {name}) >= approvals
        answers_for_it = person.holds("break-glass")
        return person.holds("requester") and not self.is_blocked(terms, name) and (reachable or answers_for_it)

    def ask(self, name: str, terms: Terms, number: int) -> None:
        approvals, of_team, waits = self.required(terms, name)
        request = Request(
            number=number,
            terms=terms,
            requester=name,
            approvals=approvals,
            of_team=of_team,
            waits_until=self.now + waits,
        )
        if not approvals:
            self._approved(request)
        self.requests.append(request)

    def may(self, verb: str, name: str, request: Request) -> bool:
        """Whether this person may do this to this request now. `verb` is one of VERBS."""
        person, own = self.people[name], name == request.requester
        decides = person.holds("approver") and not own and name not in request.votes and self.now < request.waits_until
        clear = not self.is_blocked(request.terms, request.requester, besides=request)
        counts = name in self.team or not request.of_team
        goes_alone = person.holds("requester", "break-glass") and own and not request.glass
        match verb:
            case "approve":
                return request.status == "pending" and decides and counts and clear
            case "reject":
                return request.status in WAITING and decides
            case "withdraw":
                return request.status in WAITING and own and person.holds("requester")
            case "break the glass":
                return request.status == "pending" and goes_alone and clear and self.now < request.waits_until
            case "review":
                return request.glass and request.reviewer is None and person.holds("approver") and not own
            case "record a stop":
                return request.status == "active" and (person.holds("requester") or person.holds("approver"))
            case _:
                return request.status == "unknown" and person.holds("approver") and not own

    def did(self, verb: str, name: str, request: Request) -> None:
        match verb:
            case "approve":
                request.votes[name] = "approve"
                if self.agreed(request):
                    self._approved(request)
            case "reject":
                request.votes[name], request.status = "reject", "rejected"
            case "withdraw":
                request.status = "withdrawn"
            case "break the glass":
                request.glass = True
                self._approved(request)
            case "review":
                request.reviewer = name
            case "record a stop":
                request.status = "stopped"
            case "settle as active":
                assert request.claimed_at is not None
                self.starts(request, request.claimed_at)
            case "settle as refused":
                request.status = "refused"
            case "settle as stopped":
                request.status = "stopped"

    def _approved(self, request: Request) -> None:
        request.status, request.approved_at = "approved", self.now

    def possible(self, *verbs: str) -> Iterator[tuple[str, str, Request]]:
        """Every deed by anybody on anything that the portal must allow at this moment."""
        for verb in verbs:
            for request in self.requests:
                yield from ((verb, name, request) for name in self.people if self.may(verb, name, request))

    # --- Sending ------------------------------------------------------------------------------------------------------

    def claims(self) -> Sending | None:
        """What a worker's claim comes to: the moves that it makes, and what it may call for, if anything."""
        due = [each for each in self.requests if each.status == "approved" and self._is_due(each)]
        if not due or any(each.status == "sending" for each in self.requests) or self.now < self.paused_until:
            return None
        request = min(due, key=lambda each: (each.approved_at, each.number))
        if not self.agreed(request):
            request.status, request.approved_at = "pending", None
            return None
        if self.is_blocked(request.terms, request.requester, besides=request):
            request.status = "refused"
            return None
        request.status, request.attempts = "sending", request.attempts + 1
        request.claimed_at, request.lease_until = self.now, self.now + LEASE
        self.sent[request.number] = Sending(
            request=request, attempt=request.attempts, blocking=self.blocking(), agreed=self.agreed(request)
        )
        self.latest = self.sent[request.number]
        return self.latest

    def _is_due(self, request: Request) -> bool:
        return self.now < request.waits_until and (request.next_attempt_at or self.now) <= self.now

    def answered(self, sending: Sending, outcome: str, started_at: datetime, *, said: bool) -> None:
        """An answer is recorded. One that comes late settles what is still unknown, and nothing else.

        `said`: Kentik answered at all. Only of the latest call does that tell whether the next must wait.
        """
        if said and sending is self.latest:
            self._heeds(outcome)
        request = sending.request
        if request.attempts != sending.attempt or request.status not in {"sending", "unknown"}:
            return
        match outcome, request.status:
            case "accepted", _:
                self.starts(request, started_at)
            case "not-sent", "sending":
                request.status = "approved"
                request.next_attempt_at = self.now + timedelta(seconds=min(2 ** (request.attempts - 1), 30))
            case "unknown", _:
                request.status = "unknown"
            case _:
                request.status = "refused"

    def _heeds(self, outcome: str) -> None:
        """A minute's pause after a 429, doubled for each that follows another, ten minutes at most."""
        self.throttled = self.throttled + 1 if outcome == "throttled" else 0
        self.paused_until = self.now + timedelta(seconds=min(30 * 2**self.throttled, 600) if self.throttled else 0)

    def starts(self, request: Request, started_at: datetime) -> None:
        request.status = "active"
        request.ends_at = started_at + timedelta(minutes=request.terms.minutes) if request.terms.minutes else None

    def time_passes(self) -> None:
        """What happens by itself when its time has come."""
        for request in self.requests:
            lease, end = request.lease_until, request.ends_at
            if request.status == "sending" and lease is not None and lease <= self.now:
                request.status = "unknown"
            elif request.status in WAITING and request.waits_until <= self.now:
                request.status = "expired"
            elif request.status == "active" and end is not None and end <= self.now:
                request.status = "ended"


VERBS = (
    "approve",
    "reject",
    "withdraw",
    "break the glass",
    "review",
    "record a stop",
    "settle as active",
    "settle as refused",
    "settle as stopped",
)
