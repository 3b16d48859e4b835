"""One deed on the rows that somebody has ticked in a list: one page to confirm, then each is done for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.refusal import Objection
from mitigations.forms.deciding import ChosenForm, SelectionForm
from mitigations.policies.alike import Piles, Said, piled
from mitigations.policies.guardrails import Finding, blocks
from mitigations.policies.lifecycle import Status
from mitigations.selectors import mitigations
from mitigations.selectors.facts import findings_of
from mitigations.selectors.listing import PAGE
from mitigations.selectors.waiting import words_of
from mitigations.services import together
from mitigations.services.together import Undone
from mitigations.views import standing
from mitigations.views.confirmations import TO_MANY, Confirmation
from mitigations.views.guard import needs
from mitigations.views.places import list_at
from mitigations.views.to_many import WORDS, tell

if TYPE_CHECKING:
    from mitigations.models import Mitigation


# What waits is judged once more before anybody decides on it.
_JUDGED = frozenset({Deed.APPROVE, Deed.REJECT})


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Targets to which the same will happen, for the same time."""

    pairing: str
    effect: str
    minutes: int
    targets: list[str]


@dataclass(frozen=True)
class Chosen:
    """`findings`: what speaks against one that waits, before somebody decides on it."""

    mitigation: Mitigation
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    mitigation: Mitigation
    objections: tuple[Objection, ...]


@needs(Deed.APPROVE)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: ActorRequest) -> HttpResponse:
    return _confirm(request, TO_MANY[Deed.APPROVE])


@needs(Deed.REJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: ActorRequest) -> HttpResponse:
    return _confirm(request, TO_MANY[Deed.REJECT])


@needs(Deed.WITHDRAW)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ActorRequest) -> HttpResponse:
    return _confirm(request, TO_MANY[Deed.WITHDRAW])


@needs(Deed.STOP)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: ActorRequest) -> HttpResponse:
    return _confirm(request, TO_MANY[Deed.STOP])


def _confirm(request: ActorRequest, page: Confirmation) -> HttpResponse:
    """The address says which rows and of which list, the form which of them are meant after all, and why."""
    selection = SelectionForm(request.GET)
    selection.is_valid()
    wanted = selection.cleaned_data.get("references", [])[:PAGE]
    if request.method != "POST":
        if not wanted:
            messages.info(request, f"Tick what is to be dealt with, and then press “{WORDS[page.deed].verb}”.")
            return redirect(_back(selection))
        return _page(request, page, selection, wanted, page.form())
    note, chosen = page.form(request.POST), ChosenForm(request.POST, of=wanted)
    if not (note.is_valid() & chosen.is_valid()) or "do" not in request.POST:
        return _page(request, page, selection, wanted, note, chosen, status=422)
    references, shown, at = chosen.cleaned_data["references"], chosen.cleaned_data["shown"], timezone.now()
    act = together.approving(references, shown=shown, at=at) if page.deed is Deed.APPROVE else page.act
    missed = together.do_all(act, references=references, by=request.actor, at=at, **note.cleaned_data)
    if left := tell(request, page.deed, len(references), missed):
        return _page(request, page, selection, wanted, note, chosen, missed=left, status=409)
    return redirect(_back(selection))


def _back(selection: SelectionForm) -> str:
    return list_at(selection.text_with_place if not selection.errors else "")


def _page(
    request: ActorRequest,
    page: Confirmation,
    selection: SelectionForm,
    wanted: Sequence[str],
    note: forms.Form,
    chosen: ChosenForm | None = None,
    *,
    missed: Sequence[Undone] = (),
    status: int = 200,
) -> HttpResponse:
    possible, left_out = _parted(request, page.deed, wanted)
    # What is to be looked at closely is approved only when somebody says so once more.
    careful = page.deed is Deed.APPROVE and request.GET.get("tick") != "all"
    piles = piled(possible, _judged if page.deed in _JUDGED else _plain)
    context = {
        "deed": page.deed,
        "words": WORDS[page.deed],
        "note": note,
        "chosen": chosen,
        "piles": piles,
        "parts": [(piles.closely, "to look at closely"), (piles.clear, "clear" if page.deed in _JUDGED else "")],
        "shown": words_of({each.mitigation.reference: each.findings for each in possible}),
        "several": len(piles.rules) if page.deed in _JUDGED else 0,
        "careful": careful,
        "timed": page.deed is Deed.STOP,
        "ticked": set(chosen["references"].value() or []) if chosen else _ticked(piles, careful=careful),
        "alike": _alike([each.mitigation for each in possible]),
        "left_out": left_out,
        "missed": missed,
        "back": _back(selection),
    }
    return render(request, "mitigations/confirm/chosen.html", context, status=status)


def _parted(request: ActorRequest, deed: Deed, wanted: Sequence[str]) -> tuple[list[Chosen], list[LeftOut]]:
    """Those that it can be done to, with what speaks against each; and those that it cannot."""
    at = timezone.now()
    rows = mitigations.shown([int(each.removeprefix("MIT-")) for each in wanted])
    waiting = [each for each in rows if deed in _JUDGED and each.status == Status.PENDING]
    findings = dict(zip([each.pk for each in waiting], findings_of(waiting, at=at), strict=True))
    possible: list[Chosen] = []
    left_out: list[LeftOut] = []
    for row, objections in zip(rows, standing.against(rows, deed, actor=request.actor, at=at), strict=True):
        found = findings.get(row.pk, ())
        if stands := objections or (blocks(found) if deed is Deed.APPROVE else ()):
            left_out.append(LeftOut(mitigation=row, objections=tuple(stands)))
        else:
            possible.append(Chosen(row, found))
    return possible, left_out


def _judged(chosen: Chosen) -> Said:
    """A request that waits says who must agree, and what speaks against it."""
    mitigation = chosen.mitigation
    kept = tuple(mitigation.kept_findings)
    return Said(target=mitigation.target, rule=mitigation.rule, findings=chosen.findings, before=kept)


def _plain(chosen: Chosen) -> Said:
    return Said(target=chosen.mitigation.target, rule="")


def _ticked(piles: Piles[Chosen], *, careful: bool) -> set[str]:
    """`careful`: not what is to be looked at closely."""
    chosen = (piles.clear,) if careful else (piles.closely, piles.clear)
    return {each.mitigation.reference for pile in chosen for each in pile.members}


def _alike(rows: Sequence[Mitigation]) -> list[Alike]:
    found: dict[tuple[str, str, int], list[str]] = {}
    for row in rows:
        found.setdefault((str(row.pairing), row.pairing.effect, row.minutes), []).append(row.target)
    return [
        Alike(pairing=pairing, effect=effect, minutes=minutes, targets=targets)
        for (pairing, effect, minutes), targets in found.items()
    ]
