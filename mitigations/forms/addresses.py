"""What a form says, as the query string of an address and in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict


def as_text(form: forms.Form, *, without: Collection[str] = ()) -> str:
    """The query string from which the same form can be made again: only names that it knows, none that is empty."""
    data = form.data
    assert isinstance(data, QueryDict)
    names = [name for name in form.fields if name not in without]
    return urlencode([(name, value) for name in names for value in data.getlist(name) if value])


def as_offered(field: forms.Field, values: Sequence[str]) -> list[str]:
    """Values in the words in which the field offers them, where it offers any."""
    words: dict[str, str] = {}
    for value, said in getattr(field, "choices", ()):
        group = said if isinstance(said, list | tuple) else [(value, said)]
        words |= {str(value): str(said) for value, said in group}
    return [words.get(value, value) for value in values]
