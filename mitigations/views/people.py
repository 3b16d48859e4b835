"""People: who has an account, what they may do, and everything that administrators do about that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, factors, invitations, inviting, managing
from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from accounts.rights import DOES, State
from audit.refusal import Conflict, Unacceptable
from mitigations.forms.people import InviteAgainForm, InviteForm, PeopleForm, RolesForm, TeamsForm, WhyForm
from mitigations.selectors import people
from mitigations.services import people as changing
from mitigations.views.audit import places
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from django import forms

    from accounts.models import User

_BOTH = ["GET", "HEAD", "POST"]


@needs(Deed.MANAGE_PEOPLE)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form = PeopleForm(request.GET)
    page = people.Page(rows=[], more="")
    if form.is_valid():
        page = people.page(form.sought, after=form.cleaned_data["after"])
    held = access.factors_of([person.pk for person in page.rows])
    context = {
        "form": form,
        "page": page,
        "rows": [(person, held[person.pk]) for person in page.rows],
        "is_filtered": any(map(request.GET.get, ("q", "role", "team", "state"))),
    }
    return render(request, "people/list.html", context, status=200 if form.is_valid() else 422)


@needs(Deed.MANAGE_PEOPLE)
@require_safe
def detail(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    roles = [(role, words) for role, words in DOES.items() if role in person.roles]
    context = {
        "person": person,
        "roles": roles,
        "waits": people.waits(person),
        "factors": access.factors_of([person.pk])[person.pk],
        "sessions": access.sessions_of(person.pk, at=timezone.now()),
        "is_linked": person.pk in access.linked([person.pk]),
        "provider": settings.OIDC_NAME,
        "link_ends_at": invitations.ends_at(person) if person.state is State.INVITED else None,
        "their_events": "" if may(request.actor, Deed.READ_AUDIT) else places.by(person.username),
    }
    return render(request, "people/person.html", context)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def invite(request: ActorRequest) -> HttpResponse:
    form = InviteForm(_posted(request))

    def deed() -> HttpResponse:
        teams = form.cleaned_data["teams"]
        person = changing.invite(invitation=form.invitation, team_ids=teams, by=request.actor, at=timezone.now())
        return _invited(request, person)

    return _form(request, "people/invite.html", form, deed)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def invite_again(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    form = InviteAgainForm(_posted(request), initial={"email": person.email})

    def deed() -> HttpResponse:
        email, by_mail = form.cleaned_data["email"], changing.goes_by_mail(form.cleaned_data["email"])
        by, at = request.actor, timezone.now()
        return _invited(request, inviting.invite_again(username=username, email=email, by_mail=by_mail, by=by, at=at))

    return _form(request, "people/invite_again.html", form, deed, person=person)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def roles(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    form = RolesForm(_posted(request), initial=RolesForm.shown(person))
    return _held(request, form, changing.change_roles, person)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def teams(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    form = TeamsForm(_posted(request), initial=TeamsForm.shown(person))
    return _held(request, form, changing.change_teams, person)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def deactivate(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    waits = people.waits(person)
    said = f"{person} is deactivated, and signed out everywhere."
    return _confirm(request, "people/deactivate.html", changing.deactivate, person, said, waits=waits)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def reactivate(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    return _confirm(request, "people/reactivate.html", changing.reactivate, person, f"{person} is active again.")


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def sign_out(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    said = f"{person} is signed out everywhere."
    return _confirm(request, "people/sign_out.html", managing.end_sessions, person, said)


@needs(Deed.MANAGE_PEOPLE)
@require_http_methods(_BOTH)
def reset_factors(request: ActorRequest, username: str) -> HttpResponse:
    person = people.one(username)
    said = f"{person} has no second factor any more, and is signed out everywhere."
    return _confirm(request, "people/reset_factors.html", factors.reset_factors, person, said)


def _held(
    request: ActorRequest, form: RolesForm | TeamsForm, change: Callable[..., User], person: User
) -> HttpResponse:
    def deed() -> HttpResponse:
        by, note, at = request.actor, form.cleaned_data["note"], timezone.now()
        change(username=person.username, give=form.give, take=form.take, note=note, by=by, at=at)
        messages.success(request, f"It is changed what {person} may do.")
        # Whoever gave up being administrator sees no page of people any more.
        return redirect("person", person.username) if person.pk != by.id else redirect("overview")

    return _form(request, "people/held.html", form, deed, person=person)


def _confirm(
    request: ActorRequest, template: str, change: Callable[..., object], person: User, said: str, **shown: Any
) -> HttpResponse:
    form = WhyForm(_posted(request))

    def deed() -> HttpResponse:
        change(username=person.username, note=form.cleaned_data["note"], by=request.actor, at=timezone.now())
        messages.success(request, said)
        return redirect("person", person.username)

    return _form(request, template, form, deed, person=person, **shown)


def _invited(request: ActorRequest, person: User) -> HttpResponse:
    """The link is shown here and now, to whoever made it, or it goes by mail."""
    if changing.goes_by_mail(person.email):
        messages.success(request, f"{person} is invited: the link goes to {person.email}.")
        return redirect("person", person.username)
    address = settings.PORTAL_URL or request.build_absolute_uri("/").rstrip("/")
    link = f"{address}{invitations.path_for(person)}"
    return render(request, "people/link.html", {"person": person, "link": link, "ends_at": invitations.ends_at(person)})


def _form(
    request: ActorRequest, template: str, form: forms.Form, deed: Callable[[], HttpResponse], **shown: Any
) -> HttpResponse:
    """The page of a form; and when it was sent and is right, the deed, or what stands against it."""
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return deed()
            except (Conflict, Unacceptable) as refusal:
                status = refusal.status
                for each in refusal.objections:
                    form.add_error(each.code if each.code in form.fields else None, each.sentence)
    return render(request, template, {"form": form, **shown}, status=status)


def _posted(request: ActorRequest) -> Any:
    return request.POST if request.method == "POST" else None
