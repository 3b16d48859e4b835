from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from accounts.models import User
from audit.models import Event
from audit.refusal import Forbidden, Unacceptable
from mitigations.models import Pairing, Preset
from mitigations.policies.network import known
from mitigations.policies.presets import Recipe, TargetClass
from mitigations.services import presets
from tests.making import NOW, make_pairing
from tests.people import Cast, acting
from tests.services.test_requests import ask


def recipe(pairing: Pairing | None = None, **values: Any) -> Recipe:
    made = Recipe(
        name="Shop host under UDP flood",
        kind=TargetClass.HOST,
        inside=known("203.0.113.0/24"),
        pairing_id=(pairing or make_pairing()).pk,
        minutes=60,
        comment="UDP flood",
        reason="UDP flood since …",
    )
    return replace(made, **values)


def save(cast: Cast, made: Recipe, *, id: int | None = None, by: User | None = None) -> Preset:
    return presets.save(id=id, recipe=made, by=acting(by or cast.max), at=NOW)


def told(deed: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(Unacceptable) as refusal:
        deed()
    return [(objection.code, objection.sentence) for objection in refusal.value.objections]


class TestSaving:
    def test_keeps_the_values(self, cast: Cast) -> None:
        made = recipe()
        assert Preset.objects.get(pk=save(cast, made).pk).recipe == made

    def test_leaves_one_event_with_the_values(self, cast: Cast) -> None:
        save(cast, recipe())
        event = Event.objects.get()
        assert (event.actor_name, event.deed, event.subject) == ("max", "preset.saved", "Shop host under UDP flood")
        assert event.facts == {
            "values": {
                "name": "Shop host under UDP flood",
                "made_for": "a single address inside 203.0.113.0/24",
                "pairing": "Edge RTBH · Drop everything",
                "minutes": 60,
            },
            "before": {},
        }

    def test_keeps_texts_where_they_can_be_redacted(self, cast: Cast) -> None:
        save(cast, recipe())
        assert Event.objects.get().details["values"] == {"comment": "UDP flood", "reason": "UDP flood since …"}

    def test_of_a_change_records_what_it_was_before(self, cast: Cast) -> None:
        made = recipe()
        preset = save(cast, made)
        save(cast, replace(made, minutes=30, reason="Since …"), id=preset.pk)
        event = Event.objects.latest("number")
        assert (event.facts["before"]["minutes"], event.facts["values"]["minutes"]) == (60, 30)
        assert event.details["before"]["reason"] == "UDP flood since …"

    def test_under_its_own_name_is_no_duplicate(self, cast: Cast) -> None:
        made = recipe()
        preset = save(cast, made)
        assert save(cast, replace(made, name=made.name.upper()), id=preset.pk).name == made.name.upper()

    @pytest.mark.parametrize("name", ["Shop host under UDP flood", "SHOP HOST under udp flood"])
    def test_a_name_that_another_has_is_refused(self, name: str, cast: Cast) -> None:
        save(cast, recipe())
        sentence = f"There is a preset named “{name}” already."
        assert told(lambda: save(cast, recipe(name=name))) == [("name", sentence)]
        assert Preset.objects.count() == 1

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"retired_at": NOW}, "Edge RTBH · Drop everything has been retired. Choose another."),
            ({"offered": False}, "Edge RTBH · Drop everything is not offered. Choose another."),
        ],
    )
    def test_a_pairing_that_nobody_may_choose_is_refused(
        self, facts: dict[str, Any], sentence: str, cast: Cast
    ) -> None:
        made = recipe(make_pairing(**facts))
        assert told(lambda: save(cast, made)) == [("pairing", sentence)]
        assert Event.objects.get().outcome == "refused"

    def test_tells_all_that_is_wrong_at_once(self, cast: Cast) -> None:
        save(cast, recipe())
        made = recipe(make_pairing(ipv4=False, longest_minutes=60), minutes=61)
        assert [code for code, _ in told(lambda: save(cast, made))] == ["name", "inside", "minutes"]

    def test_of_one_that_is_not_there_changes_nothing(self, cast: Cast) -> None:
        with pytest.raises(ObjectDoesNotExist):
            save(cast, recipe(), id=99)
        assert not Event.objects.exists()


class TestDeleting:
    def test_takes_it_away_and_records_what_it_was(self, cast: Cast) -> None:
        presets.delete(id=save(cast, recipe()).pk, by=acting(cast.max), at=NOW)
        event = Event.objects.latest("number")
        assert not Preset.objects.exists()
        assert (event.deed, event.subject) == ("preset.deleted", "Shop host under UDP flood")
        assert event.facts["before"]["minutes"] == 60


@pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
def test_only_administrators_edit_presets(name: str, cast: Cast) -> None:
    made = recipe()
    kept, person = save(cast, made), getattr(cast, name)
    with pytest.raises(Forbidden):
        save(cast, replace(made, minutes=5), id=kept.pk, by=person)
    with pytest.raises(Forbidden):
        presets.delete(id=kept.pk, by=acting(person), at=NOW)
    assert Preset.objects.get().minutes == 60
    assert Event.objects.filter(outcome="refused", actor_name=name).count() == 2


class TestAsking:
    def test_from_a_preset_keeps_its_name_in_the_log(self, cast: Cast) -> None:
        ask(cast.dana, preset="Shop host under UDP flood")
        assert Event.objects.get().facts["preset"] == "Shop host under UDP flood"

    def test_without_one_says_nothing_of_presets(self, cast: Cast) -> None:
        ask(cast.dana)
        assert "preset" not in Event.objects.get().facts
