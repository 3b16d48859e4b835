"""The rules as plain values: what is stored is what is read, and nothing is left out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from mitigations.policies.network import known
from mitigations.policies.rules import (
    MOST_RULES,
    AskedByTeam,
    ByMethod,
    Condition,
    Inside,
    LongerThan,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
    as_json,
    read_rules,
)
from tests.policies.strategies import rulebooks
from tests.policies.test_rules import NET_24, NOC, WEB, rule


def test_is_stored_as_plain_values() -> None:
    stored = as_json([rule(Inside(known(NET_24)), WiderThan(28, 0), NoAutoStop(), AskedByTeam(NOC), team=WEB)])

    assert stored == [
        {
            "when": {"inside": [NET_24], "wider_than": [28, 0], "no_auto_stop": [], "team": [NOC]},
            "approvals": 2,
            "team": WEB,
            "waits_minutes": 240,
            "because": "we say so",
        }
    ]


@pytest.mark.parametrize(
    ("condition", "stored"),
    [
        (Inside(known("2001:db8::/48")), {"inside": ["2001:db8::/48"]}),
        (WiderThan(28, 64), {"wider_than": [28, 64]}),
        (LongerThan(60), {"longer_than": [60]}),
        (NoAutoStop(), {"no_auto_stop": []}),
        (OnPlatform("257"), {"platform": ["257"]}),
        (ByMethod("775"), {"method": ["775"]}),
        (AskedByTeam(NOC), {"team": [NOC]}),
        (NeedsALook(), {"needs_a_look": []}),
    ],
)
def test_stores_each_condition_under_its_name(condition: Condition, stored: dict[str, list[object]]) -> None:
    assert as_json([rule(condition)])[0]["when"] == stored


@given(rulebooks)
def test_reads_what_it_stored(book: list[Rule]) -> None:
    assert read_rules(as_json(book)) == tuple(book)


@given(rulebooks)
def test_reads_what_went_through_text_whatever_order_its_keys_came_back_in(book: list[Rule]) -> None:
    """PostgreSQL keeps the keys of an object in an order of its own."""
    assert read_rules(json.loads(json.dumps(as_json(book), sort_keys=True))) == tuple(book)


STORED = as_json([rule(WiderThan(28, 64))])[0]


@pytest.mark.parametrize(
    "when",
    [
        {"wider_then": [28, 64]},
        {"wider_than": [28, 64], "on_a_sunday": []},
        {"wider_than": [28]},
        {"no_auto_stop": [60]},
        {"inside": []},
        {"inside": ["203.0.113.7/24"]},
        {"inside": ["everything"]},
        {"inside": None},
        None,
    ],
)
def test_refuses_a_condition_that_it_does_not_know_rather_than_leave_it_out(when: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_rules([{**STORED, "when": when}])


@pytest.mark.parametrize("missing", sorted(STORED))
def test_refuses_a_rule_that_lacks_something(missing: str) -> None:
    with pytest.raises(KeyError):
        read_rules([{name: value for name, value in STORED.items() if name != missing}])


def test_has_room_for_fifty_rules() -> None:
    assert MOST_RULES == 50
