"""Keeping Kentik's catalogue as it was read, to be compared with ours before anything is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mitigations.kentik.v6.values import Method, Platform
from mitigations.models import KentikView


def keep(platforms: Sequence[Platform], methods: Sequence[Method], *, at: datetime) -> None:
    """The snapshot alone; nothing of ours changes by it."""
    KentikView.objects.filter(pk=KentikView.THE_ONE).update(
        platforms=[{**_plain(each), "method_ids": list(each.method_ids)} for each in platforms],
        methods=[{**_plain(each), "excluded": list(each.excluded_ip_cidrs)} for each in methods],
        catalogue_read_at=at,
    )


def _plain(thing: Platform | Method) -> dict[str, Any]:
    return {
        "id": thing.id,
        "name": thing.name,
        "description": thing.description,
        "type": thing.type_text,
        "modified_at": thing.modified_at.isoformat() if thing.modified_at else None,
    }
