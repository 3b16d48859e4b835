from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services, typed, zones
from accounts.authority import Actor
from accounts.forms import PreferencesForm
from accounts.middleware import ActorRequest, origin_of
from accounts.selectors import actor_for, person


class SignInForm(AuthenticationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = {
            **self.error_messages,
            "invalid_login": "That name and password do not fit together. Please try again.",
        }


class SignIn(LoginView):
    template_name = "account/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        actor = actor_for(form.get_user(), origin=origin_of(self.request))
        services.record_sign_in(by=actor, at=timezone.now())
        response = super().form_valid(form)
        typed.forget_others(self.request.session, person=form.get_user().pk)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        username = form.data.get("username", "")
        services.record_failed_sign_in(username=username, origin=origin_of(self.request), at=timezone.now())
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """For everybody with an account, with a role or without one."""
    actor = cast("ActorRequest", request).actor
    form = PreferencesForm(request.POST) if request.method == "POST" else PreferencesForm(initial=_chosen(actor))
    if form.is_valid():
        services.choose_preferences(**form.chosen, by=actor)
        messages.success(request, "Your choice is saved.")
        return redirect("account:preferences")
    context = {"form": form, "zones": zones.offered(), "now": timezone.now()}
    return render(request, "account/preferences.html", context, status=422 if form.is_bound else 200)


def _chosen(actor: Actor) -> dict[str, Any]:
    me = person(actor)
    return {"time_zone": me.time_zone, "hours": 12 if me.twelve_hours else 24, "shortcuts": me.shortcuts}


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.record_sign_out(by=cast("ActorRequest", request).actor, at=timezone.now())
        return super().post(request, *args, **kwargs)


@require_safe
def kept(request: ActorRequest, key: str) -> HttpResponse:
    """All that somebody typed and could not send, whatever became of the page that it was typed on."""
    found = typed.find(request.session, key, person=request.user.pk, at=timezone.now())
    if found is None:
        raise Http404
    fields = [(name.replace("_", " "), values) for name, values in found.fields.items() if any(map(str.strip, values))]
    context = {"fields": fields, "files": found.files, "page": typed.with_key(found.page, key)}
    return render(request, "account/typed.html", context)
