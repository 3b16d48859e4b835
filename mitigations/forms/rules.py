"""What administrators type about the rules of approval, and what anybody tries in the simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.authority import Role
from accounts.selectors import still
from mitigations.forms.mitigation import PrefixField, RequiredNoteForm
from mitigations.policies.approval import MOST_APPROVALS
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.guardrails import Terms
from mitigations.policies.rules import (
    MOST_RULES,
    AskedByTeam,
    ByMethod,
    Condition,
    Inside,
    LongerThan,
    Names,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
    listed,
)
from mitigations.selectors import catalogue, plan, rules

PublishForm = RequiredNoteForm
LONGEST_WAIT = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
_ANY = ("", "any")
_GONE = "one that is gone"
# A request keeps its rule's sentence, which has room for this much of a reason.
_LONGEST_REASON = 280


class RuleForm(forms.Form):
    """A rule, one field a condition. What is left empty is not looked at."""

    inside = PrefixField(required=False, max_length=100, label="Inside the prefix")
    wider_than_ipv4 = forms.IntegerField(required=False, min_value=1, max_value=32, label="Wider than an IPv4 /")
    wider_than_ipv6 = forms.IntegerField(required=False, min_value=1, max_value=128, label="Wider than an IPv6 /")
    longer_than = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_MINUTES,
        label="Longer than, in minutes",
        help_text="Without an auto-stop it is longer than anything.",
    )
    no_auto_stop = forms.BooleanField(required=False, label="Without an auto-stop")
    platform = forms.ChoiceField(required=False)
    method = forms.ChoiceField(required=False)
    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Asked for by the team")
    needs_a_look = forms.BooleanField(required=False, label="A guardrail says: look closely")
    approvals = forms.IntegerField(
        min_value=0, max_value=MOST_APPROVALS, initial=1, help_text="0: it is sent at once, and nobody is asked."
    )
    approving_team = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label="By approvers of the team"
    )
    waits = forms.IntegerField(
        min_value=1,
        max_value=7 * 24 * 60,
        initial=24 * 60,
        label="Waits at most, in minutes",
        help_text="Not decided by then, it expires.",
    )
    because = forms.CharField(
        required=False,
        max_length=150,
        label="Needed, because",
        help_text="Ends the sentence “Needs 2 approvals, because …”. Empty: the conditions say it.",
    )

    CONDITIONS = (
        "inside", "wider_than_ipv4", "wider_than_ipv6", "longer_than", "no_auto_stop",
        "platform", "method", "team", "needs_a_look",
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, rule: Rule | None = None) -> None:
        """`rule`: the one that is edited. What it names stays a choice even if it is gone, or it would become "any"."""
        self._names = rules.names()
        named = initial(rule, self._names) if rule is not None else {}
        super().__init__(data, initial=named)
        offered: dict[str, tuple[tuple[str, str], Mapping[Any, str]]] = {
            "platform": (_ANY, self._names.platforms),
            "method": (_ANY, self._names.methods),
            "team": (_ANY, self._names.teams),
            "approving_team": (("", "any approver"), self._names.teams),
        }
        for name, (none, things) in offered.items():
            here = {**things, named[name]: things.get(named[name], _GONE)} if named.get(name) is not None else things
            cast("forms.ChoiceField", self.fields[name]).choices = [none, *here.items()]

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CONDITIONS]

    @property
    def consequences(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.CONDITIONS]

    def clean_because(self) -> str:
        """One line, as the end of a sentence."""
        return " ".join(str(self.cleaned_data["because"]).split()).rstrip(". ")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data["because"] and len(self._usual(data)) > _LONGEST_REASON:
            self.add_error("because", "The conditions are too many for one sentence. Say in your own words why.")
        return data

    @property
    def rule(self) -> Rule:
        data = self.cleaned_data
        return Rule(
            when=tuple(_conditions(data)),
            approvals=data["approvals"],
            team=data["approving_team"],
            waits=timedelta(minutes=data["waits"]),
            because=data["because"] or self._usual(data),
        )

    def _usual(self, data: dict[str, Any]) -> str:
        return usual_reason(tuple(_conditions(data)), self._names)


def usual_reason(when: Sequence[Condition], names: Names) -> str:
    """What follows "Needs 2 approvals, because" when nobody has put it better."""
    return f"it is {listed(when, names)}" if when else "every request does"


def _conditions(data: dict[str, Any]) -> Iterator[Condition]:
    """In the order in which rules are read."""
    if data["inside"]:
        yield Inside(data["inside"])
    if data["wider_than_ipv4"] or data["wider_than_ipv6"]:
        yield WiderThan(ipv4=data["wider_than_ipv4"] or 0, ipv6=data["wider_than_ipv6"] or 0)
    if data["longer_than"]:
        yield LongerThan(data["longer_than"])
    if data["no_auto_stop"]:
        yield NoAutoStop()
    if data["platform"]:
        yield OnPlatform(data["platform"])
    if data["method"]:
        yield ByMethod(data["method"])
    if data["team"] is not None:
        yield AskedByTeam(data["team"])
    if data["needs_a_look"]:
        yield NeedsALook()


def initial(rule: Rule, names: Names) -> dict[str, Any]:
    """What stands in the form of a rule that is there. A reason that only says the conditions changes with them."""
    values: dict[str, Any] = {
        "approvals": rule.approvals,
        "approving_team": rule.team,
        "waits": rule.waits // _MINUTE,
        "because": rule.because if rule.because != usual_reason(rule.when, names) else "",
    }
    for condition in rule.when:
        match condition:
            case Inside(prefix):
                values["inside"] = prefix.text
            case WiderThan(ipv4, ipv6):
                values |= {"wider_than_ipv4": ipv4 or None, "wider_than_ipv6": ipv6 or None}
            case LongerThan(minutes):
                values["longer_than"] = minutes
            case NoAutoStop():
                values["no_auto_stop"] = True
            case OnPlatform(kentik_id):
                values["platform"] = kentik_id
            case ByMethod(kentik_id):
                values["method"] = kentik_id
            case AskedByTeam(team):
                values["team"] = team
            case NeedsALook():
                values["needs_a_look"] = True
    return values


class RevisionForm(forms.Form):
    """The revision of the draft that its editor saw; the page's own buttons send it."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ButtonForm(RevisionForm):
    """The one button that was pressed: its rule's place, under the name of what is to be done.

    It becomes that `place` and `to`, where the rule goes; None: out of the draft.
    """

    up = forms.IntegerField(required=False, min_value=2, max_value=MOST_RULES)
    down = forms.IntegerField(required=False, min_value=1, max_value=MOST_RULES - 1)
    remove = forms.IntegerField(required=False, min_value=1, max_value=MOST_RULES)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        pressed = [name for name in ("up", "down", "remove") if data.get(name)]
        if len(pressed) != 1:
            raise forms.ValidationError("One button is pressed at a time.")
        place = data[pressed[0]]
        return {**data, "place": place, "to": {"up": place - 1, "down": place + 1, "remove": None}[pressed[0]]}


