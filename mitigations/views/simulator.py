"""What would happen if somebody asked for something: nothing is asked for, and nobody is told."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from mitigations.forms.rules import SimulatorForm
from mitigations.policies.guardrails import blocks
from mitigations.policies.simulating import steps
from mitigations.selectors import catalogue, rules
from mitigations.selectors.facts import Case
from mitigations.selectors.rules import Book
from mitigations.views.guard import needs


@needs(Deed.VIEW)
@require_safe
def simulator(request: ActorRequest) -> HttpResponse:
    """A question by GET, so that its answer can be sent to somebody as a link."""
    may_edit = not may(request.actor, Deed.EDIT_RULES)
    form = SimulatorForm(request.GET or None, drafts=may_edit, initial={"who": request.actor.id})
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
        "blocked": bool(blocks(judgement.findings)),
        "steps": steps(book.rules, judgement.asked, rules.names()),
    }
    return render(request, "rules/simulator.html", context)
