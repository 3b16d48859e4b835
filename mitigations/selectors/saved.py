"""Lists that people have saved."""

from __future__ import annotations

from django.db.models import Q

from accounts.authority import Actor
from mitigations.models import SavedList

# So many of their own a person may save, and so many may be shared.
MOST = 50


def offered(actor: Actor) -> list[SavedList]:
    """Those above the list of this person: their own, and what is shared with everybody."""
    return list(SavedList.objects.filter(Q(owner_id=actor.id) | Q(shared=True)).select_related("owner")[: 2 * MOST])


def one(id: int) -> SavedList:
    return SavedList.objects.select_related("owner").get(pk=id)