class SimulatorForm(forms.Form):
    who = forms.TypedChoiceField(label="Who asks", coerce=int)
    ip_cidr = PrefixField(label="Target", max_length=100)
    pairing = forms.TypedChoiceField(label="Platform and method", coerce=int)
    minutes = forms.IntegerField(
        label="Minutes until auto-stop", min_value=0, max_value=MAX_MINUTES, initial=60, help_text="0: none."
    )
    against = forms.ChoiceField(label="Judged by", choices=[("in-force", "the rules in force"), ("draft", "the draft")])

    def __init__(self, *args: Any, drafts: bool, **kwargs: Any) -> None:
        """`drafts`: whether this person may see the draft."""
        super().__init__(*args, **kwargs)
        everybody = plan.people()
        askers = still([each.pk for each in everybody], Role.REQUESTER)
        people = [(each.pk, f"{each.username} ({each.name})") for each in everybody if each.pk in askers]
        pairings = [(each.pk, f"{each}") for each in catalogue.everything().pairings]
        cast("forms.ChoiceField", self.fields["who"]).choices = people
        cast("forms.ChoiceField", self.fields["pairing"]).choices = pairings
        if not drafts:
            del self.fields["against"]

    @property
    def terms(self) -> Terms:
        return Terms(target=self.cleaned_data["ip_cidr"], minutes=self.cleaned_data["minutes"])
