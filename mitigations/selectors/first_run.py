"""How far a new portal has come, in a constant number of queries."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Exists, QuerySet

from accounts.authority import Deed, Role
from accounts.models import User
from accounts.selectors import HAS_COME, holders
from audit.models import Channel, Checkpoint
from mitigations.models import AddressSpace, Exchange, Pairing, Rulebook
from mitigations.policies.first_run import Checklist, Known, checklist

_NO_ANSWER = 500


def left_to_do() -> Checklist | None:
    """What an administrator has yet to set up; None when all of it is done."""
    # One answer of Kentik is enough to know; the newest tells how it is by now.
    answer = Exchange.objects.filter(status__lt=_NO_ANSWER).order_by("-number").only("credentials_refused").first()
    there = _which(
        offers_a_pairing=Pairing.objects.filter(offered=True),
        has_address_space=AddressSpace.objects.all(),
        has_rules=Rulebook.objects.all(),
        has_an_auditor=User.objects.filter(HAS_COME, is_active=True, groups__name=Role.AUDITOR),
        signed=Checkpoint.objects.all(),
        has_a_channel=Channel.objects.all(),
    )
    signed, has_a_channel = there.pop("signed"), there.pop("has_a_channel")
    return checklist(
        Known(
            kentik_accepts=answer is not None and not answer.credentials_refused,
            kentik_refuses=answer is not None and answer.credentials_refused,
            askers=_some(Deed.ASK),
            approvers=_some(Deed.APPROVE),
            # The key may be nowhere but with the worker: what it has signed tells.
            signs_the_log=signed or bool(settings.AUDIT_SIGNING_KEY),
            knows_its_address=bool(settings.PORTAL_URL),
            tells_people=has_a_channel or settings.MAIL_IS_ON,
            **there,
        )
    )


def _which(**rows: QuerySet[Any]) -> dict[str, bool]:
    """Of each of these whether there are any, in one query."""
    asked = {name: Exists(each) for name, each in rows.items()}
    found = User.objects.order_by().values_list(*asked.values())[:1][0]
    return dict(zip(asked, found, strict=True))


def _some(deed: Deed) -> frozenset[int]:
    return frozenset(holders(deed).order_by("pk").values_list("pk", flat=True)[:2])
