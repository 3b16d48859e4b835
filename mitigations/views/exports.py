"""Exports: what auditors take out of the portal. Asking for one changes nothing but a row; downloading it is a deed."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.refusal import Conflict, Objection
from mitigations.forms.addresses import as_text
from mitigations.forms.exports import FILTERS, PLACES, FormatForm, Wanted, in_words, source, what
from mitigations.selectors import exporting
from mitigations.selectors.exporting import Source
from mitigations.services.auditing import exporting as exports
from mitigations.views.guard import needs


@needs(Deed.EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, FILTERS[what(request.GET.get("what", ""))](request.GET), FormatForm())
    wanted, written = FILTERS[what(request.POST.get("what", ""))](request.POST), FormatForm(request.POST)
    if not (wanted.is_valid() & written.is_valid()):
        return _form(request, wanted, written, status=422)
    if "count" in request.POST:
        return _form(request, wanted, written)
    export = exports.ask(
        format=written.cleaned_data["format"],
        filter=as_text(wanted, without=PLACES),
        source=source(wanted),
        by=request.actor,
        at=timezone.now(),
    )
    return redirect("export", export.pk)


@needs(Deed.EXPORT)
@require_safe
def show(request: ActorRequest, id: int) -> HttpResponse:
    """The page, or the part of it that changes while something is downloaded."""
    standing = exporting.standing(id, at=timezone.now())
    is_question = request.headers.get("HX-Request") == "true"
    if is_question and request.GET.get("seen") == standing.mark:
        return HttpResponse(status=204)
    context = {"standing": standing, "filters": in_words(what(standing.export.what), standing.export.filter)}
    return render(request, "audit/_export.html" if is_question else "audit/export.html", context)


@needs(Deed.EXPORT)
@require_POST
def download(request: ActorRequest, id: int) -> HttpResponseBase:
    export, stream = exports.download(id=id, source=_source(id), by=request.actor, now=timezone.now)
    answer = StreamingHttpResponse(stream, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{export.package_name}"'
    return answer


def _source(id: int) -> Source:
    """What was asked for, read again from its text. Raises Conflict when it names what is not there any more."""
    export = exporting.one(id)
    form = FILTERS[what(export.what)](QueryDict(export.filter))
    if not form.is_valid():
        sentence = "What this was filtered by does not exist any more. Ask for a new export."
        raise Conflict([Objection(code="filter", sentence=sentence)])
    return source(form)


def _form(request: ActorRequest, wanted: Wanted, written: FormatForm, *, status: int = 200) -> HttpResponse:
    """With how many rows there would be, of which nothing is made yet."""
    found = source(wanted) if wanted.is_valid() else None
    chosen = next(each for each, form in FILTERS.items() if type(wanted) is form)
    context = {
        "wanted": wanted,
        "written": written,
        "chosen": chosen.value,
        "counted": found is not None,
        "rows": found.how_many(up_to=found.newest()) if found is not None else None,
        "kinds": [each.value for each in FILTERS],
        "newest": [exporting.standing_of(each, at=timezone.now()) for each in exporting.newest()],
    }
    return render(request, "audit/exports.html", context, status=status)
