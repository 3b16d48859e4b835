"""The address of the list of mitigations, in each way that it may be seen."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse


def list_at(query: str) -> str:
    """The list that this text describes. It stands behind a question mark, so it leads nowhere else."""
    return f"{reverse('mitigations')}?{query}" if query else reverse("mitigations")


def changed(query: str, **values: str | None) -> str:
    """The same list but for these values; None takes one away."""
    said = QueryDict(query, mutable=True)
    for name, value in values.items():
        if value is None:
            said.pop(name, None)
        else:
            said[name] = value
    return list_at(said.urlencode())
