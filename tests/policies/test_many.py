from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.refusal import Objection
from mitigations.policies.many import MOST, Line, overlaps, read, with_mend, without_wrong
from mitigations.policies.network import BadPrefix, Prefix, known


def lines(text: str) -> tuple[Line, ...]:
    found = read(text)
    assert not isinstance(found, Objection), found
    return found


def targets(text: str) -> list[tuple[int, str]]:
    return [(line.number, line.target.text) for line in lines(text) if line.target]


def wrong(text: str) -> list[tuple[int, str, str]]:
    return [(line.number, line.text, line.wrong.sentence) for line in lines(text) if line.wrong]


class TestReading:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("203.0.113.7", [(1, "203.0.113.7/32")]),
            ("203.0.113.7\n2001:DB8::/48", [(1, "203.0.113.7/32"), (2, "2001:db8::/48")]),
            ("\n\n 203.0.113.7 \n\n", [(3, "203.0.113.7/32")]),
            ("# shop\n203.0.113.7 # the host\n#203.0.113.8", [(2, "203.0.113.7/32")]),
            ("203.0.113.7\r\n203.0.113.8\r\n", [(1, "203.0.113.7/32"), (2, "203.0.113.8/32")]),
            ("203.0.113.7\r203.0.113.8", [(1, "203.0.113.7/32"), (2, "203.0.113.8/32")]),
            ("203.0.113.1, 203.0.113.2;203.0.113.3\t203.0.113.4", [(1, f"203.0.113.{n}/32") for n in (1, 2, 3, 4)]),
            (",;203.0.113.7,,\t", [(1, "203.0.113.7/32")]),
            ("\ufeff203.0.113.7", [(1, "203.0.113.7/32")]),
        ],
    )
    def test_finds_each_target_with_its_line(self, text: str, found: list[tuple[int, str]]) -> None:
        assert (targets(text), wrong(text)) == (found, [])

    def test_keeps_each_target_as_it_was_typed(self) -> None:
        assert [line.text for line in lines("2001:DB8::/48, fish")] == ["2001:DB8::/48", "fish"]

    def test_tells_what_is_wrong_with_its_mends(self) -> None:
        [line] = lines("203.0.113.7/24")
        assert isinstance(line.wrong, BadPrefix)
        assert (line.target, line.wrong.mends) == (None, ("203.0.113.0/24", "203.0.113.7/32"))

    @pytest.mark.parametrize("text", ["203.0.113.7\nfish\n203.0.113.7/32", "203.0.113.7\n\n203.0.113.7"])
    def test_tells_where_a_target_stands_already(self, text: str) -> None:
        assert wrong(text)[-1] == (3, text.split()[-1], "203.0.113.7/32 stands in line 1 already.")

    def test_tells_of_one_that_stands_twice_in_one_line(self) -> None:
        assert wrong("203.0.113.7, 203.0.113.7/32")[0][2] == "203.0.113.7/32 stands in line 1 already."

    @pytest.mark.parametrize("text", ["", " \n\t\n", "# nothing yet", ",;,"])
    def test_of_nothing_is_told(self, text: str) -> None:
        refusal = read(text)
        assert isinstance(refusal, Objection)
        assert refusal.sentence == "There is not a single target in it. Write one a line."

    def test_takes_as_many_as_allowed_and_not_one_more(self) -> None:
        most = [f"10.0.{number // 256}.{number % 256}" for number in range(MOST + 1)]
        assert len(lines("\n".join(most[:MOST]))) == MOST
        refusal = read("\n".join(most))
        assert isinstance(refusal, Objection)
        assert refusal.sentence.startswith("These are 501 targets, and at most 500 can be asked for at once.")

    @given(st.text(st.sampled_from("0123456789abcdef.:/,;#\t\r\n /32"), max_size=200) | st.text(max_size=100))
    def test_reads_anything_and_says_of_each_line_one_thing(self, text: str) -> None:
        found = read(text)
        if not isinstance(found, Objection):
            assert all((line.target is None) != (line.wrong is None) for line in found)


hosts = st.builds("203.0.113.{}/{}".format, st.integers(0, 7), st.integers(28, 32))
sixes = st.builds("{}::/{}".format, st.sampled_from(["", "2001:db8", "2001:db8:1", "fe80"]), st.integers(0, 64))
mixed = st.sets(st.builds(lambda text: lines(text)[0].target, hosts | sixes).filter(bool), max_size=30)


