"""The words for a deed on many: on its buttons, and in the answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

from accounts.authority import Deed
from mitigations.services.together import Undone


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the page and the answer say of a deed on many. `done` and `already` are told how many of how many."""

    verb: str
    done: str
    already: str
    kind: str = "danger"


WORDS = {
    Deed.APPROVE: Words(
        verb="Approve",
        done="You approved {} of {}.",
        already="You had decided on {} of {} already.",
        kind="primary",
    ),
    Deed.REJECT: Words(verb="Reject", done="You rejected {} of {}.", already="You had decided on {} of {} already."),
    Deed.WITHDRAW: Words(verb="Withdraw", done="You withdrew {} of {}.", already="{} of {} were withdrawn already."),
    Deed.STOP: Words(
        verb="Stop",
        done="{} of {} are being stopped: the worker tells Kentik now.",
        already="{} of {} were being stopped already.",
    ),
}


def tell(request: HttpRequest, deed: Deed, count: int, missed: Sequence[Undone]) -> list[Undone]:
    """Say how many it was done to; those that are left to be told one by one. Whoever pressed twice is told in one
    sentence.
    """
    twice = [each for each in missed if each.was_done_already]
    if done := count - len(missed):
        messages.success(request, WORDS[deed].done.format(done, count))
    if twice:
        messages.info(request, WORDS[deed].already.format(len(twice), count))
    return [each for each in missed if each not in twice]
