"""The database itself keeps items and sign-offs as they are, and lets sign-offs do nothing but tile the log."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from audit import vocabulary
from audit.ledger import recorded
from audit.models import Item, SignOff
from audit.refusal import Forbidden, Objection
from audit.vocabulary import Concern, Phrase
from tests.audit.conftest import AT, DANA, DEED
from tests.databases import lifted_triggers

pytestmark = pytest.mark.django_db

BOX = Concern(code="box", words="A box", grave=True)
CLOSED = {
    "state": "closed",
    "held_by": "user:5",
    "held_by_name": "ana",
    "held_at": AT,
    "closed_at": AT,
    "verdict": "ok",
}


def item(**values: Any) -> Item:
    return Item.objects.create(**{"number": 1, "kind": "box", "grave": True, **values})


def sign(first: int, last: int, **values: Any) -> SignOff:
    row = {
        "kind": "day",
        "starts_at": AT - timedelta(days=2),
        "ends_at": AT - timedelta(days=1),
        "first": first,
        "last": last,
        "head": "0",
        "signed_by": "user:5",
        "signed_by_name": "ana",
        "signed_at": AT,
        "own_acts": 1,
    }
    return SignOff.objects.create(**{**row, **values})


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({}, {"number": 2}),
        ({}, {"kind": "other"}),
        ({}, {"grave": False}),
        (CLOSED, {"state": "taken", "closed_at": None, "verdict": ""}),
        (CLOSED, {"verdict": "concern"}),
        (CLOSED, {"held_by": "user:6"}),
        (CLOSED, {"closed_at": AT + timedelta(days=1)}),
    ],
)
def test_refuses_to_change_what_an_item_is_or_how_it_was_closed(before: dict[str, Any], change: dict[str, Any]) -> None:
    item(**before)
    with pytest.raises(IntegrityError, match="stays as it was closed"), transaction.atomic():
        Item.objects.update(**change)


def test_lets_a_concern_be_followed_up() -> None:
    item(**{**CLOSED, "verdict": "concern", "follow_up_on": AT.date()})
    assert Item.objects.update(followed_up_at=AT) == 1


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"state": "lost", "held_by": "user:5", "held_at": AT}, "item_state_known"),
        ({"state": "taken"}, "item_held_by_whom"),
        ({"held_by": "user:5", "held_at": AT}, "item_held_by_whom"),
        ({"state": "asked", "held_by": "user:5", "held_at": AT}, "item_answered_when"),
        ({"asked_of": "user:1"}, "item_asked_of_whom"),
        ({**CLOSED, "verdict": ""}, "item_closed_when"),
        ({**CLOSED, "follow_up_on": AT.date()}, "item_follows_up"),
    ],
)
def test_refuses_an_item_that_makes_no_sense(values: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        item(**values)


@pytest.mark.parametrize(("first", "last"), [(1, 4), (4, 6), (6, 9), (7, 9)])
def test_refuses_a_sign_off_that_does_not_begin_where_the_last_one_ended(first: int, last: int) -> None:
    sign(1, 4)
    with pytest.raises(IntegrityError), transaction.atomic():
        sign(first, last)
    sign(5, 6)


def test_refuses_a_first_sign_off_that_leaves_the_beginning_out() -> None:
    with pytest.raises(IntegrityError, match="begins where the last one ended"), transaction.atomic():
        sign(2, 4)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"last": 0}, "signoff_is_a_range"),
        ({"kind": "year"}, "signoff_kind_known"),
        ({"signed_at": AT - timedelta(days=2)}, "signoff_after_its_end"),
        ({"countersigned_by": "user:6"}, "signoff_countersigned_by_whom"),
        ({"countersigned_by": "user:5", "countersigned_at": AT}, "signoff_countersigned_by_somebody_else"),
        ({"countersigned_by": "user:6", "countersigned_at": AT, "own_acts": 0}, "signoff_countersigned_by_whom"),
    ],
)
def test_refuses_a_sign_off_that_makes_no_sense(values: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        sign(1, values.pop("last", 4), **values)


@pytest.mark.parametrize("change", [{"head": "1"}, {"unreviewed": [1]}, {"own_acts": 0}, {"signed_by": "user:6"}])
def test_refuses_to_change_a_sign_off(change: dict[str, Any]) -> None:
    sign(1, 4)
    with pytest.raises(IntegrityError, match="stays as it was signed"), transaction.atomic():
        SignOff.objects.update(**change)


def test_lets_a_sign_off_be_countersigned_once() -> None:
    sign(1, 4)
    assert SignOff.objects.update(countersigned_by="user:6", countersigned_by_name="ben", countersigned_at=AT) == 1
    with pytest.raises(IntegrityError, match="stays as it was signed"), transaction.atomic():
        SignOff.objects.update(countersigned_by="user:7")


@pytest.mark.parametrize("table", ["audit_item", "audit_signoff"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "TRUNCATE {}"])
def test_refuses_to_remove_anything(table: str, sql: str) -> None:
    if sql.startswith("TRUNCATE") and connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    item()
    sign(1, 4)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


def test_makes_items_of_what_was_marked_before_there_were_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vocabulary._phrases, DEED, Phrase(done="opened", tried="open", review=BOX))
    with recorded(DEED, subject="box 7", by=DANA, at=AT):
        pass
    with pytest.raises(Forbidden), recorded(DEED, subject="box 7", by=DANA, at=AT):
        raise Forbidden([Objection(code="role", sentence="No.")])
    made = list(Item.objects.values_list("number", "kind", "grave", "state"))
    with lifted_triggers():
        Item.objects.all().delete()

    import_module("audit.migrations.0009_review").collect(apps, connection.schema_editor())

    assert list(Item.objects.values_list("number", "kind", "grave", "state")) == made
    assert made == [(1, "box", True, "open"), (2, "forbidden", True, "open")]
