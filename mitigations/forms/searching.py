"""Looking for a prefix, with what lies in it or around it; or for one mitigation by its reference."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from django import forms

from mitigations.forms.mitigation import PrefixField
from mitigations.policies.network import Prefix

_REFERENCE = re.compile(r"MIT-[1-9][0-9]{0,17}", re.ASCII | re.IGNORECASE)


class Relation(StrEnum):
    """What a target must be to the prefix that is looked for."""

    INSIDE = "inside"
    OVERLAPPING = "overlapping"
    EXACTLY = "exactly"
    COVERING = "covering"


RELATIONS = {
    Relation.INSIDE: "it and everything in it",
    Relation.OVERLAPPING: "whatever overlaps it",
    Relation.EXACTLY: "exactly it",
    Relation.COVERING: "it and whatever covers it",
}


SAID = {
    Relation.INSIDE: "{} and everything in it",
    Relation.OVERLAPPING: "whatever overlaps {}",
    Relation.EXACTLY: "exactly {}",
    Relation.COVERING: "{} and whatever covers it",
}


class SoughtField(PrefixField):
    """A prefix; of a reference, which may stand there as well, it says that nothing has it."""

    def to_python(self, value: Any) -> Prefix | str:  # type: ignore[override] # as of any prefix
        if named(value) is not None:
            raise forms.ValidationError(f"There is no {str(value).strip().upper()}.", code="reference")
        return super().to_python(value)


def named(text: Any) -> str | None:
    """The reference that somebody typed where a prefix may stand: "mit-42 " names MIT-42."""
    typed = str(text or "").strip()
    return typed.upper() if _REFERENCE.fullmatch(typed) else None
