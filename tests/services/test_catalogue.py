from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.authority import COMMAND_LINE
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Pairing, Platform
from mitigations.policies.catalogue import What
from mitigations.services.catalogue import Row, import_rows, restore, retire, save
from tests.making import NOW, make_pairing
from tests.people import Cast, acting

PLATFORM = {"kentik_id": "300", "name": "New RTBH", "kind": "rtbh", "description": ""}
PAIRING = {"effect": "drops it all", "offered": True}


def row(line: int = 2, **changes: Any) -> Row:
    platform = {"kentik_id": "300", "name": "New RTBH", "kind": "rtbh"}
    method = {"kentik_id": "301", "name": "Drop", "kind": "rtbh"}
    return Row(line=line, **{"platform": platform, "method": method, "pairing": PAIRING, **changes})


class TestSaving:
    def test_creates_what_has_no_id_yet(self, cast: Cast) -> None:
        made = save(what=What.PLATFORM, id=None, values=PLATFORM, by=acting(cast.max), at=NOW)
        assert Platform.objects.get() == made

    def test_changes_what_has_one(self, cast: Cast) -> None:
        pairing = make_pairing()
        save(what=What.PAIRING, id=pairing.pk, values=PAIRING, by=acting(cast.max), at=NOW)
        pairing.refresh_from_db()
        assert pairing.effect == "drops it all"

    def test_records_every_field_before_and_after(self, cast: Cast) -> None:
        pairing = make_pairing()
        save(what=What.PAIRING, id=pairing.pk, values=PAIRING, by=acting(cast.max), at=NOW)
        event = Event.objects.get()
        assert event.subject == "pairing “Edge RTBH · Drop everything”"
        assert event.facts["before"]["effect"] == "drops all traffic to the target"
        assert event.facts["values"] == {**event.facts["before"], "effect": "drops it all"}

    def test_refuses_values_that_make_no_sense_and_keeps_none(self, cast: Cast) -> None:
        with pytest.raises(Unacceptable) as caught:
            save(what=What.PLATFORM, id=None, values={**PLATFORM, "kentik_id": "x"}, by=acting(cast.max), at=NOW)
        assert [objection.code for objection in caught.value.objections] == ["kentik_id"]
        assert not Platform.objects.exists()

    def test_refuses_to_change_a_kentik_id(self, cast: Cast) -> None:
        platform = make_pairing().platform
        with pytest.raises(Unacceptable):
            save(what=What.PLATFORM, id=platform.pk, values={"kentik_id": "999"}, by=acting(cast.max), at=NOW)

    def test_refuses_to_make_a_pairing_of_two_types(self, cast: Cast) -> None:
        platform = make_pairing().platform
        with pytest.raises(Unacceptable):
            save(what=What.PLATFORM, id=platform.pk, values={"kind": "flowspec"}, by=acting(cast.max), at=NOW)

    def test_of_what_is_not_there_is_an_error_and_no_event(self, cast: Cast) -> None:
        with pytest.raises(Platform.DoesNotExist):
            save(what=What.PLATFORM, id=99, values=PLATFORM, by=acting(cast.max), at=NOW)
        assert not Event.objects.exists()


class TestRetiring:
    def test_happens_once(self, cast: Cast) -> None:
        pairing = make_pairing()
        retire(what=What.PAIRING, id=pairing.pk, by=acting(cast.max), at=NOW)
        with pytest.raises(Conflict, match="retired already"):
            retire(what=What.PAIRING, id=pairing.pk, by=acting(cast.max), at=NOW + timedelta(hours=1))
        pairing.refresh_from_db()
        assert pairing.retired_at == NOW

    def test_keeps_when(self, cast: Cast) -> None:
        pairing = make_pairing()
        retire(what=What.PAIRING, id=pairing.pk, by=acting(cast.max), at=NOW)
        pairing.refresh_from_db()
        assert pairing.retired_at == NOW

    def test_can_be_taken_back(self, cast: Cast) -> None:
        pairing = make_pairing(retired_at=NOW)
        restore(what=What.PAIRING, id=pairing.pk, by=acting(cast.max), at=NOW)
        pairing.refresh_from_db()
        assert pairing.retired_at is None


class TestImporting:
    def test_counts_its_rows(self, db: None) -> None:
        assert import_rows(rows=[row()], by=COMMAND_LINE, at=NOW) == 1
        assert Pairing.objects.get().effect == "drops it all"

    def test_keeps_nothing_when_one_row_is_wrong(self, db: None) -> None:
        bad = row(3, method={"kentik_id": "x", "name": "Drop", "kind": "rtbh"})
        with pytest.raises(Unacceptable):
            import_rows(rows=[row(), bad], by=COMMAND_LINE, at=NOW)
        assert (Platform.objects.count(), Pairing.objects.count()) == (0, 0)

    def test_tells_the_line_of_every_row_that_is_wrong(self, db: None) -> None:
        bad = {"kentik_id": "x", "name": "Drop", "kind": "rtbh"}
        with pytest.raises(Unacceptable) as caught:
            import_rows(rows=[row(2, method=bad), row(3), row(4, platform=bad)], by=COMMAND_LINE, at=NOW)
        assert [objection.code for objection in caught.value.objections] == ["2", "4"]


@pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
class TestWhoeverIsNoAdministrator:
    def test_saves_nothing(self, who: str, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            save(what=What.PLATFORM, id=None, values=PLATFORM, by=acting(getattr(cast, who)), at=NOW)
        assert not Platform.objects.exists()

    def test_retires_nothing(self, who: str, cast: Cast) -> None:
        pairing = make_pairing()
        with pytest.raises(Forbidden):
            retire(what=What.PAIRING, id=pairing.pk, by=acting(getattr(cast, who)), at=NOW)
        pairing.refresh_from_db()
        assert pairing.retired_at is None

    def test_restores_nothing(self, who: str, cast: Cast) -> None:
        pairing = make_pairing(retired_at=NOW)
        with pytest.raises(Forbidden):
            restore(what=What.PAIRING, id=pairing.pk, by=acting(getattr(cast, who)), at=NOW)
        pairing.refresh_from_db()
        assert pairing.retired_at == NOW

    def test_imports_nothing(self, who: str, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            import_rows(rows=[row()], by=acting(getattr(cast, who)), at=NOW)
        assert not Platform.objects.exists()
