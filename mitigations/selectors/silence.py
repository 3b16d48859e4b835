"""Since when Kentik has not answered, as the exchanges tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Subquery, Value
from django.db.models.functions import Coalesce

from mitigations.models import Exchange
from mitigations.policies.silence import Tries, is_silent

# From here on the answer is that of something in between, or of a Kentik that is broken.
_NO_ANSWER = 500


@dataclass(frozen=True, kw_only=True)
class Silence:
    """`why` is the sentence of the last call. `answered_at` is None where Kentik never answered."""

    since: datetime
    tries: int
    tried_at: datetime
    why: str
    answered_at: datetime | None


def silence(*, at: datetime) -> Silence | None:
    """None while Kentik answers, and while nobody asks it. One query then."""
    answered = Exchange.objects.filter(status__lt=_NO_ANSWER).order_by("-number")
    after = Coalesce(Subquery(answered.values("number")[:1]), Value(0))
    # Without a duration its worker did not live to see the end, which says nothing of Kentik.
    lost = Exchange.objects.filter(number__gt=after, duration_ms__isnull=False).order_by()
    found = lost.aggregate(count=Count("number"), first_at=Min("started_at"), last_at=Max("started_at"))
    if not is_silent(Tries(**found), at=at):
        return None
    last = lost.latest("number")
    return Silence(
        since=found["first_at"],
        tries=found["count"],
        tried_at=found["last_at"],
        why=last.error,
        answered_at=answered.values_list("started_at", flat=True).first(),
    )
