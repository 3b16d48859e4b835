"""What would happen if somebody asked for something: nothing is asked for, and nobody is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from mitigations.forms.rules import SimulatorForm
from mitigations.policies.rules import Asked, Names, Rule, listed
from mitigations.selectors import catalogue, rules
from mitigations.selectors.facts import Case
from mitigations.selectors.rules import Book
from mitigations.views.guard import needs


@dataclass(frozen=True, kw_only=True)
class Step:
    """What became of one rule: why it did not match, or that it decided. Those after it were not asked."""

    place: int
    when: str
    unmet: str
    decides: bool
    asked: bool


@needs(Deed.VIEW)
@require_safe
def simulator(request: ActorRequest) -> HttpResponse:
    """A question by GET, so that its answer can be sent to somebody as a link."""
    may_edit = not may(request.actor, Deed.EDIT_RULES)
    form = SimulatorForm(request.GET or None, drafts=may_edit)
    context = {"form": form, "may_edit": may_edit}
    if not form.is_bound or not form.is_valid():
        return render(request, "rules/simulator.html", context, status=422 if form.is_bound else 200)
    data = form.cleaned_data
    book = Book(rules=rules.draft().parsed) if data.get("against") == "draft" else rules.book_in_force()
    case = Case(pairing=catalogue.pairing(data["pairing"]), terms=form.terms, requester=data["who"])
    judgement = rules.judge([case], at=timezone.now(), book=book)[0]
    context |= {
        "judgement": judgement,
        "target": case.target,
        "steps": steps(book.rules, judgement.asked, rules.names()),
    }
    return render(request, "rules/simulator.html", context)


def steps(book: Sequence[Rule], asked: Asked, names: Names) -> list[Step]:
    found, decided = [], False
    for place, rule in enumerate(book, start=1):
        unmet = rule.unmet(asked)
        found.append(
            Step(
                place=place,
                when=listed(rule.when, names),
                unmet=listed(unmet, names) if unmet else "",
                decides=not unmet and not decided,
                asked=not decided,
            )
        )
        decided = decided or not unmet
    return found
