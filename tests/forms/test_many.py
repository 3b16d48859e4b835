from __future__ import annotations

import re
from contextlib import suppress

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from mitigations.forms.many import TargetsForm, first_column

CSV = b"ip_cidr,note\r\n203.0.113.7,shop\r\n203.0.113.8,login\r\n"


def pasted(text: str) -> TargetsForm:
    return TargetsForm({"targets": text})


def uploaded(content: bytes, *, name: str = "targets.txt", text: str = "") -> TargetsForm:
    return TargetsForm({"targets": text}, {"file": SimpleUploadedFile(name, content)})


def found(form: TargetsForm) -> list[tuple[int, str]]:
    assert form.is_valid(), form.errors
    return [(line.number, line.text) for line in form.lines]


def told(form: TargetsForm) -> list[str]:
    assert not form.is_valid()
    return [error for errors in form.errors.values() for error in errors]


class TestPasting:
    def test_gives_each_line_its_number(self) -> None:
        assert found(pasted("\n203.0.113.7\nfish\n")) == [(2, "203.0.113.7"), (3, "fish")]

    def test_leaves_it_to_each_line_to_be_wrong(self) -> None:
        form = pasted("203.0.113.7\nfish")
        assert form.is_valid()
        assert [bool(line.wrong) for line in form.lines] == [False, True]

    def test_gives_back_the_text_without_what_is_wrong(self) -> None:
        form = pasted("203.0.113.7\nfish # a fish\n# the end")
        assert form.is_valid()
        assert form.mended(form.lines) == "203.0.113.7\n# the end"

    @pytest.mark.parametrize("text", ["", "  \n", "# later"])
    def test_nothing_is_told(self, text: str) -> None:
        assert told(pasted(text)) == ["There is not a single target in it. Write one a line."]

    def test_more_than_a_megabyte_is_told(self) -> None:
        assert told(pasted("#" * 1_000_001)) == ["Ensure this value has at most 1000000 characters (it has 1000001)."]

    def test_too_many_is_one_sentence_and_nothing_is_lost(self) -> None:
        text = "\n".join(f"10.0.{number // 256}.{number % 256}" for number in range(501))
        form = pasted(text)
        [sentence] = told(form)
        assert sentence == "These are 501 targets, and at most 500 can be asked for at once. Take out some."
        assert form.text == text


class TestAFile:
    @pytest.mark.parametrize("content", [b"203.0.113.7\r\n203.0.113.8", b"\xef\xbb\xbf203.0.113.7\n203.0.113.8\n"])
    def test_of_text_is_read_like_what_is_pasted(self, content: bytes) -> None:
        assert found(uploaded(content)) == [(1, "203.0.113.7"), (2, "203.0.113.8")]

    def test_of_csv_gives_its_first_column(self) -> None:
        assert found(uploaded(CSV, name="Targets.CSV")) == [(2, "203.0.113.7"), (3, "203.0.113.8")]

    def test_is_kept_as_text_to_show_again(self) -> None:
        form = uploaded(CSV, name="targets.csv")
        assert form.is_valid()
        assert found(pasted(form.text)) == found(form)

    def test_gives_its_text_however_often_one_asks(self) -> None:
        form = uploaded(b"203.0.113.7")
        assert (form.text_of_file, form.text_of_file) == ("203.0.113.7", "203.0.113.7")

    def test_beside_pasted_targets_is_not_taken_for_those(self) -> None:
        assert uploaded(b"203.0.113.7", text="203.0.113.8").text_of_file == ""

    def test_of_too_many_is_kept_as_well(self) -> None:
        content = "\n".join(f"10.0.{number // 256}.{number % 256}" for number in range(501))
        form = uploaded(content.encode())
        assert len(told(form)) == 1
        assert form.text == content

    def test_that_is_not_utf_8_is_told(self) -> None:
        assert told(uploaded("203.0.113.7 # Büro".encode("latin-1"))) == ["The file is not UTF-8 text."]

    def test_that_is_too_large_is_told(self) -> None:
        assert told(uploaded(b"#" * 1_000_001)) == ["The file is larger than 1 MB."]

    def test_that_is_empty_is_told(self) -> None:
        assert told(uploaded(b"")) == ["There is not a single target in it. Write one a line."]

    def test_beside_pasted_targets_is_told_and_nothing_is_lost(self) -> None:
        form = uploaded(b"203.0.113.7", text="203.0.113.8")
        assert told(form) == ["Paste the targets or choose a file, not both."]
        assert form.text == "203.0.113.8"


class TestTheFirstColumn:
    @pytest.mark.parametrize(
        ("text", "column"),
        [
            ("203.0.113.7,a\n203.0.113.8,b", "203.0.113.7\n203.0.113.8"),
            ("203.0.113.7;a,b\n203.0.113.8;c", "203.0.113.7\n203.0.113.8"),
            ("203.0.113.7\ta\r\n203.0.113.8\tb\r\n", "203.0.113.7\n203.0.113.8"),
            ("Prefix,note\n203.0.113.7,a", "\n203.0.113.7"),
            ("203.0.113.7,a\nprefix,b", "203.0.113.7\nprefix"),
            ('"203.0.113.7","a, b"\n203.0.113.8,', "203.0.113.7\n203.0.113.8"),
            ("203.0.113.7\n\n203.0.113.8", "203.0.113.7\n\n203.0.113.8"),
            ("# a list\n203.0.113.7,a", "# a list\n203.0.113.7"),
        ],
    )
    def test_is_the_targets_in_their_lines(self, text: str, column: str) -> None:
        assert first_column(text) == column

    def test_takes_no_address_from_a_note_of_several_lines(self) -> None:
        text = '203.0.113.7,"not:\n198.51.100.1\nnor others"\n203.0.113.8,'
        assert first_column(text) == "203.0.113.7\n\n\n203.0.113.8"

    def test_of_no_csv_is_told(self) -> None:
        with pytest.raises(forms.ValidationError, match="This is no CSV, in line 1"):
            first_column('203.0.113.7,"open')

    @given(st.text(max_size=100))
    def test_has_no_more_lines_than_the_file_whatever_it_holds(self, text: str) -> None:
        with suppress(forms.ValidationError):
            assert len(first_column(text).split("\n")) <= len(re.split("\r\n|\r|\n", text))
