"""Many targets at once, pasted or from a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms

from audit.refusal import Objection
from mitigations.forms.mitigation import TermsForm
from mitigations.forms.uploads import text_of
from mitigations.policies import many
from mitigations.policies.many import Line
from mitigations.policies.presets import Recipe, misfit
from mitigations.services.requests import Wanted

_LARGEST = 1_000_000
_DIGITS = 8
_DELIMITERS = ",;\t"
# What people write above a column of targets.
_HEADINGS = {"address", "cidr", "ip", "ip_cidr", "prefix", "target"}


class TargetsForm(forms.Form):
    """It is valid when there are targets to judge; what is wrong with single lines stands in `lines`."""

    targets = forms.CharField(
        required=False,
        max_length=_LARGEST,
        strip=False,  # or the numbers of the lines would shift
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
        help_text=f"One a line, at most {many.MOST}. What follows a # is a comment.",
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="or a file",
        help_text="Text with one target a line, or a .csv file with the targets in its first column.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "targets" not in data or "file" not in data:
            return data
        text, upload = data["targets"], data["file"]
        if upload is not None and text.strip():
            raise forms.ValidationError("Paste the targets or choose a file, not both.")
        if upload is not None:
            text = text_of(upload, largest=_LARGEST)
            text = first_column(text) if upload.name.lower().endswith(".csv") else text
            data["targets"] = data["of_file"] = text
        read = many.read(text)
        if isinstance(read, Objection):
            self.add_error(None, forms.ValidationError(read.sentence, code=read.code))
        else:
            data["lines"] = read
        return data

    @property
    def lines(self) -> tuple[Line, ...]:
        found: tuple[Line, ...] = self.cleaned_data["lines"]
        return found

    @property
    def text(self) -> str:
        """What was read, from wherever it came: for the form to show again, so that nothing is lost."""
        return str(self.cleaned_data.get("targets", ""))

    @property
    def text_of_file(self) -> str:
        """What the file held, once it could be read; empty without one."""
        self.is_valid()
        return str(self.cleaned_data.get("of_file", ""))

    def mended(self, lines: Iterable[Line]) -> str:
        """The text without those of its lines that are wrong."""
        return many.without_wrong(self.text, lines)

    def with_mend(self, press: str) -> str:
        """The text with one target put right. A button says which: its line, how it is written, and the mend."""
        number, _, rest = press.partition(" ")
        was, _, becomes = rest.partition(" ")
        line = int(number) if number.isdecimal() and len(number) < _DIGITS else 0
        return many.with_mend(self.text, number=line, was=was, becomes=becomes)


class ManyForm(TargetsForm, TermsForm):
    """One request for each of many targets, all on the same terms."""

    field_order = ("targets", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["targets"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.chosen is not None and "lines" in data:
            data["lines"] = tuple(_kept_to(self.chosen, line) for line in data["lines"])
        return data

    @property
    def is_judgeable(self) -> bool:
        """Whether there are targets, and terms to judge them by, whatever else is missing."""
        known = getattr(self, "cleaned_data", {})
        return "lines" in known and bool(known.get("pairing")) and known.get("minutes_before_auto_stop") is not None

    @property
    def wanted(self) -> list[Wanted]:
        """Of the lines that are right."""
        return [self.wanted_for(line.target) for line in self.lines if line.target is not None and not line.wrong]


def _kept_to(preset: Recipe, line: Line) -> Line:
    """The line, which is wrong if its target is not what the preset is made for."""
    if line.wrong or line.target is None:
        return line
    sentence = misfit(line.target, kind=preset.kind, inside=preset.inside)
    return (
        replace(line, wrong=Objection(code="preset", sentence=f"The preset does not fit. {sentence}"))
        if sentence
        else line
    )


def first_column(text: str) -> str:
    """The first value of each row of a CSV file, in the line in which the row begins. Raises ValidationError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    column: list[str] = []
    try:
        for row in reader:
            value = " ".join(row[0].split()) if row else ""
            column.append("" if not column and value.lower() in _HEADINGS else value)
            column += [""] * (reader.line_num - len(column))
    except csv.Error as error:
        raise forms.ValidationError(f"This is no CSV, in line {reader.line_num}: {error}.") from error
    return "\n".join(column)


def _delimiter(text: str) -> str:
    """Whichever comes first: spreadsheets of some countries write semicolons."""
    return next((character for character in text if character in _DELIMITERS), ",")
