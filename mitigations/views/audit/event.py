"""One event in full."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import one
from mitigations.views.audit import places
from mitigations.views.guard import needs


@needs(Deed.READ_AUDIT)
@require_safe
def detail(request: ActorRequest, number: int) -> HttpResponse:
    event = one(number)
    context = {
        "event": event,
        "entry": event.entry,
        "told": places.told(event.entry, reader=request.actor),
        "by": places.by(event.entry.actor),
        "place": places.address(event.entry, reader=request.actor),
        "facts": _rows(event.facts),
        "detail": _rows(event.detail),
        "may_redact": not may(request.actor, Deed.ASK_REDACTION),
    }
    return render(request, "audit/event.html", context)


def _rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each fact's name and value as a person reads them."""
    return [(name.replace("_", " "), _text(value)) for name, value in facts.items()]


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "–"
        case list() | dict():
            return json.dumps(value, indent=2, ensure_ascii=False)
    return str(value)
