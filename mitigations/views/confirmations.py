"""The pages on which a deed is confirmed: what each shows, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django import forms

from accounts.authority import Deed
from mitigations.forms.mitigation import (
    ApproveForm,
    NoteForm,
    ReasonForm,
    RecordStopForm,
    RequiredNoteForm,
    ReviewForm,
    SettleForm,
    StopForm,
)
from mitigations.services import approvals, glass, requests, settling, stopping


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """One deed's page. `act` is the service; `done` is what the person reads afterwards, `lands` where they do so.

    `is_safe`: it lets something happen that was asked for. Its button is at the right, and that of every other deed at
    the left, where the way back is otherwise: whoever presses one place twice never decides.
    """

    deed: Deed
    template: str
    form: type[forms.Form]
    act: Callable[..., Any]
    done: str
    lands: str = "mitigation"
    is_safe: bool = False


APPROVE = Confirmation(
    deed=Deed.APPROVE,
    template="mitigations/confirm/approve.html",
    form=ApproveForm,
    act=approvals.approve,
    done="You approved {target}, {link}.",
    lands="approvals",
    is_safe=True,
)
REJECT = Confirmation(
    deed=Deed.REJECT,
    template="mitigations/confirm/reject.html",
    form=RequiredNoteForm,
    act=approvals.reject,
    done="You rejected {target}, {link}.",
    lands="approvals",
)
WITHDRAW = Confirmation(
    deed=Deed.WITHDRAW,
    template="mitigations/confirm/withdraw.html",
    form=NoteForm,
    act=requests.withdraw,
    done="You withdrew {reference}.",
)
STOP = Confirmation(
    deed=Deed.STOP,
    template="mitigations/confirm/stop.html",
    form=StopForm,
    act=stopping.order,
    done="{reference} is being stopped: the worker tells Kentik now.",
)
RECORD_STOP = Confirmation(
    deed=Deed.RECORD_STOP,
    template="mitigations/confirm/record-stop.html",
    form=RecordStopForm,
    act=settling.record_stop,
    done="{reference} is recorded as stopped.",
)
SETTLE = Confirmation(
    deed=Deed.SETTLE,
    template="mitigations/confirm/settle.html",
    form=SettleForm,
    act=settling.settle,
    done="{reference} is settled.",
    is_safe=True,
)
BREAK_GLASS = Confirmation(
    deed=Deed.BREAK_GLASS,
    template="mitigations/confirm/break-glass.html",
    form=ReasonForm,
    act=glass.break_glass,
    done="You broke the glass for {reference}: it goes to Kentik now.",
)
REVIEW = Confirmation(
    deed=Deed.REVIEW_GLASS,
    template="mitigations/confirm/review.html",
    form=ReviewForm,
    act=glass.review,
    done="Your review of {link} is kept.",
    lands="approvals",
    is_safe=True,
)
# Those that can be done to many at once, of which a page has the words of all in one place.
TO_MANY = {page.deed: page for page in (replace(APPROVE, form=NoteForm), REJECT, WITHDRAW, STOP)}
