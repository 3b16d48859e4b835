"""What every page shows around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.authority import Actor, Deed, may
from mitigations.selectors import lane, mitigations, reviews
from mitigations.services import kentik_account
from mitigations.services.auditing import proving
from mitigations.views import shortcuts


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The menu of this person, and the lane to Kentik. Pages outside a session have neither."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {"menu": None, "lane": None, "chain": None}
    # Anybody may be asked for an explanation, also somebody without a role.
    always = {"questions": reviews.count_questions(actor), "shortcuts": shortcuts.of(actor)}
    if may(actor, Deed.VIEW):
        return {"menu": None, "lane": None, "chain": None, **always}
    decides = not may(actor, Deed.APPROVE)
    reviewing = not may(actor, Deed.REVIEW)
    return {
        **always,
        "menu": {
            "may_ask": not may(actor, Deed.ASK),
            "may_decide": decides,
            "may_read_audit": not may(actor, Deed.READ_AUDIT),
            "may_export": not may(actor, Deed.EXPORT),
            "may_manage_people": not may(actor, Deed.MANAGE_PEOPLE),
            "may_verify_audit": not may(actor, Deed.VERIFY_AUDIT),
            "to_review": reviews.count_open() if reviewing else 0,
            "awaiting": mitigations.count_awaiting(actor) if decides else 0,
        },
        "lane": lane.state(at=timezone.now()),
        "chain": proving.found(),
        "kentik": kentik_account.name(),
    }
