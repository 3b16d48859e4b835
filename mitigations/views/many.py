"""Asking for many targets at once: each line is judged on its own, and all are asked for or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.many import ManyForm
from mitigations.policies.guardrails import blocks
from mitigations.policies.many import Line
from mitigations.selectors.rules import Judgement
from mitigations.services import together
from mitigations.views.guard import needs


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line as it was written, and what is known of it: what is wrong with it, or how it is judged."""

    line: Line
    judgement: Judgement | None = None

    @property
    def obstacle(self) -> Objection | None:
        """What keeps it from being asked for: it is no target, or a guardrail blocks it."""
        blocked = blocks(self.judgement.findings) if self.judgement else ()
        return self.line.wrong or (blocked[0] if blocked else None)


@needs(Deed.ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ManyForm())
    form = _bound(request)
    valid = form.is_valid()
    rows = _rows(request, form) if form.is_judgeable else []
    if "drop" in request.POST and rows:
        return _without_wrong(request, form, rows)
    if not valid:
        return _page(request, form, rows, status=422)
    if "ask" not in request.POST:
        return _page(request, form, rows)
    if any(row.obstacle for row in rows):
        return _page(request, form, rows, status=422)
    try:
        made = together.ask_all(wanted=form.wanted, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _page(request, form, rows, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"{len(made)} requests are made, {made[0].reference} to {made[-1].reference}.")
    return redirect("together", made[0].reference)


def _rows(request: ActorRequest, form: ManyForm) -> list[Row]:
    right = [line for line in form.lines if line.wrong is None]
    judgements = together.judge_all(form.wanted, by=request.actor, at=timezone.now())
    judged = {id(line): judgement for line, judgement in zip(right, judgements, strict=True)}
    return [Row(line=line, judgement=judged.get(id(line))) for line in form.lines]


def _bound(request: ActorRequest) -> ManyForm:
    """What was typed; a file's targets as if they had been pasted, so that the page shows them."""
    form = ManyForm(request.POST, request.FILES)
    if not request.FILES or not form.text_of_file:
        return form
    return ManyForm({**request.POST.dict(), "targets": form.text_of_file})


def _without_wrong(request: ActorRequest, form: ManyForm, rows: Sequence[Row]) -> HttpResponse:
    """The form without the lines that stand in the way, and all else as it was typed."""
    left = form.mended(replace(row.line, wrong=row.obstacle) for row in rows)
    kept = ManyForm({**request.POST.dict(), "targets": left})
    kept.is_valid()
    return _page(request, kept, _rows(request, kept) if kept.is_judgeable else [])


def _page(
    request: ActorRequest,
    form: ManyForm,
    rows: Sequence[Row] = (),
    *,
    objections: Sequence[Objection] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "rows": rows,
        "wrong": sum(row.obstacle is not None for row in rows),
        "objections": objections,
    }
    return render(request, "mitigations/many.html", context, status=status)
