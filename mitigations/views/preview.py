"""What would happen if a request were asked for as it stands in the form."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor
from mitigations.forms.mitigation import MitigationForm
from mitigations.services import previewing
from mitigations.services.previewing import Preview


def preview(form: MitigationForm, *, by: Actor, at: datetime) -> Preview | None:
    """None while too little is known to judge it."""
    return previewing.preview(form.wanted, by=by, at=at) if form.is_judgeable else None
