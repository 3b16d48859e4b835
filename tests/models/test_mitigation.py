"""What must always be true of mitigations and decisions, refused by the database itself."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import pytest
from django.db.models import ProtectedError

from mitigations.models import Decision, Mitigation, Team
from mitigations.policies.lifecycle import FINAL, IN_FORCE, OPEN, Status
from mitigations.policies.network import Prefix, on_axis, parse
from tests.making import NOW, make_mitigation, make_pairing
from tests.models.refusing import refused_by_the_database
from tests.people import Cast, make_person

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)
TARGET = "203.0.113.7/32"


def change(mitigation: Mitigation, **values: Any) -> None:
    Mitigation.objects.filter(pk=mitigation.pk).update(**values)


# --- The terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("target", "203.0.113.8/32"),
        ("family", 6),
        ("first", on_axis(0)),
        ("last", on_axis(2**128 - 1)),
        ("length", 31),
        ("minutes", 61),
        ("comment", "another"),
        ("reason", "another"),
        ("ticket", "another"),
        ("approvals_needed", 0),
        ("rule", "another"),
        ("rulebook", 7),
        ("findings_when_asked", [{"code": "none"}]),
        ("requested_at", LATER),
        ("waits_until", LATER),
    ],
)
def test_never_changes_a_term(term: str, value: object) -> None:
    mitigation = make_mitigation(target=TARGET)

    with refused_by_the_database("the terms of a mitigation never change"):
        change(mitigation, **{term: value})


def test_never_changes_its_pairing() -> None:
    mitigation = make_mitigation()

    with refused_by_the_database("the terms of a mitigation never change"):
        change(mitigation, pairing=make_pairing(method_id="776"))


def test_never_changes_who_asked() -> None:
    mitigation = make_mitigation()

    with refused_by_the_database("the terms of a mitigation never change"):
        change(mitigation, requested_by=make_person("kim"))


def test_never_changes_which_team_must_approve() -> None:
    mitigation = make_mitigation()

    with refused_by_the_database("the terms of a mitigation never change"):
        change(mitigation, approving_team=Team.objects.create(name="Security"))


def test_never_changes_what_it_was_asked_with() -> None:
    first, second = make_mitigation(), make_mitigation()

    with refused_by_the_database("the terms of a mitigation never change"):
        change(second, asked_with=first)


def test_never_changes_its_reference() -> None:
    mitigation = make_mitigation()

    with refused_by_the_database():
        change(mitigation, id=mitigation.pk + 1000)


def test_has_a_test_for_every_term() -> None:
    moving = {
        "id", "status", "approved_at", "attempt", "attempts", "claimed_at", "lease_until", "next_attempt_at",
        "started_at", "ends_at", "end_announced_at", "closed_at", "status_note",
    }  # fmt: skip
    terms = {
        "target", "family", "first", "last", "length", "pairing", "minutes", "comment", "reason", "ticket",
        "approvals_needed", "approving_team", "rule", "rulebook", "findings_when_asked", "asked_with",
        "requested_by", "requested_at", "waits_until",
    }  # fmt: skip

    assert {field.name for field in Mitigation._meta.concrete_fields} == moving | terms


def test_never_needs_more_approvals_than_a_team_can_give() -> None:
    with refused_by_the_database("mitigation_approvals_bounded"):
        make_mitigation(approvals_needed=6)


def test_is_never_deleted() -> None:
    mitigation = make_mitigation()

    with refused_by_the_database("mitigations are kept for ever"):
        mitigation.delete()


# --- The row ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"status": "dormant"}, "mitigation_status_known"),
        ({"family": 5}, "mitigation_family_known"),
        ({"first": on_axis(2), "last": on_axis(1)}, "mitigation_first_before_last"),
        ({"minutes": 525_601}, "mitigation_minutes_bounded"),
        ({"minutes": -1}, ""),
        ({"reason": ""}, "mitigation_has_a_reason"),
        ({"waits_until": None}, ""),
        ({"requested_at": None}, ""),
    ],
)
def test_makes_sense(values: dict[str, Any], constraint: str) -> None:
    with refused_by_the_database(constraint):
        make_mitigation(**values)


@pytest.mark.parametrize("minutes", [0, 1, 525_600])
def test_runs_for_as_long_as_a_year(minutes: int) -> None:
    assert make_mitigation(Status.ACTIVE, minutes=minutes).minutes == minutes


# --- Status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_may_be_in_every_status_with_what_it_implies(status: Status) -> None:
    assert make_mitigation(status).status == status


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SENDING}))
def test_has_a_lease_only_while_it_is_sent(status: Status) -> None:
    with refused_by_the_database("mitigation_lease_while_sending"):
        make_mitigation(status, lease_until=LATER)


@pytest.mark.parametrize("missing", ["lease_until", "attempt"])
def test_has_a_lease_and_an_attempt_while_it_is_sent(missing: str) -> None:
    with refused_by_the_database("mitigation_lease_while_sending"):
        make_mitigation(Status.SENDING, **{missing: None})


@pytest.mark.parametrize("status", sorted(FINAL))
def test_is_closed_when_it_is_final(status: Status) -> None:
    with refused_by_the_database("mitigation_closed_when_final"):
        make_mitigation(status, closed_at=None)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_is_not_closed_before(status: Status) -> None:
    with refused_by_the_database("mitigation_closed_when_final"):
        make_mitigation(status, closed_at=LATER)


@pytest.mark.parametrize(
    "values",
    [
        {"started_at": None},
        {"ends_at": None},
        {"minutes": 0, "ends_at": LATER},
        {"minutes": 0, "started_at": None},
    ],
)
def test_has_its_times_while_it_is_active(values: dict[str, Any]) -> None:
    with refused_by_the_database("mitigation_active_has_its_times"):
        make_mitigation(Status.ACTIVE, **values)


@pytest.mark.parametrize("status", sorted({Status.APPROVED, *IN_FORCE}))
def test_is_sent_only_when_it_was_approved(status: Status) -> None:
    with refused_by_the_database("mitigation_sent_only_when_approved"):
        make_mitigation(status, approved_at=None)


# --- One on a target, one on the way ----------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [Status.SENDING, Status.ACTIVE, Status.UNKNOWN])
@pytest.mark.parametrize("first", [Status.ACTIVE, Status.UNKNOWN])
def test_is_the_only_one_in_force_on_its_target(first: Status, second: Status) -> None:
    make_mitigation(first, target=TARGET)

    with refused_by_the_database(unique="one_in_force_per_target"):
        make_mitigation(second, target=TARGET)


@pytest.mark.parametrize("second", [Status.PENDING, Status.APPROVED])
@pytest.mark.parametrize("first", [Status.PENDING, Status.APPROVED])
def test_is_the_only_one_that_waits_for_its_target(first: Status, second: Status) -> None:
    make_mitigation(first, target=TARGET)

    with refused_by_the_database(unique="one_waiting_per_target"):
        make_mitigation(second, target=TARGET)


@pytest.mark.parametrize("first", sorted({*FINAL, *IN_FORCE}))
def test_may_wait_behind_one_that_is_over_or_in_force(first: Status) -> None:
    make_mitigation(first, target=TARGET)

    assert make_mitigation(target=TARGET).target == TARGET


def test_is_the_only_one_that_is_sent() -> None:
    make_mitigation(Status.SENDING)

    with refused_by_the_database(unique="one_call_at_a_time"):
        make_mitigation(Status.SENDING)


# --- Decisions --------------------------------------------------------------------------------------------------------


def decide(mitigation: Mitigation, by: Any, verdict: str = "approve", note: str = "") -> Decision:
    return Decision.objects.create(mitigation=mitigation, verdict=verdict, note=note, decided_by=by, decided_at=NOW)


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_takes_no_decision_of_whoever_asked(cast: Cast, verdict: str) -> None:
    mitigation = make_mitigation(requested_by=cast.lee)

    with refused_by_the_database("nobody decides on their own request"):
        decide(mitigation, cast.lee, verdict, "why")


@pytest.mark.parametrize("second", ["approve", "reject"])
def test_takes_one_decision_of_each_person(cast: Cast, second: str) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    decide(mitigation, cast.lee)

    with refused_by_the_database(unique="one_decision_per_person"):
        decide(mitigation, cast.lee, second, "why")


def test_takes_decisions_of_several_people(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    decide(mitigation, cast.lee)
    decide(mitigation, cast.kim, "reject", "No.")

    assert mitigation.decisions.count() == 2


def test_takes_no_rejection_without_a_word(cast: Cast) -> None:
    with refused_by_the_database("rejection_says_why"):
        decide(make_mitigation(requested_by=cast.dana), cast.lee, "reject")


def test_takes_no_verdict_that_it_does_not_know(cast: Cast) -> None:
    with refused_by_the_database("decision_verdict_known"):
        decide(make_mitigation(requested_by=cast.dana), cast.lee, "maybe", "why")


def test_keeps_the_people_that_it_names(cast: Cast) -> None:
    decide(make_mitigation(requested_by=cast.dana), cast.lee)

    for person in (cast.dana, cast.lee):
        with pytest.raises(ProtectedError):
            person.delete()


# --- Finding ----------------------------------------------------------------------------------------------------------


def test_is_found_by_its_reference() -> None:
    mitigation = make_mitigation()

    assert Mitigation.objects.referred(mitigation.reference) == mitigation
    assert Mitigation.objects.referred(mitigation.reference.lower()) == mitigation


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "{0}", "MIT-", "MIT{0}", "MIT--{0}", "MIT-+{0}", "MIT-0", "MIT-0{0}", "MIT-{0}x", "MİT-{0}", "MIT-٤٢"),
        *(" MIT-{0}", "MIT-{0}\n", "MIT-{0}\x00", "MIT-" + "9" * 18, "MIT-" + "9" * 40),
    ],
)
def test_is_not_found_by_anything_else(wrong: str) -> None:
    mitigation = make_mitigation()

    with pytest.raises(Mitigation.DoesNotExist):
        Mitigation.objects.referred(wrong.format(mitigation.pk))


def test_marks_the_comment_for_kentik() -> None:
    mitigation = make_mitigation(comment="UDP flood")

    assert mitigation.marked_comment == f"[MIT-{mitigation.pk}] UDP flood"


def test_marks_an_empty_comment_without_a_space() -> None:
    mitigation = make_mitigation()

    assert mitigation.marked_comment == f"[{mitigation.reference}]"


Network = IPv4Network | IPv6Network


def _random_network(dice: random.Random) -> Network:
    """In a few narrow places of both families, so that many nest; with the widest and the narrowest among them."""
    if dice.random() < 0.5:
        return IPv4Network((0xCB007100 + dice.randrange(512), dice.choice([0, 8, *range(20, 33)])), strict=False)
    address = (0x20010DB8 << 96) + (dice.randrange(4) << 80) + dice.randrange(64)
    return IPv6Network((address, dice.choice([0, 32, 47, 48, 49, 64, *range(120, 129)])), strict=False)


def _prefix(network: Network) -> Prefix:
    prefix = parse(str(network))
    assert isinstance(prefix, Prefix)
    return prefix


def _row(network: Network, template: Mitigation) -> Mitigation:
    prefix = _prefix(network)
    return Mitigation(
        target=prefix.text, family=prefix.family, first=on_axis(prefix.first), last=on_axis(prefix.last),
        length=prefix.length, pairing=template.pairing, minutes=60, reason="x", approvals_needed=1, rule="x",
        requested_by=template.requested_by, requested_at=NOW, waits_until=LATER, status=Status.WITHDRAWN, closed_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_overlaps_exactly_what_shares_an_address(seed: int) -> None:
    dice = random.Random(seed)
    template = make_mitigation(Status.WITHDRAWN, target="255.255.255.255/32")
    stored = sorted({_random_network(dice) for _ in range(300)}, key=str)
    Mitigation.objects.bulk_create([_row(network, template) for network in stored])
    stored.append(ip_network("255.255.255.255/32"))

    for wanted in {_random_network(dice) for _ in range(60)}:
        found = Mitigation.objects.overlapping(_prefix(wanted)).values_list("target", flat=True)
        expected = {str(each) for each in stored if each.version == wanted.version and each.overlaps(wanted)}  # type: ignore[arg-type]
        assert sorted(found) == sorted(expected), wanted


def test_keeps_the_families_apart_where_they_share_the_axis() -> None:
    make_mitigation(target="0.0.0.0/0")

    everything = parse("::/0")

    assert isinstance(everything, Prefix)
    assert not Mitigation.objects.overlapping(everything).exists()


def test_keeps_its_place_on_the_axis_as_sixteen_bytes() -> None:
    mitigation = Mitigation.objects.get(pk=make_mitigation(target=TARGET, attempt=uuid.uuid4()).pk)

    assert bytes(mitigation.first) == bytes(mitigation.last) == bytes.fromhex("00000000000000000000ffffcb007107")
