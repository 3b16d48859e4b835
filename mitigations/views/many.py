"""Asking for many targets at once: each line is judged on its own, and all are asked for or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.many import ManyForm
from mitigations.forms.presets import PRESET_IS_GONE, filled
from mitigations.policies.alike import Piles, Said, piled
from mitigations.policies.guardrails import blocks
from mitigations.policies.many import Line
from mitigations.selectors.rules import Judgement
from mitigations.services import requests, together
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line as it was written, and how it is judged unless it is wrong."""

    line: Line
    judgement: Judgement | None = None

    @property
    def obstacle(self) -> Objection | None:
        """What keeps it from being asked for: it is no target, or a guardrail blocks it."""
        return self.line.wrong or next(iter(blocks(self.judgement.findings if self.judgement else ())), None)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """All lines: `unread` ones are no targets. `obstacles` are what else stands in the way of asking."""

    rows: Sequence[Row]
    unread: Sequence[Row]
    piles: Piles[Row]
    obstacles: Sequence[Objection]

    @property
    def wrong(self) -> int:
        """How many cannot be asked for."""
        return len(self.unread) + self.piles.blocked.count


def _said_of(row: Row) -> Said:
    assert row.line.target is not None
    assert row.judgement is not None
    requirement, findings = row.judgement.requirement, row.judgement.findings
    return Said(target=row.line.target.text, rule=requirement.sentence, findings=findings)


@needs(Deed.ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        typed = request.typed.dict() if request.typed is not None else {}
        return _as_typed(request, typed) if typed else _page(request, ManyForm())
    if (helped := _helped(request)) is not None:
        return helped
    form = _bound(request)
    valid = form.is_valid()
    judged = _judged(request, form)
    if (text := _put_right(request, form, judged)) is not None:
        form = ManyForm({**request.POST.dict(), "targets": text})
        form.is_valid()
        return _page(request, form, _judged(request, form))
    if not valid:
        return _page(request, form, judged, status=422)
    return _ask(request, form, judged) if "ask" in request.POST else _page(request, form, judged)


def _helped(request: ActorRequest) -> HttpResponse | None:
    """A button that fills in some of the terms. None: it was another."""
    if not {"lasts", "choose"} & request.POST.keys():
        return None
    typed = _with_file(request, ManyForm(request.POST, request.FILES))
    if "lasts" in typed:
        return _as_typed(request, {**typed, "minutes_before_auto_stop": typed["lasts"]})
    form, preset = ManyForm(initial=typed), typed["choose"]
    if preset and preset not in form.presets:
        return _page(request, form, objections=(PRESET_IS_GONE,), status=422)
    return _as_typed(request, filled(typed, preset=preset, offered=form.presets))


def _as_typed(request: ActorRequest, typed: dict[str, Any]) -> HttpResponse:
    """The form with these values; nothing was asked yet, so nothing is wrong yet."""
    bound = ManyForm(typed)
    bound.is_valid()
    return _page(request, ManyForm(initial=typed), _judged(request, bound))


def _ask(request: ActorRequest, form: ManyForm, judged: Judged | None) -> HttpResponse:
    if judged and judged.wrong:
        return _refused(request, form, judged)
    try:
        made = together.ask_all(wanted=form.wanted, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _refused(request, form, _judged(request, form), refusal)
    messages.success(request, f"You asked for {len(made)}: {_named(made)}.")
    return redirect("together", made[0].reference)


def _refused(
    request: ActorRequest, form: ManyForm, judged: Judged | None, refusal: Refused | None = None
) -> HttpResponse:
    """What stands against single lines stands beside them. Whoever pressed twice is shown what the first press made."""
    if made := _made_already(request, form):
        messages.info(request, f"You asked for these {len(made)} already: {_named(made)}.")
        return redirect("together", made[0].reference)
    objections = refusal.objections if refusal and not (judged and judged.wrong) else ()
    return _page(request, form, judged, objections=objections, asked=True, status=refusal.status if refusal else 422)


def _made_already(request: ActorRequest, form: ManyForm) -> list[Mitigation]:
    if any(line.wrong for line in form.lines):
        return []
    return together.asked_already(wanted=form.wanted, by=request.actor)


def _judged(request: ActorRequest, form: ManyForm) -> Judged | None:
    """None while there is nothing to judge, or nothing to judge it by."""
    if not form.is_judgeable:
        return None
    judgements = together.judge_all(form.wanted, by=request.actor, at=timezone.now())
    of_right = iter(judgements)
    rows = [Row(line=line, judgement=None if line.wrong else next(of_right)) for line in form.lines]
    blocked = any(row.obstacle for row in rows)
    return Judged(
        rows=rows,
        unread=[row for row in rows if row.line.wrong],
        piles=piled((row for row in rows if row.judgement), _said_of),
        obstacles=() if blocked else requests.objections_to(judgements, by=request.actor),
    )


def _bound(request: ActorRequest) -> ManyForm:
    """What was typed; a file's targets as if they had been pasted, so that the page shows them."""
    form = ManyForm(request.POST, request.FILES)
    return ManyForm(_with_file(request, form)) if form.text_of_file else form


def _with_file(request: ActorRequest, form: ManyForm) -> dict[str, Any]:
    text = form.text_of_file
    return {**request.POST.dict(), **({"targets": text} if text else {})}


def _put_right(request: ActorRequest, form: ManyForm, judged: Judged | None) -> str | None:
    """The targets as a button says: one of them mended, or all left out that stand in the way. None: no such button."""
    if (press := request.POST.get("mend")) is not None:
        return form.with_mend(press)
    if "drop" in request.POST and judged and judged.wrong:
        return form.mended(replace(row.line, wrong=row.obstacle) for row in judged.rows)
    return None


def _named(made: Sequence[Mitigation]) -> str:
    return f"{made[0].reference} to {made[-1].reference}" if len(made) > 1 else made[0].reference


def _page(
    request: ActorRequest,
    form: ManyForm,
    judged: Judged | None = None,
    *,
    objections: Sequence[Objection] = (),
    asked: bool = False,
    status: int = 200,
) -> HttpResponse:
    """`asked`: it was the button that asks for them, so the page says that nothing was asked for."""
    context = {"form": form, "judged": judged, "objections": objections, "asked": asked}
    return render(request, "mitigations/many.html", context, status=status)
