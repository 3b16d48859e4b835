"""The examples of docs/rules.md, chosen as a network engineer would want to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mitigations.policies.approval import Verdict, Vote
from mitigations.policies.guardrails import Finding, Holding, Neighbour, Protection, Severity
from mitigations.policies.network import known
from mitigations.policies.presets import TargetClass
from mitigations.policies.rule_checks import Group
from mitigations.policies.rules import (
    Asked,
    AskedByTeam,
    ByMethod,
    Condition,
    Inside,
    LongerThan,
    Names,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
)
from tests.policies.plans import NOW, PAIRING, Plan

HOST, NET_28, NET_27, NET_24, NET_23 = (
    "203.0.113.7/32", "203.0.113.0/28", "203.0.113.0/27", "203.0.113.0/24", "203.0.112.0/23",
)  # fmt: skip
HOST_6, NET_64, NET_48, NET_47 = "2001:db8::7/128", "2001:db8::/64", "2001:db8::/48", "2001:db8::/47"
NOC, WEB = 1, 2
NAMES = Names(
    platforms={"257": "Edge RTBH", "258": "Scrub EU"},
    methods={"775": "Drop everything", "776": "Rate-limit TCP"},
    teams={NOC: "NOC", WEB: "Web"},
)


# --- What a request needs -----------------------------------------------------------------------------------------


def asked(target: str = HOST, minutes: int = 60, *, teams: tuple[int, ...] = (NOC,), **facts: object) -> Asked:
    values = {"platform": "257", "method": "775", **facts}
    return Asked(target=known(target), minutes=minutes, teams=frozenset(teams), **values)  # type: ignore[arg-type]


def rule(*when: Condition, approvals: int, because: str, team: int | None = None, hours: int = 24) -> Rule:
    return Rule(when=when, approvals=approvals, team=team, waits=timedelta(hours=hours), because=because)


RULES = (
    rule(NeedsALook(), approvals=2, because="a guardrail wants it looked at", hours=4),
    rule(WiderThan(28, 64), approvals=2, team=NOC, because="it is wider than /28 or /64", hours=4),
    rule(LongerThan(240), approvals=2, because="it runs for more than four hours", hours=4),
    rule(Inside(known(NET_24)), OnPlatform("258"), approvals=1, team=WEB, because="the shop stands there"),
    rule(Inside(known(NET_24)), AskedByTeam(NOC), approvals=0, because="the NOC answers for these addresses"),
)
REQUESTS = (
    asked(),
    asked(NET_28),
    asked(NET_27),
    asked(NET_64),
    asked(NET_48),
    asked(minutes=240),
    asked(minutes=241),
    asked(minutes=0),
    asked(platform="258"),
    asked(teams=(WEB,)),
    asked("198.51.100.9/32"),
    asked(NET_24, 0, needs_a_look=True),
    asked(by_their_publisher=True),
    asked(by_a_source=True),
)
CONDITIONS: tuple[tuple[Condition, tuple[Asked, ...]], ...] = (
    (
        Inside(known(NET_24)),
        (asked(HOST), asked(NET_24), asked(NET_23), asked("203.0.114.7/32"), asked(HOST_6)),
    ),
    (
        WiderThan(28, 64),
        (asked(NET_27), asked(NET_28), asked(HOST), asked("2001:db8::/63"), asked(NET_64), asked(HOST_6)),
    ),
    (
        WiderThan(28, 0),
        (asked(NET_27), asked(NET_28), asked(NET_48)),
    ),
    (
        LongerThan(240),
        (asked(minutes=239), asked(minutes=240), asked(minutes=241), asked(minutes=0)),
    ),
    (NoAutoStop(), (asked(minutes=0), asked(minutes=1), asked(minutes=525_600))),
    (OnPlatform("257"), (asked(platform="257"), asked(platform="258"))),
    (ByMethod("775"), (asked(method="775"), asked(method="776"))),
    (AskedByTeam(NOC), (asked(teams=(NOC,)), asked(teams=(NOC, WEB)), asked(teams=(WEB,)), asked(teams=()))),
    (NeedsALook(), (asked(needs_a_look=True), asked())),
)


# --- Drafts of rules ----------------------------------------------------------------------------------------------

PLENTY: Mapping[int | None, Group] = {None: Group(approvers=9, askers=0), NOC: Group(approvers=3, askers=0)}
DRAFTS: tuple[tuple[tuple[Rule, ...], Mapping[int | None, Group]], ...] = (
    (RULES[1:3], PLENTY),
    ((rule(LongerThan(60), approvals=2, because=""), rule(NoAutoStop(), approvals=3, because="")), PLENTY),
    ((rule(NoAutoStop(), approvals=3, because=""), rule(LongerThan(60), approvals=2, because="")), PLENTY),
    ((rule(approvals=1, because=""), rule(Inside(known(NET_24)), approvals=2, because="")), PLENTY),
    ((rule(Inside(known(NET_24)), WiderThan(24, 48), approvals=2, because=""),), PLENTY),
    ((rule(Inside(known(NET_24)), WiderThan(25, 48), approvals=2, because=""),), PLENTY),
    ((rule(NoAutoStop(), approvals=4, team=NOC, because=""),), PLENTY),
    ((rule(NoAutoStop(), approvals=3, team=NOC, because=""),), PLENTY),
    ((rule(NoAutoStop(), approvals=2, because=""),), {None: Group(approvers=2, askers=1)}),
)


# --- Decisions ----------------------------------------------------------------------------------------------------

DANA, LEE, KIM = 1, 2, 3
CAST = {DANA: "dana", LEE: "lee", KIM: "kim"}


def approves(by: int) -> Vote:
    return Vote(by=by, verdict=Verdict.APPROVE)


def rejects(by: int) -> Vote:
    return Vote(by=by, verdict=Verdict.REJECT)


# Votes, approvals needed, who may approve as of now, and whether dana broke the glass.
DECISIONS: tuple[tuple[tuple[Vote, ...], int, tuple[int, ...], bool], ...] = (
    ((), 1, (LEE, KIM), False),
    ((), 0, (LEE, KIM), False),
    ((approves(LEE),), 1, (LEE, KIM), False),
    ((approves(LEE),), 2, (LEE, KIM), False),
    ((approves(LEE), approves(KIM)), 2, (LEE, KIM), False),
    ((approves(LEE), approves(KIM)), 2, (LEE,), False),
    ((approves(DANA), approves(LEE)), 2, (DANA, LEE, KIM), False),
    ((approves(LEE), rejects(KIM)), 1, (LEE, KIM), False),
    ((approves(LEE), rejects(KIM)), 1, (LEE,), False),
    ((), 2, (LEE, KIM), True),
    ((rejects(LEE),), 2, (LEE, KIM), True),
)


# --- Targets under guardrails -------------------------------------------------------------------------------------

DOCUMENTATION = tuple(
    Holding(prefix=text, teams=(), usable=True)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "203.0.112.0/22", "2001:db8::/32")
)
PLAN = Plan(spaces=DOCUMENTATION)
RESOLVER = Protection(prefix="203.0.113.53/32", severity=Severity.BLOCK, reason="Our resolver.", owner="max")
SHOP = Protection(prefix="203.0.113.128/25", severity=Severity.REVIEW, reason="The shop.", owner="max")
THEIRS = Holding(prefix="203.0.113.0/24", teams=("Web",), usable=False)
LIVE = Neighbour(reference="MIT-41", target=NET_28, status="active")


@dataclass(frozen=True, kw_only=True)
class Example:
    target: str
    minutes: int = 60
    situation: str = "–"
    plan: Plan = PLAN

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.plan.judged(known(self.target), self.minutes)


def catalogue(situation: str, *targets: str, minutes: Sequence[int] = (60,), **facts: object) -> tuple[Example, ...]:
    plan = replace(PLAN, pairing=replace(PAIRING, **facts))  # type: ignore[arg-type]
    return tuple(
        Example(target=target, minutes=each, situation=situation, plan=plan) for target in targets for each in minutes
    )


def plain(*targets: str, minutes: Sequence[int] = (60,)) -> tuple[Example, ...]:
    return catalogue("–", *targets, minutes=minutes)


def planned(situation: str, *targets: str, plan: Plan) -> tuple[Example, ...]:
    return tuple(Example(target=target, situation=situation, plan=plan) for target in targets)


GUARDRAILS: Mapping[str, tuple[Example, ...]] = {
    "retired": catalogue("the pairing has been retired", HOST, retired=True) + plain(HOST),
    "not-offered": catalogue("the pairing is not offered", HOST, offered=False) + plain(HOST),
    "not-linked": catalogue("the two are not linked at Kentik", HOST, linked=False)
    + catalogue("the method was changed at Kentik 2 minutes ago", HOST, modified_at=NOW - timedelta(minutes=2))
    + catalogue("the method was changed at Kentik 3 minutes ago", HOST, modified_at=NOW - timedelta(minutes=3)),
    "needs-ports": catalogue("the method needs a port", HOST, needs_ports=True) + plain(HOST),
    "family": catalogue("a pairing for IPv4 only", HOST, HOST_6, ipv6=False)
    + catalogue("a pairing for IPv6 only", HOST, HOST_6, ipv4=False),
    "too-wide": catalogue("/24 and /48 at the widest", NET_24, NET_23, NET_48, NET_47)
    + catalogue("/28 at the widest, and the method widens to a /24", HOST, widest_ipv4=28, widens_to_24=True),
    "widened": catalogue("the method widens to a /24", HOST, NET_24, HOST_6, widens_to_24=True),
    "special-purpose": planned(
        "no address space is defined",
        "10.3.0.0/24", "127.0.0.1/32", "224.0.0.5/32", "100.64.7.0/24", HOST, "fe80::1/128", "fd00::/48",
        "8.8.8.8/32", "192.0.0.9/32", "192.0.0.8/31",
        plan=Plan(),
    ) + planned(
        "the address space names 10.3.0.0/16", "10.3.0.0/24", "10.4.0.0/24",
        plan=Plan(spaces=(Holding(prefix="10.3.0.0/16", teams=(), usable=True),)),
    ),
    "outside-address-space": plain(HOST, NET_24)
    + planned("203.0.113.0/24 is Web's, and dana is not of Web", HOST, plan=Plan(spaces=(THEIRS,)))
    + planned(
        "203.0.113.0/24 is all of the address space", NET_23,
        plan=Plan(spaces=DOCUMENTATION[2:3], pairing=replace(PAIRING, widest_ipv4=22)),
    )
    + planned("no address space is defined", "8.8.8.8/32", plan=Plan()),
    "protected": planned(
        "203.0.113.53/32 is protected, 203.0.113.128/25 asks for a closer look",
        "203.0.113.53/32", "203.0.113.52/32", "203.0.113.52/31", NET_24, "203.0.113.200/32",
        plan=replace(PLAN, protected=(RESOLVER, SHOP)),
    )
    + planned(
        "the same, and the method widens to a /24", "203.0.113.7/32",
        plan=replace(PLAN, protected=(RESOLVER, SHOP), pairing=replace(PAIRING, widens_to_24=True)),
    ),
    "duplicate": planned(
        "MIT-41 is active on 203.0.113.0/28", NET_28, "203.0.113.16/28", plan=replace(PLAN, others=(LIVE,))
    ),
    "overlap": planned(
        "MIT-41 is active on 203.0.113.0/28", HOST, NET_27, "203.0.113.16/28", plan=replace(PLAN, others=(LIVE,))
    ),
    "no-auto-stop": catalogue("the pairing has no longest duration", HOST, minutes=(0, 1))
    + catalogue("240 minutes at the longest", HOST, minutes=(0,), longest_minutes=240),
    "too-long": catalogue("240 minutes at the longest", HOST, minutes=(240, 241), longest_minutes=240)
    + catalogue("the pairing has no longest duration", HOST, minutes=(525_600,)),
}  # fmt: skip


# --- What is typed ------------------------------------------------------------------------------------------------

TYPED = (
    "203.0.113.7", "203.0.113.0/24", "203.0.113.7/24", "2001:DB8:0:0::7", "2001:db8::7/64", "::ffff:203.0.113.7",
    "203.0.113.0/33", "203.0.113.07", "www.example.net",
)  # fmt: skip


# --- Presets ------------------------------------------------------------------------------------------------------

PRESETS: tuple[tuple[TargetClass, str | None, tuple[str, ...]], ...] = (
    (TargetClass.ANY, None, (HOST, NET_48)),
    (TargetClass.HOST, None, (HOST, HOST_6, NET_28)),
    (TargetClass.NETWORK, None, (NET_28, HOST)),
    (TargetClass.HOST, NET_24, (HOST, "198.51.100.9/32", HOST_6)),
)
