from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mitigations.forms.catalogue_file import COLUMNS, Mistake, read

GOOD = {
    "platform_id": "257",
    "platform_name": "Edge RTBH",
    "method_id": "775",
    "method_name": "Drop everything",
    "type": "rtbh",
    "offered": "yes",
    "effect": "drops everything",
}


class Files:
    """Writes a catalogue into a file of its own and reads it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def csv(self, *rows: dict[str, str], header: tuple[str, ...] = tuple(GOOD)) -> tuple[list[Any], list[Mistake]]:
        lines = [",".join(header), *(",".join(row.get(name, "") for name in header) for row in rows)]
        return self.text("\n".join(lines) + "\n")

    def json(self, content: Any) -> tuple[list[Any], list[Mistake]]:
        return self.text(json.dumps(content), name="catalogue.json")

    def text(self, text: str, *, name: str = "catalogue.csv") -> tuple[list[Any], list[Mistake]]:
        return self.bytes(text.encode(), name=name)

    def bytes(self, content: bytes, *, name: str = "catalogue.csv") -> tuple[list[Any], list[Mistake]]:
        path = self.folder / name
        path.write_bytes(content)
        return read(path)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def places(mistakes: list[Mistake]) -> list[int]:
    return [mistake.line for mistake in mistakes]


def told(mistakes: list[Mistake]) -> str:
    return "\n".join(mistake.sentence for mistake in mistakes)


class TestAGoodFile:
    def test_gives_platform_method_and_pairing_of_each_row(self, files: Files) -> None:
        (row,), mistakes = files.csv(GOOD)
        assert mistakes == []
        assert row.platform == {"kentik_id": "257", "name": "Edge RTBH", "kind": "rtbh"}
        assert row.method == {"kentik_id": "775", "name": "Drop everything", "kind": "rtbh"}
        assert (row.line, row.pairing["offered"], row.pairing["effect"]) == (2, True, "drops everything")

    def test_may_leave_out_what_is_usual(self, files: Files) -> None:
        (row,), _ = files.csv({name: value for name, value in GOOD.items() if name != "offered"})
        assert row.pairing == {
            "offered": False,
            "effect": "drops everything",
            "ipv4": True,
            "ipv6": False,
            "widest_ipv4": 24,
            "widest_ipv6": 48,
            "widens_to_24": False,
            "needs_ports": False,
            "default_minutes": 60,
            "longest_minutes": None,
            "runbook_url": "",
        }

    def test_may_begin_with_a_byte_order_mark(self, files: Files) -> None:
        text = ",".join(GOOD) + "\n" + ",".join(GOOD.values()) + "\n"
        rows, mistakes = files.bytes(b"\xef\xbb\xbf" + text.encode())
        assert (len(rows), mistakes) == (1, [])

    def test_may_end_its_lines_as_windows_does(self, files: Files) -> None:
        text = ",".join(GOOD) + "\r\n" + ",".join(GOOD.values()) + "\r\n"
        assert len(files.text(text)[0]) == 1

    def test_may_have_its_columns_in_any_order(self, files: Files) -> None:
        rows, _ = files.csv(GOOD, header=tuple(reversed(GOOD)))
        assert rows == files.csv(GOOD)[0]

    def test_may_quote_commas(self, files: Files) -> None:
        (row,), _ = files.csv({**GOOD, "effect": '"drops, and logs"'})
        assert row.pairing["effect"] == "drops, and logs"

    def test_says_the_same_as_json(self, files: Files) -> None:
        (from_csv,), _ = files.csv(GOOD)
        (from_json,), mistakes = files.json([{**GOOD, "offered": True}])
        assert mistakes == []
        assert from_json.pairing == from_csv.pairing

    def test_in_json_may_have_numbers_and_null(self, files: Files) -> None:
        (row,), _ = files.json([{**GOOD, "platform_id": 257, "longest_minutes": None, "default_minutes": 30}])
        assert (row.platform["kentik_id"], row.pairing["longest_minutes"]) == ("257", None)
        assert row.pairing["default_minutes"] == 30

    def test_is_the_one_that_ships_as_an_example(self) -> None:
        rows, mistakes = read(Path(__file__).parents[2] / "docs" / "examples" / "catalogue.csv")
        assert (len(rows) > 0, mistakes) == (True, [])

    @pytest.mark.parametrize(
        ("word", "means"),
        [("yes", True), ("YES", True), ("true", True), ("1", True), ("no", False), ("False", False), ("0", False)],
    )
    def test_says_yes_and_no_as_people_do(self, word: str, means: bool, files: Files) -> None:
        (row,), _ = files.csv({**GOOD, "offered": word})
        assert row.pairing["offered"] is means


class TestAMistake:
    @pytest.mark.parametrize("word", ["maybe", "y", "on", "2", "nein"])
    def test_in_a_yes_or_no_is_told(self, word: str, files: Files) -> None:
        rows, mistakes = files.csv({**GOOD, "offered": word})
        assert (rows, mistakes) == ([], [Mistake(line=2, sentence=f"offered: say yes or no, not {word!r}.")])

    def test_is_told_with_the_line_on_which_it_stands(self, files: Files) -> None:
        bad = {**GOOD, "type": "magic"}
        rows, mistakes = files.csv(GOOD, bad, {**GOOD, "method_id": "776"}, bad)
        assert (len(rows), places(mistakes)) == (2, [3, 5])

    def test_is_told_with_its_place_in_a_json_list(self, files: Files) -> None:
        _, mistakes = files.json([GOOD, {**GOOD, "type": "magic"}])
        assert places(mistakes) == [2]

    def test_does_not_hide_another_on_the_same_line(self, files: Files) -> None:
        _, mistakes = files.csv({**GOOD, "type": "magic", "effect": "", "offered": "maybe"})
        assert sorted(mistake.sentence.partition(":")[0] for mistake in mistakes) == ["effect", "offered", "type"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("widest_ipv4", "33"),
            ("widest_ipv6", "129"),
            ("default_minutes", "soon"),
            ("default_minutes", "-1"),
            ("longest_minutes", "0"),
            ("runbook_url", "javascript:alert(1)"),
            ("platform_id", "9" * 20),
        ],
    )
    def test_in_a_value_names_its_column(self, name: str, value: str, files: Files) -> None:
        _, mistakes = files.csv({**GOOD, name: value}, header=COLUMNS)
        assert told(mistakes).startswith(f"{name}: ")

    def test_in_a_kentik_id_is_told_with_all_the_others(self, files: Files) -> None:
        _, mistakes = files.csv({**GOOD, "platform_id": "25x", "type": "magic"})
        assert [mistake.sentence.partition(":")[0] for mistake in mistakes] == ["platform_id", "type"]

    def test_in_a_column_name_is_told(self, files: Files) -> None:
        _, mistakes = files.csv({**GOOD, "colour": "red"}, header=(*GOOD, "colour"))
        assert mistakes == [Mistake(line=2, sentence="There is no column 'colour'.")]

    @pytest.mark.parametrize("name", ["platform_id", "platform_name", "method_id", "method_name", "type", "effect"])
    def test_of_a_missing_column_is_told(self, name: str, files: Files) -> None:
        _, mistakes = files.csv(GOOD, header=tuple(column for column in GOOD if column != name))
        assert mistakes == [Mistake(line=2, sentence=f"{name}: This field is required.")]


class TestARow:
    def test_with_too_many_values_is_told(self, files: Files) -> None:
        rows, mistakes = files.text(f"{','.join(GOOD)}\n{','.join(GOOD.values())},more,and more\n")
        assert (rows, places(mistakes)) == ([], [2])
        assert "value" in told(mistakes)

    def test_with_too_few_values_is_told(self, files: Files) -> None:
        rows, mistakes = files.text(f"{','.join(GOOD)}\n257,Edge RTBH,775\n")
        assert (rows, set(places(mistakes))) == ([], {2})

    def test_that_breaks_off_is_told_though_what_is_missing_may_be_left_empty(self, files: Files) -> None:
        """It would lose its limit: no `longest_minutes` means that it may run until stopped by hand."""
        header = (*GOOD, "default_minutes", "longest_minutes")
        rows, mistakes = files.text(f"{','.join(header)}\n{','.join(GOOD.values())},60\n")
        assert (rows, places(mistakes)) == ([], [2])

    def test_that_is_empty_is_passed_over(self, files: Files) -> None:
        rows, mistakes = files.text(f"{','.join(GOOD)}\n\n{','.join(GOOD.values())}\n\n")
        assert ([row.line for row in rows], mistakes) == ([3], [])


class TestAPairing:
    def test_that_stands_twice_is_told_with_both_lines(self, files: Files) -> None:
        _, mistakes = files.csv(GOOD, GOOD)
        assert mistakes == [Mistake(line=3, sentence="This pairing stands in line 2 already.")]

    def test_may_share_its_platform_with_another(self, files: Files) -> None:
        rows, mistakes = files.csv(GOOD, {**GOOD, "method_id": "776", "method_name": "Drop the /24"})
        assert (len(rows), mistakes) == (2, [])

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            (
                {"platform_name": "Core", "method_id": "776"},
                "The platform 257 has another name or type than in line 2.",
            ),
            ({"method_name": "Drop", "platform_id": "258"}, "The method 775 has another name or type than in line 2."),
        ],
    )
    def test_may_not_give_a_thing_a_second_name(self, changes: dict[str, str], sentence: str, files: Files) -> None:
        _, mistakes = files.csv(GOOD, {**GOOD, **changes})
        assert mistakes == [Mistake(line=3, sentence=sentence)]

    def test_may_not_give_a_thing_a_second_type(self, files: Files) -> None:
        _, mistakes = files.csv(GOOD, {**GOOD, "method_id": "776", "type": "flowspec"})
        assert told(mistakes) == "The platform 257 has another name or type than in line 2."


class TestAFileAsAWhole:
    def test_that_is_not_text_is_told(self, files: Files) -> None:
        assert files.bytes(b"\xff\xfe\x00p") == ([], [Mistake(line=0, sentence="The file is not UTF-8 text.")])

    @pytest.mark.parametrize("text", ["", "{", "[1,]", "nonsense"])
    def test_that_is_not_json_is_told(self, text: str, files: Files) -> None:
        rows, mistakes = files.text(text, name="catalogue.json")
        assert (rows, places(mistakes)) == ([], [0])

    @pytest.mark.parametrize("content", [{}, "text", 7, None, [1], [GOOD, []]])
    def test_that_is_json_of_another_shape_is_told(self, content: Any, files: Files) -> None:
        _, mistakes = files.json(content)
        assert told(mistakes) == "The JSON must be a list of objects, one for each pairing."

    def test_that_is_json_nested_beyond_reason_is_told(self, files: Files) -> None:
        assert places(files.text("[" * 100_000, name="catalogue.json")[1]) == [0]

    def test_that_leaves_a_quotation_open_is_told(self, files: Files) -> None:
        assert places(files.text(f'{",".join(GOOD)}\n"257,Edge\n')[1]) == [0]

    def test_that_cannot_be_read_is_the_callers_to_tell(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="nowhere"):
            read(tmp_path / "nowhere.csv")

    @pytest.mark.parametrize("text", ["", "\n", "platform_id,platform_name\n"])
    def test_without_a_single_pairing_is_told(self, text: str, files: Files) -> None:
        """An export that failed must not look like an import that went well."""
        assert files.text(text)[1] != []
