"""docs/rules.md: the rules of approval and the guardrails as examples. Every verdict in it is what the code answers.

`.venv/bin/python -m tests.docs.rulebook > docs/rules.md` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from mitigations.policies.approval import resolve
from mitigations.policies.guardrails import Finding
from mitigations.policies.network import Prefix, known, parse
from mitigations.policies.presets import misfit
from mitigations.policies.rule_checks import Group, flaws
from mitigations.policies.rules import (
    Asked,
    Rule,
    count,
    listed,
    requirement,
)
from tests.docs.examples import (
    CAST,
    CONDITIONS,
    DANA,
    DECISIONS,
    DRAFTS,
    GUARDRAILS,
    NAMES,
    PRESETS,
    REQUESTS,
    RULES,
    TYPED,
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


def circumstances(request: Asked) -> str:
    team = " and ".join(NAMES.team(each) for each in sorted(request.teams)) or "nobody's team"
    words = [f"{NAMES.platforms[request.platform]} · {NAMES.methods[request.method]}", f"asked for by {team}"]
    if request.needs_a_look:
        words.append("a finding to review")
    if request.by_their_publisher:
        words.append("by whoever published these rules")
    if request.by_a_source:
        words.append("by a source of alerts")
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


def what_is_read() -> str:
    rows = []
    for text in TYPED:
        read = parse(text)
        told = f"`{read.text}`, {read.addresses}" if isinstance(read, Prefix) else f"`{read.code}`: {read.sentence}"
        rows.append((f"`{text}`", told))
    return table(("typed", "read as, or refused because"), rows)


# --- Presets --------------------------------------------------------------------------------------------------------


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
