"""What every page shows around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.authority import Actor, Deed, may
from mitigations.selectors import mitigations


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The menu of this person. Pages outside a session have none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or may(actor, Deed.VIEW):
        return {"menu": None}
    decides = not may(actor, Deed.APPROVE)
    return {
        "menu": {
            "may_ask": not may(actor, Deed.ASK),
            "may_decide": decides,
            "may_read_audit": not may(actor, Deed.READ_AUDIT),
            "awaiting": mitigations.count_awaiting(actor) if decides else 0,
        }
    }
