"""docs/rules.md: the rules of approval and the guardrails as examples. Every verdict in it is what the code answers.

`.venv/bin/python -m tests.docs.rulebook > docs/rules.md` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mitigations.policies.approval import Verdict, Vote, resolve
from mitigations.policies.guardrails import Finding, Holding, Neighbour, Protection, Severity
from mitigations.policies.network import Prefix, known, parse
from mitigations.policies.presets import TargetClass, misfit
from mitigations.policies.rule_checks import Group, flaws
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
    count,
    listed,
    requirement,
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


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table without the columns in which all rows say the same; the first and the last stay."""
    rows = list(rows)
    last = len(head) - 1
    kept = [place for place in range(len(head)) if place in (0, last) or len({row[place] for row in rows}) > 1]
    lines = [[line[place] for place in kept] for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def lasting(minutes: int) -> str:
    return {0: "until stopped by hand", 1: "1 minute"}.get(minutes, f"{minutes:,} minutes")


# --- What a request needs -------------------------------------------------------------------------------------------


def asked(target: str = HOST, minutes: int = 60, *, teams: tuple[int, ...] = (NOC,), **facts: object) -> Asked:
    values = {"platform": "257", "method": "775", **facts}
    return Asked(target=known(target), minutes=minutes, teams=frozenset(teams), **values)  # type: ignore[arg-type]


def rule(*when: Condition, approvals: int, because: str, team: int | None = None, hours: int = 24) -> Rule:
    return Rule(when=when, approvals=approvals, team=team, waits=timedelta(hours=hours), because=because)


RULES = (
    rule(NeedsALook(), approvals=2, because="a guardrail wants it looked at", hours=4),
    rule(WiderThan(28, 64), approvals=2, team=NOC, because="it is wider than /28 or /64", hours=4),
    rule(LongerThan(240), approvals=2, because="it runs for more than four hours", hours=4),
    rule(OnPlatform("258"), Inside(known(NET_24)), approvals=1, team=WEB, because="the shop stands there"),
    rule(AskedByTeam(NOC), Inside(known(NET_24)), approvals=0, because="the NOC answers for these addresses"),
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


def circumstances(request: Asked) -> str:
    team = " and ".join(NAMES.team(each) for each in sorted(request.teams)) or "nobody's team"
    words = [f"{NAMES.platforms[request.platform]} · {NAMES.methods[request.method]}", f"asked for by {team}"]
    if request.needs_a_look:
        words.append("a finding to review")
    if request.by_their_publisher:
        words.append("by whoever published these rules")
    return ", ".join(words)


def written(request: Asked) -> list[str]:
    return [f"`{request.target.text}`", lasting(request.minutes), circumstances(request)]


def rules_in_order() -> str:
    lines = []
    for place, each in enumerate(RULES, start=1):
        by = f" by {NAMES.team(each.team)}" if each.team is not None else ""
        waits = f"waits {each.waits // timedelta(hours=1)} hours at most"
        lines.append(f"{place}. If it is {listed(each.when, NAMES)}: {count(each.approvals)}{by}; {waits}.")
    return "\n".join(lines)


def what_requests_need() -> str:
    rows = ([*written(each), requirement(RULES, each, NAMES).sentence] for each in REQUESTS)
    return table(("target", "for how long", "how", "what the requester reads"), rows)


def conditions() -> Iterator[str]:
    for condition, requests in CONDITIONS:
        rows = ([*written(each), "yes" if condition.holds(each) else "no"] for each in requests)
        yield f"### “{condition.words(NAMES)}”"
        yield table(("target", "for how long", "how", "matches"), rows)


# --- What is wrong with a draft -------------------------------------------------------------------------------------

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


def draft(rules: Sequence[Rule]) -> str:
    return "<br>".join(
        f"{place}. {listed(each.when, NAMES)}: {count(each.approvals)}"
        + (f" by {NAMES.team(each.team)}" if each.team is not None else "")
        for place, each in enumerate(rules, start=1)
    )


def people(groups: Mapping[int | None, Group]) -> str:
    return "<br>".join(
        f"{group.approvers} {'in all' if team is None else f'in {NAMES.team(team)}'}"
        + (f", {group.askers} of whom may also ask" if group.askers else "")
        for team, group in groups.items()
    )


def what_is_wrong() -> str:
    rows = []
    for rules, groups in DRAFTS:
        found = flaws(rules, groups=dict(groups), names=NAMES)
        told = "<br>".join(f"**{flaw.code}**: {flaw.sentence}" for flaw in found) or "–"
        publish = "no" if any(flaw.fatal for flaw in found) else "yes"
        rows.append((draft(rules), people(groups), told, publish))
    return table(("rules", "active approvers", "what is wrong", "may be published"), rows)


# --- Is it approved? ------------------------------------------------------------------------------------------------

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


def what_decisions_amount_to() -> str:
    rows = []
    for votes, needed, eligible, glass in DECISIONS:
        found = resolve(votes, requester=DANA, needed=needed, eligible=eligible, glass_broken=glass)
        said = [f"{CAST[vote.by]} {vote.verdict}s" for vote in votes] + ["dana breaks the glass"] * glass
        counted = f"{found.approvals} of {found.needed}"
        may = ", ".join(CAST[each] for each in eligible)
        rows.append((", ".join(said) or "nobody has decided", may, counted, found.standing.value))
    return table(("dana asked, and", "who may approve as of now", "approvals that count", "it is"), rows)


# --- What guardrails find -------------------------------------------------------------------------------------------

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


def verdict(findings: Sequence[Finding]) -> str:
    told = (f"**{each.severity}** `{each.code}`: {each.sentence} {each.mend}".rstrip() for each in findings)
    return "<br>".join(told) or "passes"


def guardrails() -> Iterator[str]:
    for code, examples in GUARDRAILS.items():
        rows = (
            (f"`{each.target}`", lasting(each.minutes), each.situation, verdict(each.findings)) for each in examples
        )
        yield f"### `{code}`"
        yield table(("target", "for how long", "situation", "verdict"), rows)


# --- What is typed --------------------------------------------------------------------------------------------------

TYPED = (
    "203.0.113.7", "203.0.113.0/24", "203.0.113.7/24", "2001:DB8:0:0::7", "2001:db8::7/64", "::ffff:203.0.113.7",
    "203.0.113.0/33", "203.0.113.07", "www.example.net",
)  # fmt: skip


def what_is_read() -> str:
    rows = []
    for text in TYPED:
        read = parse(text)
        told = f"`{read.text}`, {read.addresses}" if isinstance(read, Prefix) else f"`{read.code}`: {read.sentence}"
        rows.append((f"`{text}`", told))
    return table(("typed", "read as, or refused because"), rows)


# --- Presets --------------------------------------------------------------------------------------------------------

PRESETS: tuple[tuple[TargetClass, str | None, tuple[str, ...]], ...] = (
    (TargetClass.ANY, None, (HOST, NET_48)),
    (TargetClass.HOST, None, (HOST, HOST_6, NET_28)),
    (TargetClass.NETWORK, None, (NET_28, HOST)),
    (TargetClass.HOST, NET_24, (HOST, "198.51.100.9/32", HOST_6)),
)


def what_presets_fit() -> str:
    rows = [
        (
            kind.words + (f" inside `{inside}`" if inside else ""),
            f"`{target}`",
            misfit(known(target), kind=kind, inside=known(inside) if inside else None) or "fits",
        )
        for kind, inside, targets in PRESETS
        for target in targets
    ]
    return table(("a preset for", "target", "verdict"), rows)


# --- The page -------------------------------------------------------------------------------------------------------

PAGE = """\
# The rulebook, by example

Every verdict and sentence below is what the code answers: the tests hold this page to it, and
`.venv/bin/python -m tests.docs.rulebook > docs/rules.md` writes it anew. What each guardrail is for is told in
[guardrails.md](guardrails.md).

## How many must approve

Rules stand in an order, and the first that matches decides; all its conditions must hold. They look at what will be
acted on: the /24 where the method widens to one. Suppose that these are published:

{rules}

Then this is what the requester reads before asking. Without a rule that matches it is one approval.

{requests}

## What each condition looks at

{conditions}

## What is wrong with a draft

Asked before rules are published. What would never decide, and what could never be met, keeps them from it.

{drafts}

## Is it approved?

Computed from the decisions at each of them, and once more just before sending.

{decisions}

## What is read of what is typed

{typed}

## What guardrails find

A **block** stops it, a **review** asks approvers to look closely. The address space of these examples holds the
documentation prefixes, unless the situation says otherwise.

{guardrails}

## Which targets a preset is for

{presets}"""


def page() -> str:
    return PAGE.format(
        rules=rules_in_order(),
        requests=what_requests_need(),
        conditions="\n\n".join(conditions()),
        drafts=what_is_wrong(),
        decisions=what_decisions_amount_to(),
        typed=what_is_read(),
        guardrails="\n\n".join(guardrails()),
        presets=what_presets_fit(),
    )


if __name__ == "__main__":
    print(page())  # noqa: T201 # what it is for
