"""What administrators type about people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms

from accounts.authority import Role
from accounts.inviting import Invitation
from accounts.rights import DOES
from mitigations.selectors import plan
from mitigations.selectors.people import Shown, Sought
from mitigations.services import people

if TYPE_CHECKING:
    from accounts.models import User

_ROLES = [(role.value, f"{role}: {words}") for role, words in DOES.items()]
_TOGETHER = "An auditor is never requester or approver. Break-glass is worth nothing without requester."
_NO_ROLE, _NO_TEAM = "none", 0
_SHOWN = [
    (Shown.HERE, "active and invited"),
    (Shown.INVITED, "invited"),
    (Shown.DEACTIVATED, "deactivated"),
    (Shown.ALL, "all"),
]
_BY_HAND = "Empty: the link is shown to you once, and you hand it over."


def _teams() -> list[tuple[int, str]]:
    return list(plan.team_names().items())


class PeopleForm(forms.Form):
    """Whom the list shows."""

    q = forms.CharField(required=False, max_length=200, label="Name")
    role = forms.ChoiceField(
        required=False, choices=[("", "any"), *((role, role) for role in DOES), (_NO_ROLE, "no role")]
    )
    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(required=False, label="Account", choices=_SHOWN)
    after = forms.CharField(required=False, max_length=150, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["team"]).choices = [("", "any"), *_teams(), (_NO_TEAM, "no team")]

    @property
    def sought(self) -> Sought:
        data = self.cleaned_data
        role = {"": None, _NO_ROLE: ""}.get(data["role"], data["role"])
        return Sought(text=data["q"], role=role, team=data["team"], shown=Shown(data["state"]))


class InviteForm(forms.Form):
    username = forms.CharField(
        max_length=150,
        label="Name to sign in with",
        help_text="Small letters, such as dana. It stands in every event and never changes.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    full_name = forms.CharField(max_length=200, label="Whole name")
    email = forms.EmailField(required=False, max_length=254, label="E-mail address")
    roles = forms.MultipleChoiceField(
        required=False, choices=_ROLES, widget=forms.CheckboxSelectMultiple, help_text=_TOGETHER
    )
    teams = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["teams"]).choices = _teams()
        self.fields["email"].help_text = _help()

    def clean_full_name(self) -> str:
        return " ".join(str(self.cleaned_data["full_name"]).split())

    @property
    def invitation(self) -> Invitation:
        data = self.cleaned_data
        return Invitation(
            username=data["username"],
            full_name=data["full_name"],
            email=data["email"],
            roles=frozenset(Role(role) for role in data["roles"]),
            by_mail=people.goes_by_mail(data["email"]),
        )


class InviteAgainForm(forms.Form):
    email = forms.EmailField(required=False, max_length=254, label="E-mail address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _help()


class WhyForm(forms.Form):
    note = forms.CharField(
        required=False,
        max_length=2000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For whoever reviews it.",
    )


class _HeldForm(WhyForm):
    """Boxes for what somebody may hold. `seen` is what the page showed: only what was changed on it is changed, so two
    administrators do not undo each other unknowingly.
    """

    seen = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    field_order = ("held", "note", "seen")
    offered: Sequence[tuple[Any, str]] = ()

    @property
    def give(self) -> set[Any]:
        return set(self.cleaned_data["held"]) - self._seen

    @property
    def take(self) -> set[Any]:
        return self._seen - set(self.cleaned_data["held"])

    @property
    def _seen(self) -> set[Any]:
        words = self.cleaned_data["seen"].split()
        return {value for value, _ in self.offered if str(value) in words}


class RolesForm(_HeldForm):
    held = forms.MultipleChoiceField(
        required=False, label="Roles", choices=_ROLES, widget=forms.CheckboxSelectMultiple, help_text=_TOGETHER
    )

    offered = _ROLES

    @staticmethod
    def shown(person: User) -> dict[str, Any]:
        return _shown(role.value for role in person.roles)


class TeamsForm(_HeldForm):
    held = forms.TypedMultipleChoiceField(
        required=False, label="Teams", coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = _teams()
        cast("forms.ChoiceField", self.fields["held"]).choices = self.offered

    @staticmethod
    def shown(person: User) -> dict[str, Any]:
        return _shown(team.pk for team in person.teams.all())


def _shown(held: Iterable[Any]) -> dict[str, Any]:
    known: Collection[Any] = list(held)
    return {"held": known, "seen": " ".join(map(str, known))}


def _help() -> str:
    if people.goes_by_mail("somebody@example.net"):
        return f"The link goes there. {_BY_HAND}"
    return (
        "Where messages go. Mail is off, or PORTAL_URL is not set: the link is shown to you once, and you hand it over."
    )
