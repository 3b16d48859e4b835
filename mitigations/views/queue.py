"""What waits for whoever is looking.

A page that somebody is about to press on is never swapped or loaded anew under their hand: it asks what has happened
since, and says so above the cards, which stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from mitigations.selectors import mitigations
from mitigations.selectors.waiting import seen
from mitigations.views import freshness
from mitigations.views.guard import needs
from mitigations.views.waiting import cards

_GONE = 5


@needs(Deed.APPROVE)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    if (shown := freshness.question(request)) is not None:
        return _news(request, shown)
    waiting = mitigations.awaiting(request.actor)
    made = cards(seen(waiting, at=timezone.now()))
    groups = {card.first.lead: card.first.waiting_together for card in made}  # type: ignore[attr-defined] # annotated
    reviews = mitigations.glass_to_review(request.actor)
    context = {
        "cards": made,
        "reviews": reviews,
        "count": sum(groups.values()) + len(reviews),
        "shown": _as_text(groups),
    }
    return render(request, "approvals.html", context)


def _news(request: ActorRequest, shown: str) -> HttpResponse:
    """What has come and gone since; an empty answer when the page says as much already."""
    before, now = _as_groups(shown), mitigations.groups_awaiting(request.actor)
    came = sum(max(count - before.get(lead, 0), 0) for lead, count in now.items())
    gone = sorted(lead for lead, count in before.items() if now.get(lead, 0) < count)
    told = f"{came}:{gone}"
    if told == request.GET.get("told", "0:[]"):
        return HttpResponse(status=204)
    context: dict[str, Any] = {
        "came": came,
        "gone": mitigations.referred([f"MIT-{lead}" for lead in gone[:_GONE]]),
        "more": len(gone[_GONE:]),
        "shown": shown,
        "told": told,
    }
    return render(request, "approvals/_news.html", context)


def _as_text(groups: Mapping[int, int]) -> str:
    return ",".join(f"{lead}.{count}" for lead, count in groups.items())


def _as_groups(text: str) -> dict[int, int]:
    """As `_as_text` wrote it; what makes no sense is left out."""
    pairs = (part.split(".") for part in text.split(","))
    return {int(pair[0]): int(pair[1]) for pair in pairs if len(pair) == 2 and all(map(_is_number, pair))}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
