"""How somebody wants to see a list of mitigations: what is in it, in which order and columns, from which place on."""

from __future__ import annotations

from typing import Any

from django import forms

from mitigations.forms.addresses import as_text
from mitigations.forms.filtering import FilterForm
from mitigations.policies import columns, ordering
from mitigations.policies.columns import Column
from mitigations.policies.ordering import Group, Order, Place

_GROUPS = {
    Group.STATUS: "status",
    Group.PLATFORM: "platform",
    Group.METHOD: "method",
    Group.TARGET: "target",
    Group.DAY: "day (UTC)",
}


class ListForm(FilterForm):
    """All of it stands in the address, so that a link shows somebody else the same list.

    `below` and `above`: the place that the page begins after, or ends before. `tick`: every box is ticked.
    """

    sort = forms.TypedChoiceField(
        required=False,
        coerce=Order,
        empty_value=Order.NEWEST,
        choices=[(order.value, order.words) for order in Order],
    )
    group = forms.TypedChoiceField(
        required=False,
        label="Group by",
        coerce=Group,
        empty_value=None,
        choices=[("", "nothing"), *((group.value, words) for group, words in _GROUPS.items())],
    )
    column = forms.TypedMultipleChoiceField(
        required=False,
        label="Columns",
        coerce=Column,
        choices=[(column.value, column.words) for column in Column if column is not columns.ALWAYS],
    )
    below = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    above = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    tick = forms.ChoiceField(required=False, choices=[("all", "all")], widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in ("below", "above"):
            data[name] = self._place(name, data)
        return data

    def _place(self, name: str, data: dict[str, Any]) -> Place | None:
        text = data.get(name)
        if not text:
            return None
        place = ordering.read(text, order=data.get("sort") or Order.NEWEST, group=data.get("group"))
        if place is None:
            self.add_error(name, "This names no place in a list that stands so.")
        return place

    @property
    def order(self) -> Order:
        return self.cleaned_data["sort"] if self.is_valid() else Order.NEWEST

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns.chosen(frozenset(self.cleaned_data.get("column", ()) if self.is_valid() else ()))

    @property
    def chosen_columns(self) -> list[tuple[Column, bool]]:
        """Each column that somebody may choose, and whether it is shown."""
        return [(each, each in self.columns) for each in Column if each is not columns.ALWAYS]

    @property
    def usual_columns(self) -> tuple[Column, ...]:
        return columns.USUAL

    @property
    def mends(self) -> tuple[str, ...]:
        """What may have been meant instead of the prefix that was refused."""
        errors = self.errors.as_data().get("target", [])
        return tuple(mend for error in errors for mend in (error.params or {}).get("mends", ()))

    @property
    def text(self) -> str:
        """The list as a query string, without the place in it: the same for the same list, however it was come by."""
        return as_text(self, without={"below", "above", *self._needless})

    @property
    def text_with_place(self) -> str:
        return as_text(self, without=self._needless)

    @property
    def _needless(self) -> set[str]:
        """What is so without being said, or is about nothing but this one look."""
        needless = {"tick", "references"}
        if self.order is Order.NEWEST:
            needless.add("sort")
        if self.columns == columns.USUAL:
            needless.add("column")
        return needless
