"""What administrators type about the rules of approval, and what anybody tries in the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from django import forms

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


class RuleForm(forms.Form):
    """A rule, one field a condition. What is left empty is not looked at."""

    inside = PrefixField(required=False, max_length=100, label="Inside the prefix")
    wider_than_ipv4 = forms.IntegerField(required=False, min_value=1, max_value=32, label="Wider than an IPv4 /")
    wider_than_ipv6 = forms.IntegerField(required=False, min_value=1, max_value=128, label="Wider than an IPv6 /")
    longer_than = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_MINUTES,
        label="Longer than",
        help_text="Minutes. Without an auto-stop it is longer than anything.",
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
        label="Waits at most",
        help_text="Minutes; then it expires.",
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [(team.pk, team.name) for team in plan.teams()]
        choices: dict[str, list[tuple[Any, str]]] = {
            "platform": [_ANY, *((each.kentik_id, each.name) for each in catalogue.platforms())],
            "method": [_ANY, *((each.kentik_id, each.name) for each in catalogue.methods())],
            "team": [_ANY, *teams],
            "approving_team": [("", "any approver"), *teams],
        }
        for name, values in choices.items():
            cast("forms.ChoiceField", self.fields[name]).choices = values

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CONDITIONS]

    @property
    def consequences(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.CONDITIONS]

    @property
    def rule(self) -> Rule:
        data = self.cleaned_data
        when = tuple(_conditions(data))
        return Rule(
            when=when,
            approvals=data["approvals"],
            team=data["approving_team"],
            waits=timedelta(minutes=data["waits"]),
            because=data["because"].rstrip(". ") or _because(when),
        )


def _because(when: tuple[Condition, ...]) -> str:
    """What the conditions say by themselves."""
    return f"it is {listed(when, rules.names())}" if when else "this is the rule for all others"


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


def initial(rule: Rule) -> dict[str, Any]:
    """What stands in the form of a rule that is there."""
    values: dict[str, Any] = {
        "approvals": rule.approvals,
        "approving_team": rule.team,
        "waits": rule.waits // _MINUTE,
        "because": rule.because,
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
    """The button of a rule that was pressed: its place, under the name of what is to be done."""

    up = forms.IntegerField(required=False, min_value=2, max_value=MOST_RULES)
    down = forms.IntegerField(required=False, min_value=1, max_value=MOST_RULES)
    remove = forms.IntegerField(required=False, min_value=1, max_value=MOST_RULES)


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
        people = [(each.pk, f"{each.username} ({each.name})") for each in plan.people()]
        pairings = [(each.pk, f"{each}") for each in catalogue.everything().pairings]
        cast("forms.ChoiceField", self.fields["who"]).choices = people
        cast("forms.ChoiceField", self.fields["pairing"]).choices = pairings
        if not drafts:
            del self.fields["against"]

    @property
    def terms(self) -> Terms:
        return Terms(target=self.cleaned_data["ip_cidr"], minutes=self.cleaned_data["minutes"])
