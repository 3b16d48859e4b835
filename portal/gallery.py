"""Every component of the pages, with made-up values: where whoever builds pages looks first."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed, demand
from accounts.middleware import ActorRequest
from mitigations.forms.mitigation import PrefixField
from mitigations.policies.guardrails import Finding, Severity
from mitigations.policies.lifecycle import Status
from mitigations.views.course import Step
from mitigations.views.report_figures import Point
from portal.ui.icons import PATHS
from portal.ui.tokens import tokens

_FINDINGS = (
    Finding(
        code="protected",
        severity=Severity.BLOCK,
        sentence="203.0.113.0/28 touches 203.0.113.1/32, which is protected: the name servers.",
        mend="Leave it out.",
    ),
    Finding(code="wide", severity=Severity.REVIEW, sentence="It takes 256 addresses off the net."),
    Finding(code="usual", severity=Severity.NOTE, sentence="The method’s usual duration is 1 h."),
)


class _Form(forms.Form):
    target = PrefixField(help_text="An IP address or a prefix.")
    method = forms.ChoiceField(choices=[("1", "Edge RTBH · Drop everything")])
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    glass = forms.BooleanField(label="Only with broken glass", required=False)


@require_safe
def gallery(request: ActorRequest) -> HttpResponse:
    """For administrators; where the portal is being developed, for everybody. It shows nothing that is real."""
    if not settings.DEBUG:
        demand(request.actor, Deed.ADMINISTER)
    found = tokens()
    context = {
        "colours": [token for token in found if token.day],
        "measures": [token for token in found if not token.day],
        "icons": list(PATHS),
        "themes": [_forms(theme) for theme in ("day", "night")],
        **_made_up(),
    }
    return render(request, "account/gallery.html", context)


def _forms(theme: str) -> dict[str, Any]:
    """The same on one page twice, so each field needs a name of its own."""
    wrong = _Form({"target": "203.0.113.7/24", "method": "1"}, auto_id=f"{theme}_wrong_%s")
    return {"name": theme, "form": _Form(auto_id=f"{theme}_%s"), "wrong": wrong}


def _made_up() -> dict[str, Any]:
    now, hour = timezone.now(), timedelta(hours=1)
    mitigation = SimpleNamespace(reference="MIT-42", target="203.0.113.7/32", status="active", closed_at=None)
    return {
        "statuses": list(Status),
        "targets": ("203.0.113.7/32", "198.51.100.0/24", "2001:db8:1234:5678:9abc:def0:1234:5678/128"),
        "person": SimpleNamespace(username="dana", name="Dana Reyes"),
        "ago": now - hour / 3,
        "ahead": now + hour / 2,
        "findings": _FINDINGS,
        "alarm": SimpleNamespace(
            mitigation=mitigation,
            is_loudest=False,
            is_mended_by_hand=False,
            heading="is still live after its end",
            sentence="It is over here, and Kentik still shows it as Active.",
            raised_at=now - hour,
        ),
        "course": _course(now, hour),
        "story": [
            SimpleNamespace(
                at=now - hour, sentence="dana asked for MIT-42", note="UDP flood since 02:50.", refused=False
            ),
            SimpleNamespace(at=now - hour / 2, sentence="lee was refused", note="", refused=True),
        ],
        "points": [Point(label=f"{day} May", count=day * 7 % 12, url="#charts", mark=str(day)) for day in range(1, 15)],
    }


def _course(now: datetime, hour: timedelta) -> list[Step]:
    return [
        Step(name="Asked", state="done", at=now - hour, words="dana"),
        Step(name="Agreed", state="done", at=now - hour / 2, words="1 of 1"),
        Step(name="Sent", state="done", at=now - hour / 2),
        Step(name="Live", state="live", at=now - hour / 2),
        Step(name="Over", state="ahead", at=now + hour / 2),
    ]
