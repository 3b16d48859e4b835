"""A Kentik that can be seen, its clock in the test's hand: sends, looks and stops over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from audit.models import Event
from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.states import Action
from mitigations.models import KentikView, Mitigation, Sighting, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.services import stopping, stops
from mitigations.services.looking import Lookout
from mitigations.services.sending import claim_next, record_call
from mitigations.services.timekeeping import keep_time
from sandbox.server import Sandbox
from tests.making import NOW, make_mitigation
from tests.people import acting

LEASE = timedelta(seconds=90)
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class Watch:
    """`at` is what the clock shows; `pass_` lets time go by."""

    def __init__(self, sandbox: Sandbox, clock: Clock) -> None:
        self.sandbox, self.clock = sandbox, clock
        self.wait_for_calls(seconds=30)

    def wait_for_calls(self, *, seconds: float) -> None:
        """No longer than this, each."""
        url = self.sandbox.url
        account = Account(
            base_url=url, v6_url=url, email="robot@example.net", token="canary-7f3a9c51", read=seconds, total=seconds
        )
        self.client, self.v6 = Client(account, now=self.clock), V6Client(account, now=self.clock)
        self.lookout = self.new_lookout()

    @property
    def at(self) -> datetime:
        return self.clock.now

    def new_lookout(self) -> Lookout:
        return Lookout(self.v6, lease=LEASE, now=self.clock, insist=_do)

    def pass_(self, time: timedelta) -> None:
        self.clock.now += time

    def send(self, target: str = "203.0.113.7/32", **values: Any) -> Mitigation:
        """Ask for it, have it approved and send it; whatever came of it."""
        make_mitigation(Status.APPROVED, target=target, at=self.at, **values)
        claim = claim_next(lease=LEASE, at=self.at)
        assert claim is not None
        return record_call(claim=claim, call=self.client.start(claim.message), at=self.at)

    def look(self, after: timedelta = MINUTE) -> None:
        """Let this time go by, and ask whatever is due then."""
        self.pass_(after)
        while self.lookout.turn():
            pass

    def found(self, **values: Any) -> Mitigation:
        """One that was sent and found, so that it is followed."""
        mitigation = self.send(**values)
        self.look()
        assert Sighting.objects.filter(mitigation=mitigation).exists()
        return self.again(mitigation)

    def keep_time(self) -> None:
        keep_time(describe=self.client.describe, at=self.at)

    def order(self, mitigation: Mitigation, *, by: User | None = None, note: str = "It is over.") -> StopOrder:
        stopping.order(reference=mitigation.reference, by=acting(by or mitigation.requested_by), note=note, at=self.at)
        return mitigation.stop_orders.latest("pk")

    def tell_to_stop(self) -> StopOrder:
        """What the worker does with the oldest order that is due."""
        claim = stops.claim_next(lease=LEASE, at=self.at)
        assert claim is not None
        answer = self.v6.act(Action.STOP, [claim.kentik_id])
        stops.record_answer(claim=claim, answer=answer, at=self.at)
        return StopOrder.objects.get(pk=claim.order)

    def stop_elsewhere(self, target: str = "203.0.113.7/32") -> None:
        """Somebody stops it in Kentik's own dialog."""
        self.v6.act(Action.STOP, [self.at_kentik(target)])

    def at_kentik(self, target: str = "203.0.113.7/32") -> str:
        """The newest ID that Kentik has for this target."""
        return [str(row["id"]) for row in self.sandbox.mitigations() if row["ip_cidr"] == target][-1]

    def again(self, mitigation: Mitigation) -> Mitigation:
        return Mitigation.objects.get(pk=mitigation.pk)

    def calls(self) -> list[str]:
        """What Kentik was asked for, in order: the verb and the path without its query."""
        return [f"{call['method']} {str(call['path']).partition('?')[0]}" for call in self.sandbox.journal()]


def alarms(mitigation: Mitigation) -> list[str]:
    return [each.code for each in mitigation.alarms.all()]


def deeds(*wanted: str) -> list[str]:
    """The deeds in the log, in order; all, or only these."""
    told = Event.objects.order_by("number").values_list("deed", flat=True)
    return [deed for deed in told if not wanted or deed in wanted]


def view() -> KentikView:
    return KentikView.objects.get()


def _do(record: Callable[[], object]) -> None:
    record()
