"""Those that were asked for at once, seen and decided on together or one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from mitigations.forms.deciding import TogetherForm
from mitigations.policies.alike import Piles, Said, piled
from mitigations.policies.approval import Verdict
from mitigations.selectors import history, mitigations
from mitigations.selectors.waiting import Waiting, seen, words_of
from mitigations.services import approvals, together
from mitigations.services.together import Undone
from mitigations.views import freshness
from mitigations.views.guard import needs
from mitigations.views.to_many import tell


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest, reference: str) -> HttpResponse:
    newest = mitigations.mark_together(reference)
    if (answer := freshness.answer(request, newest=newest)) is not None:
        return answer
    rows = mitigations.together(reference)
    may_decide = not may(request.actor, Deed.APPROVE)
    context = {
        "lead": rows[0],
        "rows": rows,
        "newest": newest,
        "before": history.ran_before(rows, before=rows[0].pk),
        "counts": Counter(each.status for each in rows).most_common(),
        "open_ones": mitigations.awaiting_together(reference, request.actor) if may_decide else [],
    }
    return render(request, "mitigations/together.html", context)


@needs(Deed.APPROVE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ActorRequest, reference: str) -> HttpResponse:
    references = [each.reference for each in mitigations.together(reference)]
    if request.method != "POST":
        return _page(request, reference, TogetherForm(of=references), tick="clear")
    if (tick := request.POST.get("tick")) is not None:
        as_typed = {"note": request.POST.get("note", "")}
        return _page(request, reference, TogetherForm(of=references, initial=as_typed), tick=tick)
    form = TogetherForm(request.POST, of=references)
    if not form.is_valid():
        return _page(request, reference, form, status=422)
    return _decided(request, reference, form)


def _decided(request: ActorRequest, reference: str, form: TogetherForm) -> HttpResponse:
    data, at = form.cleaned_data, timezone.now()
    references, verdict = data["references"], data["verdict"]
    decide = (
        approvals.reject if verdict is Verdict.REJECT else together.approving(references, shown=data["shown"], at=at)
    )
    missed = together.do_all(decide, references=references, by=request.actor, note=data["note"], at=at)
    if left := tell(request, Deed(verdict), len(references), missed):
        return _page(request, reference, form, missed=left, status=409)
    return redirect("approvals")


def _page(
    request: ActorRequest,
    reference: str,
    form: TogetherForm,
    *,
    tick: str | None = None,
    missed: Sequence[Undone] = (),
    status: int = 200,
) -> HttpResponse:
    """`tick`: which boxes are ticked, whatever was ticked before: "all", "clear" or none."""
    rows = mitigations.awaiting_together(reference, request.actor)
    judged = seen(rows, at=timezone.now())
    piles = piled(judged, _said_of)
    context = {
        "reference": reference,
        "form": form,
        "piles": piles,
        "shown": words_of({each.mitigation.reference: each.findings for each in judged}),
        "ticked": set(form["references"].value() or []) if tick is None else _ticked(piles, tick),
        "lead": rows[0] if rows else None,
        "before": history.ran_before(rows, before=rows[0].pk) if rows else [],
        "missed": missed,
    }
    return render(request, "mitigations/confirm/together.html", context, status=status)


def _ticked(piles: Piles[Waiting], tick: str) -> set[str]:
    """What is blocked, or to be looked at closely, is ticked only when somebody says all."""
    chosen = {"all": (piles.blocked, piles.closely, piles.clear), "clear": (piles.clear,)}.get(tick, ())
    return {each.mitigation.reference for pile in chosen for each in pile.members}


def _said_of(waiting: Waiting) -> Said:
    mitigation = waiting.mitigation
    return Said(
        target=mitigation.target,
        rule=mitigation.rule,
        findings=waiting.findings,
        before=tuple(mitigation.kept_findings),
    )
