"""How an item of the review is worked through: who may do which step to it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from audit.refusal import Objection

# The deeds of reviewing begin so, and what whoever was asked is asked and says has these names.
DEEDS = "review."
ASKED, ANSWERED = f"{DEEDS}asked", f"{DEEDS}answered"


class Step(StrEnum):
    """What an auditor does with an item. `answer` is the step of whoever was asked, and has a page of its own."""

    TAKE = "take"
    GIVE_BACK = "give-back"
    NOTE = "note"
    ASK = "ask"
    CLOSE = "close"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an item stands, as far as the steps are concerned. People are keys, empty for nobody."""

    held_by: str = ""
    closed: bool = False
    to_be_followed_up: bool = False


def objections(step: Step, standing: Standing, *, by: str, had_a_part: bool) -> tuple[Objection, ...]:
    """What stands against this step by this auditor; one thing at a time."""
    if had_a_part:
        sentence = "You had a part in this, so another auditor has to review it."
        return (Objection(code="own", sentence=sentence),)
    if step is Step.FOLLOW_UP:
        return () if standing.to_be_followed_up else (_NOTHING_TO_FOLLOW,)
    if standing.closed:
        return (_CLOSED,)
    if step is Step.TAKE:
        return (_YOURS,) if standing.held_by == by else ()
    return () if standing.held_by == by else (_NOT_YOURS,)


def possible(standing: Standing, *, by: str, had_a_part: bool) -> Mapping[str, bool]:
    """For each step, whether this auditor may do it now: only these forms are shown. By words a template can say."""
    return {step.value.replace("-", "_"): not objections(step, standing, by=by, had_a_part=had_a_part) for step in Step}


_CLOSED = Objection(code="closed", sentence="It is closed.")
_YOURS = Objection(code="yours", sentence="You have it already.")
_NOT_YOURS = Objection(code="not-yours", sentence="You do not have it: take it first.")
_NOTHING_TO_FOLLOW = Objection(code="nothing-to-follow", sentence="There is nothing here to look at again.")
