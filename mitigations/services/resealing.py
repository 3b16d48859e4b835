"""Secrets that the database keeps sealed, when SECRET_KEY has been changed."""

from __future__ import annotations

from audit import sealing
from audit.models import Channel
from mitigations.models import Source

_HOLDERS = (Channel, Source)


def seal_anew() -> int:
    """How many were still sealed by a former SECRET_KEY; they are sealed by the present one now."""
    return sum(_seal_anew(model, sealed) for model in _HOLDERS for sealed in _all_of(model))


def _all_of(model: type[Channel] | type[Source]) -> list[str]:
    return list(model.objects.exclude(sealed="").values_list("sealed", flat=True))


def _seal_anew(model: type[Channel] | type[Source], sealed: str) -> int:
    """Only what still reads so: somebody may have typed another one meanwhile."""
    anew = sealing.sealed_anew(sealed)
    return model.objects.filter(sealed=sealed).update(sealed=anew) if anew is not None else 0
