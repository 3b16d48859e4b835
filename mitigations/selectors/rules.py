"""The rules of approval, and what they ask of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mitigations.models import Draft, Method, Platform, Rulebook, Team
from mitigations.policies import rules
from mitigations.policies.approval import Requirement
from mitigations.policies.guardrails import Finding, Severity
from mitigations.policies.rules import Asked, Names, Rule
from mitigations.selectors.facts import Case, judged, teams_of

_VERSIONS = 50


@dataclass(frozen=True, kw_only=True)
class Book:
    """Rules to judge by. `number` and `publisher` are None for a draft, and where nothing was ever published."""

    rules: tuple[Rule, ...]
    number: int | None = None
    publisher: int | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Everything that is to be known of a request before it is made. `asked` is the request as the rules saw it."""

    findings: tuple[Finding, ...]
    asked: Asked
    requirement: Requirement
    rulebook: int | None


def in_force() -> Rulebook | None:
    return Rulebook.objects.select_related("published_by").first()


def version(number: int) -> Rulebook:
    return Rulebook.objects.select_related("published_by").get(pk=number)


def versions() -> list[Rulebook]:
    """Newest first."""
    return list(Rulebook.objects.select_related("published_by")[:_VERSIONS])


def draft() -> Draft:
    """What is being worked on; without any edit yet, the rules in force."""
    found = Draft.objects.select_related("edited_by").filter(pk=Draft.THE_ONE).first()
    if found is not None:
        return found
    current = in_force()
    return Draft(rules=current.rules if current else [])


def book_in_force() -> Book:
    current = in_force()
    if current is None:
        return Book(rules=())
    return Book(rules=current.parsed, number=current.number, publisher=current.published_by_id)


def names() -> Names:
    return Names(
        platforms=dict(Platform.objects.values_list("kentik_id", "name")),
        methods=dict(Method.objects.values_list("kentik_id", "name")),
        teams=_team_names(),
    )


def judge(cases: list[Case], *, at: datetime, book: Book | None = None) -> list[Judgement]:
    """What speaks against each case, and what it needs by these rules or by those in force.

    A constant number of queries, however many cases there are.
    """
    book = book_in_force() if book is None else book
    teams = teams_of({case.requester for case in cases})
    called = Names(teams=_team_names())
    return [
        _judgement(case, findings, book, teams=teams[case.requester], called=called)
        for case, findings in zip(cases, judged(cases, at=at), strict=True)
    ]


def asked_in(case: Case, *, needs_a_look: bool, teams: frozenset[int], publisher: int | None = None) -> Asked:
    """The case as the rules look at it."""
    return Asked(
        target=case.wide,
        minutes=case.terms.minutes,
        platform=case.pairing.platform.kentik_id,
        method=case.pairing.method.kentik_id,
        teams=teams,
        needs_a_look=needs_a_look,
        by_their_publisher=publisher is not None and publisher == case.requester,
        by_a_source=case.by_a_source,
    )


def _judgement(
    case: Case, findings: Sequence[Finding], book: Book, *, teams: frozenset[int], called: Names
) -> Judgement:
    needs_a_look = any(finding.severity is Severity.REVIEW for finding in findings)
    asked = asked_in(case, needs_a_look=needs_a_look, teams=teams, publisher=book.publisher)
    return Judgement(
        findings=tuple(findings),
        asked=asked,
        requirement=rules.requirement(book.rules, asked, called),
        rulebook=book.number,
    )


def _team_names() -> dict[int, str]:
    return dict(Team.objects.values_list("pk", "name"))
