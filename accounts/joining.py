"""The page on which somebody who was invited sets their password. It needs no session; the link is the key."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import invitations, inviting
from accounts.middleware import origin_of


class JoinForm(SetPasswordForm):  # type: ignore[type-arg] # generic in its stubs alone
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "Password"
        self.fields["new_password1"].help_text = " ".join(password_validation.password_validators_help_texts())
        self.fields["new_password2"].label = "The same once more"
        self.fields["new_password2"].help_text = ""


class Join(PasswordResetConfirmView):
    """Django's own page for a link that is valid once; it keeps the token out of the address while somebody types.

    Nobody accepts an invitation in a browser in which somebody is signed in: it might be another's.
    """

    template_name = "account/join.html"
    form_class = JoinForm
    token_generator = invitations.tokens

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        nobody_sets_one = request.user.is_authenticated or self._provider()
        return self.get(request) if nobody_sets_one else super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"provider": self._provider()}

    def _provider(self) -> str:
        """By whom this person signs in, where passwords are for emergency accounts alone; empty where they set one."""
        person = getattr(self, "user", None)
        by_password = settings.LOCAL_SIGN_IN or (person and person.username in settings.EMERGENCY_ACCOUNTS)
        return "" if by_password else str(settings.OIDC_NAME)

    def form_valid(self, form: Any) -> HttpResponse:
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN)
        password, origin = form.cleaned_data["new_password1"], origin_of(self.request)
        person = inviting.accept(id=form.user.pk, token=token, password=password, origin=origin, at=timezone.now())
        messages.success(self.request, f"Your password is set. Sign in as {person}.")
        return redirect("account:login")

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if not self.validlink:
            kwargs["status"] = HTTPStatus.GONE
        elif self.request.user.is_authenticated:
            kwargs["status"] = HTTPStatus.CONFLICT
        elif context["form"].is_bound:
            kwargs["status"] = HTTPStatus.UNPROCESSABLE_ENTITY
        return super().render_to_response(context, **kwargs)
