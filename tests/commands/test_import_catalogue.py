from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from mitigations.models import Method, Pairing, Platform
from tests.making import NOW, make_pairing
from tests.views.facts import deeds, row_counts

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
HEADER = "platform_id,platform_name,method_id,method_name,type,offered,effect,longest_minutes\n"
ONE = "257,Edge RTBH,775,Drop everything,rtbh,yes,drops it all,240\n"
TWO = "258,Core,780,Rate limit,flowspec,no,slows it down,\n"


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str) -> str:
        path, said = tmp_path / "catalogue.csv", StringIO()
        path.write_text(text, encoding="utf-8")
        call_command("import_catalogue", str(path), stdout=said)
        return said.getvalue()

    return load


class TestImporting:
    def test_makes_platform_method_and_pairing(self, load) -> None:
        load(HEADER + ONE)
        pairing = Pairing.objects.get()
        assert (pairing.platform.kentik_id, pairing.platform.name) == ("257", "Edge RTBH")
        assert (pairing.method.kentik_id, pairing.method.kind) == ("775", "rtbh")
        assert (pairing.offered, pairing.effect, pairing.longest_minutes) == (True, "drops it all", 240)

    @pytest.mark.parametrize(
        ("rows", "sentence"), [(ONE, "Imported 1 pairing.\n"), (ONE + TWO, "Imported 2 pairings.\n")]
    )
    def test_says_how_many(self, rows: str, sentence: str, load) -> None:
        assert load(HEADER + rows) == sentence

    def test_leaves_one_event_by_the_command_line(self, load) -> None:
        load(HEADER + ONE + TWO)
        assert deeds() == [("manage.py", "catalogue.imported", "done")]
        assert len(Event.objects.get().facts["pairings"]) == 2

    def test_again_updates_what_is_there(self, load) -> None:
        load(HEADER + ONE)
        load(HEADER + ONE.replace("drops it all", "drops everything").replace("Edge RTBH", "Edge"))
        pairing = Pairing.objects.get()
        assert (pairing.effect, pairing.platform.name) == ("drops everything", "Edge")

    def test_leaves_what_no_row_names(self, load) -> None:
        make_pairing(effect="stays")
        load(HEADER + TWO)
        assert Pairing.objects.get(method__kentik_id="775").effect == "stays"

    def test_does_not_bring_back_what_was_retired(self, load) -> None:
        make_pairing(retired_at=NOW)
        load(HEADER + ONE)
        assert Pairing.objects.get().retired_at == NOW

    def test_takes_the_example_that_ships(self) -> None:
        call_command("import_catalogue", str(ROOT / "docs" / "examples" / "catalogue.csv"), stdout=StringIO())
        assert Pairing.objects.filter(offered=True).exists()


class TestAMistake:
    def test_stops_everything(self, load) -> None:
        before = row_counts()
        with pytest.raises(CommandError):
            load(HEADER + ONE + TWO.replace("flowspec", "magic"))
        assert row_counts() == before

    def test_of_the_model_stops_everything_too(self, load) -> None:
        with pytest.raises(CommandError):
            load(HEADER + ONE + TWO.replace("down,", "down,30"))
        assert (Platform.objects.count(), Method.objects.count(), Pairing.objects.count()) == (0, 0, 0)

    def test_of_the_model_is_kept_as_refused(self, load) -> None:
        with pytest.raises(CommandError):
            load(HEADER + TWO.replace("down,", "down,30"))
        assert deeds() == [("manage.py", "catalogue.imported", "refused")]

    def test_is_told_by_line_and_in_order(self, load) -> None:
        with pytest.raises(CommandError) as caught:
            load(HEADER + TWO.replace("flowspec", "magic") + ONE + ONE + TWO.replace(",no,", ",maybe,"))
        assert str(caught.value).splitlines() == [
            "Nothing was imported.",
            "line 2: type: Select a valid choice. magic is not one of the available choices.",
            "line 4: This pairing stands in line 3 already.",
            "line 5: offered: say yes or no, not 'maybe'.",
        ]

    def test_in_an_id_is_told_by_line(self, load) -> None:
        with pytest.raises(CommandError, match="line 3: platform_id: Kentik's IDs are digits only"):
            load(HEADER + ONE + TWO.replace("258", "25x"))

    def test_in_the_type_of_something_that_is_paired_already_is_told(self, load) -> None:
        """The row alone is in order; the pairing that is there would become one of two types."""
        make_pairing()
        with pytest.raises(CommandError):
            load(HEADER + "257,Edge RTBH,780,Rate limit,flowspec,no,slows it down,\n")

    def test_of_a_file_that_is_not_there_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"nowhere.csv cannot be read: No such file or directory\.$"):
            call_command("import_catalogue", str(tmp_path / "nowhere.csv"))

    def test_of_a_folder_for_a_file_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read: Is a directory"):
            call_command("import_catalogue", str(tmp_path))


def test_a_mistake_ends_the_process_with_1_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text(HEADER + TWO.replace("flowspec", "magic"), encoding="utf-8")
    command = [sys.executable, "manage.py", "import_catalogue", str(path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "line 2: type" in ended.stderr
    assert "Traceback" not in ended.stderr
