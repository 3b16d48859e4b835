"""The list of mitigations, on the screen and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit import spreadsheet
from audit.spreadsheet import Value
from mitigations.forms.listing import ListForm
from mitigations.forms.searching import named
from mitigations.policies import columns
from mitigations.policies.ordering import Order
from mitigations.selectors import listing, mitigations
from mitigations.selectors.exporting import screen
from mitigations.selectors.filtering import Filter
from mitigations.selectors.grouping import MOST
from mitigations.selectors.listing import Page
from mitigations.views import list_parts
from mitigations.views.guard import needs
from mitigations.views.places import changed, list_at
from mitigations.views.to_many import WORDS

# What leads to the rows above and to those below.
_PAGER = {Order.NEWEST: ("newer", "older"), Order.OLDEST: ("older", "newer")}


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    """A reference that is typed where prefixes are looked for leads to its mitigation."""
    if (reference := named(request.GET.get("target"))) and mitigations.exists(reference):
        return redirect("mitigation", reference)
    form = ListForm(request.GET)
    page = _found(form)
    parts = list_parts.parts(form, page.sections, actor=request.actor)
    deeds = [row.deeds for part in parts for row in part.rows]
    here, chips = form.text_with_place, list_parts.chips(request.actor, form.text)
    context = {
        "form": form,
        "page": page,
        "parts": parts,
        "heads": list_parts.heads(form),
        "chips": chips,
        "is_kept": any(chip.is_here for chip in chips),
        "filtered": form.is_valid() and form.filter != Filter(),
        "bulk": [(deed, words) for deed, words in WORDS.items() if any(deed in each for each in deeds)],
        "tickable": sum(map(bool, deeds)),
        "wide": form.columns != columns.USUAL,
        "looked_for": list_parts.said(form),
        "mends": [(mend, changed(form.text, target=mend)) for mend in form.mends],
        "most": MOST,
        "pager": _PAGER.get(form.order, ("previous", "next")),
        "said": [(name, value) for name, values in QueryDict(here).lists() for value in values],
        "here": here,
    }
    return render(request, "mitigations/list.html", context, status=200 if form.is_valid() else 422)


@needs(Deed.VIEW)
@require_safe
def csv(request: ActorRequest) -> HttpResponse:
    """The rows and columns that the list of the same address shows, in the same order."""
    form = ListForm(request.GET)
    if not form.is_valid():
        return redirect(list_at(request.GET.urlencode()))
    answer = HttpResponse(spreadsheet.MARK, content_type="text/csv; charset=utf-8")
    answer.writelines(spreadsheet.row(each) for each in _lines(form))
    answer["Content-Disposition"] = f'attachment; filename="mitigations-{timezone.now().astimezone(UTC):%Y-%m-%d}.csv"'
    return answer


def _found(form: ListForm) -> Page:
    if not form.is_valid():
        return Page(sections=[])
    data = form.cleaned_data
    return listing.page(
        form.filter,
        order=form.order,
        group=data["group"],
        columns=form.columns,
        below=data["below"],
        above=data["above"],
    )


def _lines(form: ListForm) -> Iterator[list[Value]]:
    """Under headings, the first cell of each line is its heading."""
    grouped = form.cleaned_data["group"] is not None
    yield [*(["Group"] if grouped else []), *(head for column in form.columns for head in screen.heads(column))]
    for section in _found(form).sections:
        for row in section.rows:
            heading: list[Value] = [section.words] if grouped else []
            yield [*heading, *(cell for column in form.columns for cell in screen.cells(row, column))]