class TestOverlaps:
    def test_are_told_to_both_sides(self) -> None:
        found = lines("203.0.113.0/24\n198.51.100.1\n203.0.113.7\n203.0.113.0/28")
        assert [line.overlaps for line in found] == [(3, 4), (), (1, 4), (1, 3)]

    def test_are_none_between_neighbours(self) -> None:
        assert [line.overlaps for line in lines("203.0.113.0/25\n203.0.113.128/25\n203.0.112.0/24")] == [(), (), ()]

    def test_are_none_with_a_line_that_is_wrong(self) -> None:
        assert [line.overlaps for line in lines("203.0.113.0/24\n203.0.113.0/24\n203.0.113.1/24")] == [(), (), ()]

    def test_are_none_between_the_families(self) -> None:
        """On the axis of 128 bits ::/0 lies around the whole of IPv4."""
        assert [line.overlaps for line in lines("::/0\n203.0.113.7\n2001:db8::/32")] == [(3,), (), (1,)]

    @given(mixed)
    def test_are_what_asking_each_of_each_finds(self, prefixes: set[Prefix]) -> None:
        numbered = dict(enumerate(prefixes))
        slow = {(one, two) for one, two in product(numbered, repeat=2) if one != two}
        slow = {(one, two) for one, two in slow if numbered[one].overlaps(numbered[two])}
        assert {(one, two) for one, found in overlaps(numbered).items() for two in found} == slow

    def test_ask_few_of_few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A question for each target and one for each that it leaves behind, where each of each would be 124,750."""
        asked = 0
        contains = Prefix.contains

        def counted(self: Prefix, other: Prefix) -> bool:
            nonlocal asked
            asked += 1
            return contains(self, other)

        monkeypatch.setattr(Prefix, "contains", counted)
        overlaps({number: known(f"10.0.{number // 256}.{number % 256}/32") for number in range(MOST)})
        assert asked <= 2 * MOST


class TestWithoutTheWrongLines:
    def test_keeps_comments_and_blank_lines(self) -> None:
        text = "# shop\n\n203.0.113.7 # the host\nfish\n198.51.100.0/24"
        assert without_wrong(text, lines(text)) == "# shop\n\n203.0.113.7 # the host\n198.51.100.0/24"

    def test_keeps_the_right_targets_of_a_line(self) -> None:
        text = "203.0.113.7;fish,203.0.113.8 # both"
        assert without_wrong(text, lines(text)) == "203.0.113.7, 203.0.113.8 # both"

    def test_takes_out_what_stands_twice(self) -> None:
        assert without_wrong("203.0.113.7\n203.0.113.7", lines("203.0.113.7\n203.0.113.7")) == "203.0.113.7"

    @given(st.lists(hosts | sixes | st.sampled_from(["fish", "", "# note", "203.0.113.1, 203.0.113.1"]), max_size=20))
    def test_nothing_wrong_is_left_and_nothing_right_is_lost(self, rows: list[str]) -> None:
        text = "\n".join([*rows, "192.0.2.1"])
        rest = without_wrong(text, lines(text))
        assert wrong(rest) == []
        assert [target for _, target in targets(rest)] == [target for _, target in targets(text)]


class TestAMend:
    @pytest.mark.parametrize(
        ("text", "mended"),
        [
            ("203.0.113.7/24", "203.0.113.7/32"),
            ("  203.0.113.7/24  # the shop", "  203.0.113.7/32  # the shop"),
            ("203.0.113.1, 203.0.113.7/24;203.0.113.2", "203.0.113.1, 203.0.113.7/32;203.0.113.2"),
            ("203.0.113.7/24, 203.0.113.7/24", "203.0.113.7/32, 203.0.113.7/24"),
        ],
    )
    def test_puts_one_target_right_and_leaves_the_rest_as_typed(self, text: str, mended: str) -> None:
        assert with_mend(text, number=1, was="203.0.113.7/24", becomes="203.0.113.7/32") == mended

    def test_touches_no_other_line(self) -> None:
        text = "203.0.113.7/24\n203.0.113.7/24"
        assert with_mend(text, number=2, was="203.0.113.7/24", becomes="x") == "203.0.113.7/24\nx"

    @pytest.mark.parametrize(("number", "was"), [(0, "a"), (-1, "a"), (3, "a"), (2, "a"), (1, "b"), (1, "")])
    def test_of_what_does_not_stand_there_any_more_changes_nothing(self, number: int, was: str) -> None:
        assert with_mend("a # b\n", number=number, was=was, becomes="x") == "a # b\n"
