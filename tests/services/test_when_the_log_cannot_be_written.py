"""No deed without its event: when the log takes nothing, nothing else moves either, whoever does what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.contrib.auth.models import Group

from accounts import services as accounts
from accounts.authority import COMMAND_LINE, WORKER, Role
from accounts.inviting import Invitation
from audit import ledger
from audit.signing import new_key
from mitigations.models import Alarm, Lane
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.services import approvals, channels, glass, people, plan, requests, sending, settling, stopping
from mitigations.services.auditing import proving, redacting, reviewing
from mitigations.services.requests import Wanted
from mitigations.services.timekeeping import keep_time
from tests.making import NOW, make_channel, make_exchange, make_mitigation, make_pairing, make_redaction
from tests.people import Cast, acting
from tests.reviewing import make_item
from tests.showing import look, make_followed
from tests.views.facts import everything

NOTE = "Because it has to be."
Deed = Callable[[Cast], Callable[[], Any]]


def on(status: Status, verb: Callable[..., Any], who: str, **given: Any) -> Deed:
    """A deed of somebody on a mitigation of dana's in this status."""

    def prepare(cast: Cast) -> Callable[[], Any]:
        made = make_mitigation(status, requested_by=cast.dana)
        by = acting(getattr(cast, who))
        return lambda: verb(reference=made.reference, by=by, note=NOTE, at=NOW, **given)

    return prepare


def asking(cast: Cast) -> Callable[[], Any]:
    pairing = make_pairing()
    wanted = Wanted(
        target=known("203.0.113.7/32"), pairing_id=pairing.pk, minutes=60, comment="", reason=NOTE, ticket=""
    )
    return lambda: requests.ask(wanted=wanted, by=acting(cast.dana), at=NOW)


def claiming(cast: Cast) -> Callable[[], Any]:
    make_mitigation(Status.APPROVED, requested_by=cast.dana)
    Lane.objects.create(pk=Lane.THE_ONE)
    return lambda: sending.claim_next(lease=timedelta(seconds=90), at=NOW)


def expiring(cast: Cast) -> Callable[[], Any]:
    make_mitigation(requested_by=cast.dana, at=NOW - timedelta(days=30))
    return lambda: keep_time(describe=_undescribed, at=NOW)


def ordering_a_stop(cast: Cast) -> Callable[[], Any]:
    look()
    followed = make_followed()
    return lambda: stopping.order(reference=followed.reference, by=acting(cast.lee), note=NOTE, at=NOW)


def settling_an_alarm(cast: Cast) -> Callable[[], Any]:
    facts = {"sentence": "It covers 192.0.2.0/24.", "raised_at": NOW}
    alarm = Alarm.objects.create(mitigation=make_mitigation(Status.ACTIVE), **facts)
    return lambda: plan.settle_alarm(id=alarm.pk, by=acting(cast.lee), note=NOTE, at=NOW)


def saving_a_team(cast: Cast) -> Callable[[], Any]:
    return lambda: plan.save_team(id=None, name="Shop", member_ids=[cast.dana.pk], by=acting(cast.max), at=NOW)


def deleting_a_channel(cast: Cast) -> Callable[[], Any]:
    channel = make_channel()
    return lambda: channels.delete(id=channel.pk, by=acting(cast.max), at=NOW)


def enrolling(cast: Cast) -> Callable[[], Any]:
    new = {"username": "noor", "full_name": "Noor Haddad", "roles": [Role.VIEWER], "password": "harbour-lantern-1"}
    return lambda: accounts.enrol(**new, by=COMMAND_LINE.author, at=NOW)


def inviting_somebody(cast: Cast) -> Callable[[], Any]:
    new = {"username": "noor", "full_name": "Noor Haddad", "email": "", "roles": frozenset({Role.VIEWER})}
    invitation = Invitation(**new, by_mail=False)
    return lambda: people.invite(invitation=invitation, team_ids=(), by=acting(cast.max), at=NOW)


def on_lee(verb: Callable[..., Any], **given: Any) -> Deed:
    return lambda cast: lambda: verb(username="lee", note=NOTE, by=acting(cast.max), at=NOW, **given)


def taking_an_item(cast: Cast) -> Callable[[], Any]:
    item = make_item(cast)
    return lambda: reviewing.take(number=item.number, held_by="", by=acting(cast.ana), at=NOW)


def redacting_it(cast: Cast) -> Callable[[], Any]:
    redaction = make_redaction()
    return lambda: redacting.carry_out(id=redaction.pk, by=acting(cast.max), at=NOW)


def asking_for_a_redaction(cast: Cast) -> Callable[[], Any]:
    number, by = make_exchange().number, acting(cast.ana)
    return lambda: redacting.ask(log="exchanges", number=number, reason=NOTE, by=by, at=NOW)


def signing(cast: Cast) -> Callable[[], Any]:
    return lambda: proving.checkpoint(by=WORKER, at=NOW)


DEEDS: dict[str, Deed] = {
    "ask": asking,
    "approve": on(Status.PENDING, approvals.approve, "lee"),
    "reject": on(Status.PENDING, approvals.reject, "lee"),
    "withdraw": on(Status.PENDING, requests.withdraw, "dana"),
    "break the glass": on(Status.PENDING, glass.break_glass, "dana"),
    "claim": claiming,
    "expire": expiring,
    "settle": on(Status.UNKNOWN, settling.settle, "lee", outcome=Status.ACTIVE),
    "record a stop": on(Status.ACTIVE, settling.record_stop, "lee"),
    "order a stop": ordering_a_stop,
    "settle an alarm": settling_an_alarm,
    "save a team": saving_a_team,
    "delete a channel": deleting_a_channel,
    "enrol": enrolling,
    "invite": inviting_somebody,
    "change roles": on_lee(people.change_roles, give={Role.VIEWER}, take={Role.APPROVER}),
    "deactivate": on_lee(people.deactivate),
    "take an item of the review": taking_an_item,
    "ask for a redaction": asking_for_a_redaction,
    "redact": redacting_it,
    "sign the head": signing,
}


@pytest.fixture(autouse=True)
def _settings(settings: Any) -> None:
    settings.KENTIK_V6, settings.AUDIT_SIGNING_KEY = True, new_key("portal")


@pytest.mark.parametrize("name", DEEDS)
def test_nothing_moves(name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.dana.groups.add(Group.objects.get(name=Role.BREAK_GLASS))
    act = DEEDS[name](cast)
    before = everything()
    with monkeypatch.context() as broken:
        broken.setattr(ledger.chaining, "append_after", _full)
        with pytest.raises(OSError, match="the log is full"):
            act()

    assert everything() == before

    act()
    assert everything() != before


def _undescribed(message: object) -> NoReturn:
    raise AssertionError("nothing is being sent here")


def _full(*args: object, **kwargs: object) -> NoReturn:
    raise OSError("the log is full")
