"""The whole life of mitigations, played at random by six people and a worker against a real sandbox and database.

Each step is done in the portal and in `tests.services.expected`, which knows the design and none of the portal's code.
After each step both must agree, the log must tell the same story, and what the sandbox has live must be harmless and
agreed to. `MACHINE_EXAMPLES=500` plays that many games at random; without it a few are played, always the same ones.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import hypothesis.strategies as st
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.authority import Actor, Role
from accounts.models import User
from audit.models import Event
from audit.refusal import Refused
from audit.verification import verify
from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from mitigations.kentik.messages import Call
from mitigations.models import AddressSpace, BreakGlass, Decision, Mitigation, ProtectedPrefix
from mitigations.policies import rules as policy
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.plan import Part
from mitigations.selectors import rules as reading
from mitigations.services import approvals, glass, plan, requests, rules, sending, settling
from mitigations.services.plan import Entry
from mitigations.services.requests import Wanted
from mitigations.services.timekeeping import keep_time
from sandbox.server import Sandbox
from tests.databases import lifted_triggers
from tests.making import DOCUMENTATION, NOW, make_pairing
from tests.people import acting, make_person
from tests.services.expected import LEASE, VERBS, WAITING, Expected, Network, Person, Request, Rule, Sending, Terms
from tests.services.replaying import replay

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "0"))
PLAY = settings(
    max_examples=EXAMPLES or 10,
    stateful_step_count=50,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    # A game that fails is told as it was played: to shrink one takes minutes, which only a long run has.
    phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Rounds of games, each the same on every run, until everything that must happen has: often after the first.
ROUNDS = range(6)

ROLES = {
    "dana": {"requester", "break-glass"},
    "pat": {"requester", "approver"},
    "lee": {"approver"},
    "kim": {"approver"},
    "joe": {"approver"},
    "max": {"administrator"},
}
# What somebody may lose or be given between two steps.
CHANGES = [
    ("dana", "break-glass"),
    ("dana", "requester"),
    ("pat", "approver"),
    ("lee", "approver"),
    ("kim", "approver"),
    ("max", "requester"),
]
TEAM = {"lee", "kim", "pat"}
TARGETS = [ip_network(text) for text in ("203.0.113.7/32", "203.0.113.0/28", "198.51.100.0/24", "2001:db8:7::/64")]
PROTECTABLE = [
    ip_network(text)
    for text in ("203.0.113.7/32", "203.0.113.0/24", "203.0.113.200/32", "198.51.100.128/25", "2001:db8::/32")
]
SPACE = ["203.0.113.0/24", "198.51.100.0/24"]
RULES = [
    Rule(looks_at="wider than /28", approvals=2),
    Rule(looks_at="no auto-stop", approvals=2, of_team=True),
    Rule(looks_at="longer than 5", approvals=1, waits=timedelta(minutes=1)),
    Rule(looks_at="needs a look", approvals=1, of_team=True),
    Rule(looks_at="anything", approvals=0, waits=timedelta(minutes=1)),
    Rule(looks_at="anything", approvals=1, of_team=True),
    Rule(looks_at="anything", approvals=2, waits=timedelta(hours=1)),
    Rule(looks_at="anything", approvals=3),
]
SOME_RULES = st.lists(st.sampled_from(RULES), max_size=2, unique=True)
MINUTES = [1, 5, 60, 0]
TROUBLE = [
    "deactivated", "no approver any more", "left the team", "protected", "the deadline", "other rules", "rejected",
]  # fmt: skip
CONDITIONS: dict[str, tuple[policy.Condition, ...]] = {
    "anything": (),
    "wider than /28": (policy.WiderThan(28, 0),),
    "no auto-stop": (policy.NoAutoStop(),),
    "longer than 5": (policy.LongerThan(5),),
    "needs a look": (policy.NeedsALook(),),
}
# What Kentik may do to a call, and what the portal must make of it; None: it answers as it should.
FAULTS: dict[str, tuple[dict[str, Any] | None, str]] = {
    "well": (None, "accepted"),
    "throttled": ({"kind": "status", "status": 429}, "throttled"),
    "no": ({"kind": "status", "status": 400}, "refused"),
    "broken": ({"kind": "status", "status": 503}, "unknown"),
    "closed": ({"kind": "close-before-reading"}, "unknown"),
    "accepted, and not said": ({"kind": "accept-then-drop"}, "unknown"),
    "half said": ({"kind": "malformed-json"}, "unknown"),
}
UNREACHABLE = "unreachable"
NOBODY = "http://127.0.0.1:9"
HOW = st.sampled_from(["well", "well", "well", UNREACHABLE, *FAULTS])
ANYBODY = st.sampled_from(sorted(ROLES))
MOSTLY_MAX = st.sampled_from(["max", "max", "max", "lee", "dana"])
# Kentik's answers fall between the ticks, so that no step depends on how many milliseconds a call took.
TICK, BETWEEN = timedelta(seconds=10), timedelta(seconds=1)
WHY = "The shop is down and nobody answers."


@dataclass
class Clock:
    now: datetime = NOW

    def at_kentik(self) -> datetime:
        return self.now + BETWEEN


@dataclass
class Held:
    """What a worker holds in its hand between claim, call and record."""

    claim: sending.Claim
    sending: Sending
    call: Call | None = None


@dataclass
class Table:
    """What outlasts a game: the sandbox, a Kentik that cannot be reached, and how often each deed came to what."""

    sandbox: Sandbox
    clock: Clock
    unreachable: str
    counts: Counter[tuple[str, str]]


class Lifecycle(RuleBasedStateMachine):
    def __init__(self, table: Table) -> None:
        super().__init__()
        clear()
        table.sandbox.reset()
        table.clock.now = NOW
        self.counts, self.sandbox, self.clock = table.counts, table.sandbox, table.clock
        self.users = {name: make_person(name, [Role(role) for role in roles]) for name, roles in ROLES.items()}
        self.pairings = {widens: self._pairing(widens) for widens in (False, True)}
        self.team = plan.save_team(
            id=None, name="Security", member_ids=self._ids(TEAM), by=self._as("max"), at=self.clock.now
        )
        self.expected = Expected(
            people=[Person(name, set(roles)) for name, roles in ROLES.items()],
            team=set(TEAM),
            space=DOCUMENTATION,
            now=NOW,
        )
        self.client, self.astray = (self._client(url) for url in (table.sandbox.url, table.unreachable))
        self.hands: list[Held] = []
        self.calls = 0
        self.at_kentik: dict[Network, datetime | None] = {}
        self.head, self.latest = Event.objects.count(), NOW
        self.stories: dict[str, list[Event]] = {}

    # --- Guided: random play alone hardly ever gets anything approved -------------------------------------------------

    @initialize(wanted=SOME_RULES, data=st.data())
    def begin(self, wanted: list[Rule], data: st.DataObject) -> None:
        self._put_in_force(wanted)
        self._ask_something_possible(data)

    @rule(data=st.data())
    def ask_something_possible(self, data: st.DataObject) -> None:
        self._ask_something_possible(data)

    @rule(data=st.data(), steps=st.integers(1, 6))
    def go_on(self, data: st.DataObject, steps: int) -> None:
        """Take one of those that are open, most often the newest, some steps further."""
        newest_first = self.expected.open_ones()[::-1]
        if not newest_first:
            self._ask_something_possible(data)
            return
        request = newest_first[0] if data.draw(st.booleans()) else data.draw(st.sampled_from(newest_first))
        for _ in range(steps):
            self._next_step(data, request)

    def _next_step(self, data: st.DataObject, request: Request) -> None:
        match request.status:
            case "pending":
                self._decide_somehow(data, request, "approve", "break the glass")
            case "approved":
                self._claim()
            case "sending" if request.lease_until and data.draw(st.sampled_from([False, False, True])):
                self._pass(until=request.lease_until)
                self._keep_time()
            case "sending":
                self._finish_the_call(data.draw(HOW))
            case "unknown":
                self._decide_somehow(data, request, *VERBS[-3:])
            case "active":
                self._decide_somehow(data, request, "review", "record a stop", or_wait_until=request.ends_at)
        if request.status == "approved" and request.next_attempt_at:
            self._pass(until=request.next_attempt_at)

    @precondition(lambda self: self._waiting())
    @rule(data=st.data(), trouble=st.sampled_from(TROUBLE))
    def claim_one_that_was_approved_before_something_changed(self, data: st.DataObject, trouble: str) -> None:
        request = data.draw(st.sampled_from(self._waiting()))
        for _ in range(5):
            if request.status == "pending":
                self._decide_somehow(data, request, "approve", "break the glass")
        self._trouble(trouble, request, data.draw(st.sampled_from([*request.votes, request.requester])))
        if data.draw(st.booleans()):
            self._keep_time()
        self._claim()

    @precondition(lambda self: any(self.expected.possible("approve", "break the glass")))
    @rule(data=st.data())
    def try_to_let_out_what_was_protected_since(self, data: st.DataObject) -> None:
        possible = list(self.expected.possible("approve", "break the glass"))
        verb, by, request = data.draw(st.sampled_from(possible))
        self._trouble("protected", request, by)
        self._decide(verb, by, request)

    def _trouble(self, trouble: str, request: Request, person: str) -> None:
        """One thing that may keep it from being sent, to do with the requester or one of those who approved."""
        match trouble:
            case "deactivated":
                self._set_active(person, False)
            case "no approver any more":
                self._flip_role(person, "approver" if person in request.votes else "break-glass")
            case "left the team" if person in self.expected.team:
                self._flip_membership(person)
            case "protected" if request.terms.target not in self.expected.protected:
                self._protect(request.terms.target, blocks=True, by="max")
            case "the deadline":
                self._pass(until=request.waits_until)
            case "rejected":
                for deed in [each for each in self.expected.possible("reject") if each[2] is request][:1]:
                    self._decide(*deed)
            case "other rules":
                self._put_in_force([Rule(looks_at="anything", approvals=0)])

    @precondition(lambda self: any(self.expected.possible(*VERBS)))
    @rule(data=st.data())
    def do_what_is_possible(self, data: st.DataObject) -> None:
        possible = list(self.expected.possible(*VERBS))
        verb = data.draw(st.sampled_from(sorted({each[0] for each in possible})))
        self._decide(*data.draw(st.sampled_from([each for each in possible if each[0] == verb])))

    @rule(how=HOW)
    def work(self, how: str) -> None:
        """As a worker does: claim, call, record."""
        self._claim()
        self._finish_the_call(how)

    @rule(wanted=SOME_RULES)
    def put_rules_in_force(self, wanted: list[Rule]) -> None:
        self._put_in_force(wanted)

    @rule()
    def put_everybody_back(self) -> None:
        for name in ROLES:
            self._set_active(name, True)
            for role in ROLES[name] ^ self.expected.people[name].roles:
                self._flip_role(name, role)
        for prefix in list(self.expected.protected):
            self._give_up_protecting(prefix, by="max")

    # --- Anybody tries anything ---------------------------------------------------------------------------------------

    @rule(
        by=st.sampled_from(["dana", "pat", "max", "lee"]),
        prefix=st.sampled_from(TARGETS),
        minutes=st.sampled_from(MINUTES),
        widens=st.booleans(),
    )
    def ask(self, by: str, prefix: Network, minutes: int, widens: bool) -> None:
        self._ask(by, Terms(target=prefix, minutes=minutes, widens=widens))

    @precondition(lambda self: self.expected.requests)
    @rule(data=st.data(), by=ANYBODY, verbs=st.lists(st.sampled_from(VERBS), min_size=1, max_size=3, unique=True))
    def try_anything(self, data: st.DataObject, by: str, verbs: list[str]) -> None:
        request = data.draw(st.sampled_from(self.expected.requests[-3:]))
        for verb in verbs:
            self._decide(verb, by, request)

    @rule(change=st.sampled_from(CHANGES))
    def take_or_give_a_role(self, change: tuple[str, str]) -> None:
        self._flip_role(*change)

    @rule(name=ANYBODY, active=st.booleans(), superuser=st.booleans())
    def change_an_account(self, name: str, active: bool, superuser: bool) -> None:
        self._set_active(name, active or name == "max")
        User.objects.filter(username=name).update(is_superuser=superuser, is_staff=superuser)

    @rule(name=st.sampled_from(["lee", "kim", "joe", "dana"]))
    def join_or_leave_the_team(self, name: str) -> None:
        self._flip_membership(name)

    @rule(wanted=SOME_RULES, by=MOSTLY_MAX, late=st.booleans())
    def edit_the_draft(self, wanted: list[Rule], by: str, late: bool) -> None:
        self._draft(wanted, by=by, late=late)

    @rule(by=MOSTLY_MAX, late=st.sampled_from([False, False, True]))
    def publish(self, by: str, late: bool) -> None:
        self._publish(by=by, late=late)

    @rule(prefix=st.sampled_from(PROTECTABLE), blocks=st.booleans(), by=MOSTLY_MAX)
    def protect(self, prefix: Network, blocks: bool, by: str) -> None:
        self._protect(prefix, blocks=blocks, by=by)

    @precondition(lambda self: self.expected.protected)
    @rule(data=st.data(), by=MOSTLY_MAX)
    def give_up_protecting(self, data: st.DataObject, by: str) -> None:
        self._give_up_protecting(data.draw(st.sampled_from(list(self.expected.protected))), by=by)

    @rule(text=st.sampled_from(SPACE), whose=st.sampled_from(["everybody's", "the team's", "nobody's"]))
    def say_whose_it_is(self, text: str, whose: str) -> None:
        found, by, prefix = AddressSpace.objects.filter(prefix=text).first(), self._as("max"), ip_network(text)
        self.expected.space.pop(prefix, None)
        if whose != "nobody's":
            entry = Entry(prefix=known(text), values={}, team_ids=(self.team.pk,) if whose == "the team's" else ())
            plan.save(part=Part.SPACE, id=found.pk if found else None, entry=entry, by=by, at=self.clock.now)
            self.expected.space[prefix] = whose == "the team's"
        elif found:
            plan.delete(part=Part.SPACE, id=found.pk, by=by, at=self.clock.now)

    # --- The worker, one hand movement at a time ----------------------------------------------------------------------

    @rule()
    def claim(self) -> None:
        self._claim()

    @rule(how=HOW)
    def finish_a_call(self, how: str) -> None:
        self._finish_the_call(how)

    @precondition(lambda self: self._callable())
    @rule(how=HOW)
    def call_and_keep_the_answer_to_yourself(self, how: str) -> None:
        self._call(self._callable()[0], how)

    @rule(ticks=st.sampled_from([1, 1, 1, 1, 3, 6, 9, 30, 360]), kept=st.booleans())
    def time_passes(self, ticks: int, kept: bool) -> None:
        self._pass(until=self.clock.now + ticks * TICK)
        if kept:
            self._keep_time()

    @rule()
    def see_what_is_due(self) -> None:
        self._keep_time()

    @precondition(lambda self: self._running_out())
    @rule()
    def let_one_run_to_its_end(self) -> None:
        self._pass(until=min(self._running_out()))
        self._keep_time()

    # --- What must hold after every step ------------------------------------------------------------------------------

    @invariant()
    def the_portal_is_where_the_design_says(self) -> None:
        """Closed ones never move, and a published version changes no requirement of what was asked for."""
        columns = (
            "pk", "status", "target", "minutes", "requested_by__username", "approvals_needed", "approving_team_id",
            "waits_until", "approved_at", "attempts",
        )  # fmt: skip
        assert list(Mitigation.objects.order_by("pk").values_list(*columns)) == [
            (
                each.number, each.status, str(each.terms.target), each.terms.minutes, each.requester, each.approvals,
                self.team.pk if each.of_team else None, each.waits_until, each.approved_at, each.attempts,
            )
            for each in self.expected.requests
        ]  # fmt: skip

    @invariant()
    def the_decisions_are_those_that_were_allowed(self) -> None:
        made = Decision.objects.values_list("mitigation_id", "decided_by__username", "verdict")
        assert set(made) == {
            (each.number, name, verdict) for each in self.expected.requests for name, verdict in each.votes.items()
        }
        broken = BreakGlass.objects.values_list("mitigation_id", "broken_by__username", "reviewed_by__username")
        assert set(broken) == {
            (each.number, each.requester, each.reviewer) for each in self.expected.requests if each.glass
        }

    def teardown(self) -> None:
        """Whatever was played, both logs are as they were written."""
        assert verify().flaw is None

    @invariant()
    def the_log_is_gapless_and_tells_where_each_one_is(self) -> None:
        news = list(Event.objects.filter(number__gt=self.head).order_by("number"))
        assert [event.number for event in news] == list(range(self.head + 1, self.head + len(news) + 1))
        times = [self.latest, *(event.at for event in news)]
        assert times == sorted(times)
        self.head, self.latest = self.head + len(news), times[-1]
        for event in news:
            self.stories.setdefault(event.subject, []).append(event)
        for subject in {event.subject for event in news if event.subject.startswith("MIT-")}:
            status = Mitigation.objects.referred(subject).status
            assert replay(self.stories[subject]) == status

    @invariant()
    def nothing_live_is_harmful_or_went_out_unagreed(self) -> None:
        """By the moment of its claim: what happens while a call is under way, no portal can take back."""
        for live in self.sandbox.mitigations():
            sent = self.expected.sent[self._marked(live["comment"])]
            terms = sent.request.terms
            assert (ip_network(live["ip_cidr"]), live["minutes"]) == (terms.target, terms.minutes)
            assert not any(map(terms.touches, sent.blocking)), f"{live} touches what was protected"
            assert sent.agreed, f"{live} was not agreed to"

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        arrived = self.sandbox.journal()
        assert len(arrived) == self.calls
        marks = [call["body"].partition('"[')[2].partition("]")[0] for call in arrived if call["body"]]
        assert len(marks) == len(set(marks))

    # --- How ----------------------------------------------------------------------------------------------------------

    def _do(self, what: str, deed: Callable[[], Any], *, allowed: bool) -> Any:
        """Do it, and hold it to what was expected. A refusal leaves one refused event and not another trace."""
        head = Event.objects.count()
        rows = None if allowed else everything()
        try:
            result, outcome, why = deed(), "done", "it was not refused"
        except Refused as refusal:
            result, outcome, why = None, "refused", str(refusal)
        assert allowed == (outcome == "done"), f"{what}: {why}"
        assert [event.outcome for event in Event.objects.filter(number__gt=head)] == [outcome]
        if rows is not None:
            assert everything() == rows
        self.counts[what, outcome] += 1
        return result

    def _decide(self, verb: str, by: str, request: Request) -> None:
        common = {"reference": request.reference, "by": self._as(by), "note": WHY, "at": self.clock.now}
        deeds: dict[str, Callable[[], Mitigation]] = {
            "approve": lambda: approvals.approve(**common),
            "reject": lambda: approvals.reject(**common),
            "withdraw": lambda: requests.withdraw(**common),
            "break the glass": lambda: glass.break_glass(**common),
            "review": lambda: glass.review(justified=True, **common),
            "record a stop": lambda: settling.record_stop(**common),
        }
        outcome = verb.removeprefix("settle as ")
        deed = deeds.get(verb) or (lambda: settling.settle(outcome=Status(outcome), **common))
        allowed = self.expected.may(verb, by, request)
        self._do("settle" if verb in VERBS[-3:] else verb, deed, allowed=allowed)
        if allowed:
            self.expected.did(verb, by, request)

    def _decide_somehow(
        self, data: st.DataObject, request: Request, *verbs: str, or_wait_until: datetime | None = None
    ) -> None:
        """By anybody who may; where nobody may, they are all put back where they were."""
        possible = [each for each in self.expected.possible(*verbs) if each[2] is request]
        if or_wait_until is not None and data.draw(st.booleans()):
            self._pass(until=or_wait_until)
            self._keep_time()
        elif possible:
            self._decide(*data.draw(st.sampled_from(possible)))
        else:
            self.put_everybody_back()

    def _ask_something_possible(self, data: st.DataObject) -> None:
        terms = [
            Terms(target=prefix, minutes=minutes, widens=widens)
            for prefix in TARGETS
            for minutes in MINUTES
            for widens in (False, True)
        ]
        possible = [(name, each) for name in ROLES for each in terms if self.expected.may_ask(name, each)]
        if possible:
            self._ask(*data.draw(st.sampled_from(possible)))

    def _ask(self, by: str, terms: Terms) -> None:
        wanted = Wanted(
            target=known(str(terms.target)),
            pairing_id=self.pairings[terms.widens].pk,
            minutes=terms.minutes,
            comment="Flood",
            reason="UDP flood.",
        )
        made = self._do(
            "ask",
            lambda: requests.ask(wanted=wanted, by=self._as(by), at=self.clock.now),
            allowed=self.expected.may_ask(by, terms),
        )
        if made is not None:
            self.expected.ask(by, terms, made.pk)

    def _flip_role(self, name: str, role: str) -> None:
        roles = self.expected.people[name].roles
        roles ^= {role}
        self.users[name].groups.set(Group.objects.filter(name__in=roles))

    def _set_active(self, name: str, active: bool) -> None:
        self.expected.people[name].active = active
        User.objects.filter(username=name).update(is_active=active)

    def _flip_membership(self, name: str) -> None:
        self.expected.team ^= {name}
        ids = self._ids(self.expected.team)
        plan.save_team(id=self.team.pk, name="Security", member_ids=ids, by=self._as("max"), at=self.clock.now)

    def _protect(self, prefix: Network, *, blocks: bool, by: str) -> None:
        severity = "block" if blocks else "review"
        values = {"severity": severity, "reason": "Resolvers.", "owner_id": self.users["max"].pk}
        entry = Entry(prefix=known(str(prefix)), values=values)
        saved = self._do(
            "protect",
            lambda: plan.save(part=Part.PROTECTED, id=None, entry=entry, by=self._as(by), at=self.clock.now),
            allowed=self._administers(by) and prefix not in self.expected.protected,
        )
        if saved is not None:
            self.expected.protected[prefix] = blocks

    def _give_up_protecting(self, prefix: Network, *, by: str) -> None:
        row, allowed = ProtectedPrefix.objects.get(prefix=str(prefix)), self._administers(by)
        self._do(
            "give up protecting",
            lambda: plan.delete(part=Part.PROTECTED, id=row.pk, by=self._as(by), at=self.clock.now),
            allowed=allowed,
        )
        if allowed:
            del self.expected.protected[prefix]

    def _put_in_force(self, wanted: list[Rule]) -> None:
        self._draft(wanted, by="max")
        self._publish(by="max")

    def _draft(self, wanted: list[Rule], *, by: str, late: bool = False) -> None:
        for change in [*["remove"] * len(self.expected.draft), *wanted]:
            if self._edit(change, by, late=late) is None:
                return

    def _publish(self, *, by: str, late: bool = False) -> None:
        expected, revision = self.expected, reading.draft().revision - late
        new = expected.draft != expected.rules
        published = self._do(
            "publish",
            lambda: rules.publish(revision=revision, note="As agreed.", by=self._as(by), at=self.clock.now),
            allowed=self._administers(by) and not late and new and expected.is_sound(expected.draft),
        )
        if published is not None:
            expected.rules, expected.publisher = expected.draft, by

    def _edit(self, change: Rule | str, by: str, *, late: bool) -> Any:
        seen = {"revision": reading.draft().revision - late, "by": self._as(by), "at": self.clock.now}
        if isinstance(change, Rule):
            deed, after = (lambda: rules.add(rule=self._rule(change), **seen)), (*self.expected.draft, change)
        else:
            deed, after = (lambda: rules.remove(place=1, **seen)), self.expected.draft[1:]
        edited = self._do("edit the draft", deed, allowed=self._administers(by) and not late)
        if edited is not None:
            self.expected.draft = after
        return edited

    def _claim(self) -> Held | None:
        before = {request.number: request.status for request in self.expected.requests}
        expected = self.expected.claims()
        claim = sending.claim_next(lease=LEASE, at=self.clock.now)
        assert (claim.reference if claim else None) == (expected.request.reference if expected else None)
        self.counts.update(
            ("claim", each.status) for each in self.expected.requests if before[each.number] != each.status
        )
        if claim is None or expected is None:
            return None
        held = Held(claim=claim, sending=expected)
        self.hands.append(held)
        return held

    def _waiting(self) -> list[Request]:
        return [request for request in self.expected.requests if request.status in WAITING]

    def _running_out(self) -> list[datetime]:
        """When those that are active end by themselves."""
        return [each.ends_at for each in self.expected.requests if each.status == "active" and each.ends_at]

    def _pass(self, *, until: datetime) -> None:
        """To this moment, or to the tick after it."""
        ticks = -((NOW - until) // TICK)
        self.clock.now = self.expected.now = max(self.clock.now, NOW + ticks * TICK)

    def _keep_time(self) -> None:
        before = {request.number: request.status for request in self.expected.requests}
        self.expected.time_passes()
        moved = [each for each in self.expected.requests if before[each.number] != each.status]
        assert keep_time(describe=self.client.describe, at=self.clock.now) == len(moved)
        self.counts.update(("keep time", request.status) for request in moved)

    def _finish_the_call(self, how: str) -> None:
        """Call for a claim and record the answer; a claim that is too old for that is given up."""
        for held in self._callable()[:1]:
            self._call(held, how)
        for held in [held for held in self.hands if held.call][:1]:
            self._record(held)
        if not self.hands and any(each.status == "sending" for each in self.expected.requests):
            self._keep_time()

    def _callable(self) -> list[Held]:
        latest = self.clock.now + timedelta(seconds=self.client.longest_call)
        return [held for held in self.hands if held.call is None and latest <= held.claim.lease_until]

    def _call(self, held: Held, how: str) -> None:
        with nothing_open():
            held.call = (self.astray if how == UNREACHABLE else self._kentik_that(how)).start(held.claim.message)
        assert held.call.outcome == self._answer(held.sending.request.terms, how)
        self.counts["call", held.call.outcome] += 1

    def _kentik_that(self, how: str) -> Client:
        self.calls += 1
        fault, _ = FAULTS[how]
        if fault is not None:
            self.sandbox.fault(**fault)
        return self.client

    def _answer(self, terms: Terms, how: str) -> str:
        """What the call must come to, and what Kentik then has live: it keeps one mitigation per target."""
        if how == UNREACHABLE:
            return "not-sent"
        _, answer = FAULTS[how]
        if how not in {"well", "accepted, and not said", "half said"}:
            return answer
        now, until = self.clock.at_kentik(), self.at_kentik.get(terms.target, NOW)
        if until is None or now < until:
            return "unknown" if how == "accepted, and not said" else "refused"
        self.at_kentik[terms.target] = now + timedelta(minutes=terms.minutes) if terms.minutes else None
        return answer

    def _record(self, held: Held) -> None:
        self.hands.remove(held)
        call = held.call
        assert call is not None
        sending.record_call(claim=held.claim, call=call, at=self.clock.now)
        started_at = call.started_at + timedelta(milliseconds=call.duration_ms)
        self.expected.answered(held.sending, call.outcome.value, started_at, said=call.received is not None)

    def _client(self, url: str) -> Client:
        return Client(Account(base_url=url, email="robot@example.net", token="canary"), now=self.clock.at_kentik)

    def _pairing(self, widens: bool) -> Any:
        return make_pairing(method_id="776" if widens else "775", widens_to_24=widens)

    def _rule(self, rule: Rule) -> policy.Rule:
        return policy.Rule(
            when=CONDITIONS[rule.looks_at],
            approvals=rule.approvals,
            team=self.team.pk if rule.of_team else None,
            waits=rule.waits,
            because="we say so",
        )

    def _as(self, name: str) -> Actor:
        return acting(User.objects.get(username=name))

    def _ids(self, names: set[str]) -> list[int]:
        return [self.users[name].pk for name in sorted(names)]

    def _administers(self, name: str) -> bool:
        return self.expected.people[name].holds("administrator")

    def _marked(self, comment: str) -> int:
        return int(comment.removeprefix("[MIT-").partition("]")[0])


def tables(*names: str) -> list[str]:
    """Every table of these apps."""
    models = [model for name in names for model in apps.get_app_config(name).get_models(include_auto_created=True)]
    return sorted(model._meta.db_table for model in models)


def clear() -> None:
    """Begin with nothing but the roles: each game has the database for itself, and commits."""
    with transaction.atomic(), lifted_triggers(), connection.cursor() as cursor:
        for table in tables("accounts", "audit", "mitigations"):
            cursor.execute(f"DELETE FROM {table}")


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a deed may write, but for the log."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables("accounts", "mitigations"):
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


@contextmanager
def nothing_open() -> Iterator[None]:
    assert not connection.in_atomic_block
    yield
    assert Event.objects.filter(deed="mitigation.sending").exists()


# What must happen at least once in a run, or the machine proves nothing about it.
MUST_BE_SEEN = {
    *((verb, outcome) for verb in (*VERBS[:-3], "settle") for outcome in ("done", "refused")),
    *((deed, "done") for deed in ("ask", "edit the draft", "publish", "protect", "give up protecting")),
    *((deed, "refused") for deed in ("ask", "edit the draft", "publish", "protect")),
    *(("claim", status) for status in ("sending", "pending", "refused")),
    *(("call", outcome) for outcome in ("accepted", "refused", "throttled", "unknown", "not-sent")),
    *(("keep time", status) for status in ("unknown", "expired", "ended")),
}


# The pause after a 429 is played; the budget has tests of its own.
@override_settings(KENTIK_CALLS_SOFT_PER_MINUTE=1000, KENTIK_CALLS_HARD_PER_MINUTE=2000)
@pytest.mark.django_db(transaction=True)
@pytest.mark.no_cover
def test_whatever_anybody_does_the_promises_hold() -> None:
    clock, counts = Clock(), Counter[tuple[str, str]]()
    with Sandbox(clock=clock.at_kentik) as sandbox:
        table = Table(sandbox=sandbox, clock=clock, unreachable=NOBODY, counts=counts)
        if EXAMPLES:
            run_state_machine_as_test(lambda: Lifecycle(table), settings=PLAY)
        for number in () if EXAMPLES else ROUNDS:
            run_state_machine_as_test(seed(number)(lambda: Lifecycle(table)), settings=PLAY)
            if set(counts) >= MUST_BE_SEEN:
                break

    if 0 < EXAMPLES < 200:
        return  # so few games, at random, may well leave something out
    assert set(counts) >= MUST_BE_SEEN, f"never seen: {sorted(MUST_BE_SEEN - set(counts))}"
