from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from audit.models import Event
from mitigations.kentik.client import Client
from mitigations.models import Exchange, Mitigation, Team
from mitigations.policies.catalogue import What
from mitigations.policies.lifecycle import Status
from mitigations.selectors.mitigations import overview
from mitigations.services import catalogue, settling
from mitigations.services.sending import Claim, claim_next, record_call
from mitigations.services.timekeeping import keep_time
from sandbox.server import Sandbox
from tests.making import NOW, make_mitigation
from tests.people import Cast, acting

LEASE = timedelta(seconds=90)
Kentik = Callable[..., Client]


def claim(at=NOW) -> Claim:
    claimed = claim_next(lease=LEASE, at=at)
    assert claimed is not None
    return claimed


def send(client: Client, at=NOW) -> Mitigation:
    claimed = claim(at)
    return record_call(claim=claimed, call=client.start(claimed.message), at=at)


def test_sends_exactly_what_was_approved(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    mitigation = make_mitigation(Status.APPROVED, target="203.0.113.7/32", comment="Shop under flood")

    send(kentik())

    [arrived] = sandbox.journal()
    assert arrived["path"] == "/api/v5/alerts/manual-mitigate"
    assert arrived["body"] == (
        f'{{"ipCidr":"203.0.113.7/32","Comment":"[{mitigation.reference}] Shop under flood",'
        '"platformID":"257","methodId":"775","minutesBeforeAutoStop":"60"}'
    )


def test_ok_makes_it_active_and_starts_its_clock(cast: Cast, kentik: Kentik) -> None:
    make_mitigation(Status.APPROVED, minutes=60)

    mitigation = send(kentik())

    assert mitigation.status == Status.ACTIVE
    assert mitigation.started_at is not None
    assert NOW <= mitigation.started_at < NOW + timedelta(seconds=10)
    assert mitigation.ends_at == mitigation.started_at + timedelta(minutes=60)


def test_without_auto_stop_it_has_no_end(cast: Cast, kentik: Kentik) -> None:
    make_mitigation(Status.APPROVED, minutes=0)

    mitigation = send(kentik())

    assert (mitigation.status, mitigation.ends_at) == (Status.ACTIVE, None)


def test_keeps_the_exchange_as_sent_and_as_received(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    mitigation = make_mitigation(Status.APPROVED)

    send(kentik())

    exchange = Exchange.objects.get()
    [arrived] = sandbox.journal()
    assert (exchange.mitigation, exchange.method, exchange.outcome) == (mitigation, "POST", "accepted")
    assert exchange.request_body == arrived["body"]
    assert (exchange.status, exchange.response_body) == (200, '{"response":{"result":"OK"}}')
    assert "canary" not in exchange.request_headers
    assert "robot@" not in exchange.request_headers


@pytest.mark.parametrize(
    ("fault", "status", "outcome"),
    [
        ({"kind": "status", "status": 400}, Status.REFUSED, "refused"),
        ({"kind": "status", "status": 401}, Status.REFUSED, "refused"),
        ({"kind": "status", "status": 404}, Status.REFUSED, "refused"),
        ({"kind": "status", "status": 429}, Status.REFUSED, "throttled"),
        ({"kind": "status", "status": 500}, Status.UNKNOWN, "unknown"),
        ({"kind": "status", "status": 503}, Status.UNKNOWN, "unknown"),
        ({"kind": "result", "result": "ERROR"}, Status.UNKNOWN, "unknown"),
        ({"kind": "malformed-json"}, Status.UNKNOWN, "unknown"),
        ({"kind": "accept-then-drop"}, Status.UNKNOWN, "unknown"),
        ({"kind": "close-before-reading"}, Status.UNKNOWN, "unknown"),
        ({"kind": "redirect"}, Status.UNKNOWN, "unknown"),
        ({"kind": "hang"}, Status.UNKNOWN, "unknown"),
    ],
)
def test_each_answer_leads_to_its_status_after_one_post(
    cast: Cast, kentik: Kentik, sandbox: Sandbox, fault: dict, status: Status, outcome: str
) -> None:
    make_mitigation(Status.APPROVED)
    sandbox.fault(**fault)

    mitigation = send(kentik(read=0.2))

    assert mitigation.status == status
    assert mitigation.status_note
    assert Exchange.objects.get().outcome == outcome
    assert claim_next(lease=LEASE, at=NOW + timedelta(hours=1)) is None
    assert len(sandbox.journal()) == 1


def test_what_never_left_is_tried_again_after_a_pause(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    make_mitigation(Status.APPROVED)
    client = kentik()
    sandbox.close()

    mitigation = send(client)

    assert (mitigation.status, mitigation.attempts) == (Status.APPROVED, 1)
    assert claim_next(lease=LEASE, at=NOW) is None
    assert claim(NOW + timedelta(seconds=1)).reference == mitigation.reference


def test_the_pauses_grow_and_end(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    make_mitigation(Status.APPROVED)
    client = kentik()
    sandbox.close()
    at, pauses = NOW, []
    for _ in range(7):
        mitigation = send(client, at)
        assert mitigation.next_attempt_at is not None
        pauses.append((mitigation.next_attempt_at - at).total_seconds())
        at = mitigation.next_attempt_at

    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_sends_nothing_at_or_after_its_deadline(cast: Cast) -> None:
    make_mitigation(Status.APPROVED)

    assert claim_next(lease=LEASE, at=NOW + timedelta(hours=24)) is None
    assert claim_next(lease=LEASE, at=NOW + timedelta(hours=24, microseconds=-1)) is not None


def test_sends_in_the_order_of_approval(cast: Cast) -> None:
    later = make_mitigation(Status.APPROVED, approved_at=NOW + timedelta(seconds=2))
    make_mitigation(Status.APPROVED, approved_at=NOW + timedelta(seconds=1), next_attempt_at=NOW + timedelta(hours=1))

    assert claim().reference == later.reference


def test_makes_no_second_call_while_one_is_under_way(cast: Cast) -> None:
    make_mitigation(Status.APPROVED)
    make_mitigation(Status.APPROVED)
    claim()

    assert claim_next(lease=LEASE, at=NOW) is None


def test_an_approval_of_somebody_deactivated_since_does_not_count(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED)
    cast.lee.is_active = False
    cast.lee.save()

    assert claim_next(lease=LEASE, at=NOW) is None

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.approved_at) == (Status.PENDING, None)
    assert Event.objects.get().deed == "mitigation.lapsed"


def test_an_approval_of_somebody_who_lost_the_role_does_not_count(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED)
    cast.lee.groups.clear()

    assert claim_next(lease=LEASE, at=NOW) is None

    mitigation.refresh_from_db()
    assert mitigation.status == Status.PENDING


def test_a_guardrail_at_the_last_moment_refuses_it(cast: Cast, sandbox: Sandbox) -> None:
    mitigation = make_mitigation(Status.APPROVED)
    catalogue.retire(what=What.PAIRING, id=mitigation.pairing_id, by=acting(cast.max), at=NOW)

    assert claim_next(lease=LEASE, at=NOW) is None

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.closed_at) == (Status.REFUSED, NOW)
    assert "retired" in mitigation.status_note
    assert sandbox.journal() == []


def test_an_answer_after_the_lease_is_still_evidence(cast: Cast, kentik: Kentik) -> None:
    make_mitigation(Status.APPROVED)
    client, claimed = kentik(), claim()
    call = client.start(claimed.message)
    keep_time(describe=client.describe, at=NOW + LEASE)
    assert Mitigation.objects.get().status == Status.UNKNOWN

    mitigation = record_call(claim=claimed, call=call, at=NOW + LEASE * 2)

    assert mitigation.status == Status.ACTIVE
    assert [exchange.outcome for exchange in mitigation.exchanges.all()] == ["unknown", "accepted"]


def test_a_late_answer_never_overrules_a_person(cast: Cast, kentik: Kentik) -> None:
    make_mitigation(Status.APPROVED)
    client, claimed = kentik(), claim()
    call = client.start(claimed.message)
    keep_time(describe=client.describe, at=NOW + LEASE)
    settling.settle(
        reference=claimed.reference, outcome=Status.REFUSED, by=acting(cast.lee), note="Not there.", at=NOW + LEASE
    )

    mitigation = record_call(claim=claimed, call=call, at=NOW + LEASE * 2)

    assert (mitigation.status, mitigation.status_note) == (Status.REFUSED, "Not there.")
    assert mitigation.exchanges.count() == 2


def test_what_is_known_not_to_have_left_ends_when_it_was_given_up(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    make_mitigation(Status.APPROVED)
    client, claimed = kentik(), claim()
    sandbox.close()
    call = client.start(claimed.message)
    keep_time(describe=client.describe, at=NOW + LEASE)

    mitigation = record_call(claim=claimed, call=call, at=NOW + LEASE * 2)

    assert mitigation.status == Status.REFUSED


def test_every_step_leaves_its_event_in_order(cast: Cast, kentik: Kentik) -> None:
    make_mitigation(Status.APPROVED)

    send(kentik())

    deeds = list(Event.objects.order_by("number").values_list("deed", "actor_name"))
    assert deeds == [("mitigation.sending", "worker"), ("mitigation.answered", "worker")]


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_raise_an_alarm_until_kentik_answers_otherwise(
    cast: Cast, kentik: Kentik, sandbox: Sandbox, status: int
) -> None:
    first = make_mitigation(Status.APPROVED, target="203.0.113.7/32")
    sandbox.fault("status", status=status)
    send(kentik())
    alarm = overview(stuck_since=NOW).credentials_refused
    assert alarm is not None
    assert alarm.mitigation == first

    make_mitigation(Status.APPROVED, target="203.0.113.8/32")
    send(kentik())
    assert overview(stuck_since=NOW).credentials_refused is None


def test_recording_an_answer_again_does_nothing(cast: Cast, kentik: Kentik) -> None:
    """As when the commit went through and its acknowledgement was lost."""
    make_mitigation(Status.APPROVED)
    client, claimed = kentik(), claim()
    call = client.start(claimed.message)
    record_call(claim=claimed, call=call, at=NOW)
    events = Event.objects.count()

    again = record_call(claim=claimed, call=call, at=NOW + timedelta(seconds=1))

    assert again.status == Status.ACTIVE
    assert (Exchange.objects.count(), Event.objects.count()) == (1, events)


def test_an_approver_who_left_the_team_that_must_approve_counts_no_more(cast: Cast) -> None:
    security = Team.objects.create(name="Security")
    mitigation = make_mitigation(Status.APPROVED, approving_team=security)

    assert claim_next(lease=LEASE, at=NOW) is None

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.approved_at) == (Status.PENDING, None)


def test_what_needs_no_approval_is_sent_without_one(cast: Cast) -> None:
    mitigation = make_mitigation(approvals_needed=0, approved_at=NOW)
    Mitigation.objects.filter(pk=mitigation.pk).update(status=Status.APPROVED)

    assert claim().reference == mitigation.reference
