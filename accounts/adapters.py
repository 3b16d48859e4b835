"""What allauth asks of the portal: who may come in, what happens when somebody has, where they go, what is encrypted.

It mails nobody, says nothing by itself, and signs nobody up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_login_redirect_url
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import known, secrets, sessions, signing_in, typed
from accounts.middleware import origin_of
from accounts.models import User
from accounts.selectors import actor_for

_METHODS = {"totp": "authenticator app", "webauthn": "passkey", "recovery_codes": "recovery code"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["accounts.adapters.SecondFactorStage"]

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what there is to say."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """The log is the outbox: nothing is sent from here."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The same."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return origin_of(request).ip

    def is_safe_url(self, url: str | None) -> bool:
        """A page of this portal, by the name under which it is open now."""
        return is_ours(self.request, url)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account:login")

    def login(self, request: HttpRequest, user: User) -> None:
        """Everybody who signs in, in whatever way, comes in by here: the event is written, or nobody is signed in."""
        at, origin, how = timezone.now(), origin_of(request), _how(request, user)
        signing_in.record_sign_in(by=actor_for(user, origin=origin), at=at, how=how)
        super().login(request, user)
        sessions.begin(request.session, person=user.pk, how=how, origin=origin, at=at)
        sessions.know_network(person=user.pk, ip=origin.ip, at=at)
        if (proved_at := _proved_at(request, user)) is not None:
            sessions.prove(request.session, at=proved_at)
        typed.forget_others(request.session, person=user.pk)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        response = HttpResponseRedirect(get_login_redirect_url(request, how["redirect_url"]))
        known.remember(request, response, user.pk)
        return response


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc] # allauth has no types
    """Between password or provider and being signed in, for whoever has a second factor."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not _gave_factor(request, self.login.user) and super()._should_handle(request)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text, settings.FACTOR_KEYS)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text, settings.FACTOR_KEYS)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {**super().get_public_key_credential_user_entity(user), "display_name": user.name, "name": user.username}


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth has no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """The one of the settings. Rows of the database are no way to add another."""
        return [app for app in super().list_apps(request, provider, client_id) if app.pk is None]


def is_ours(request: HttpRequest, url: str | None) -> bool:
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())


def _records(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", get_authentication_records(request, user))


def _gave_factor(request: HttpRequest, user: User) -> bool:
    return any(record.get("method") == "mfa" for record in _records(request, user))


def _how(request: HttpRequest, user: User) -> str:
    """How somebody has shown who they are, in words."""
    ways = {"password": "password", "socialaccount": settings.OIDC_NAME}
    shown = [ways.get(each["method"], _METHODS.get(each.get("type", ""), "")) for each in _records(request, user)]
    return " and ".join(dict.fromkeys(way for way in shown if way))


def _proved_at(request: HttpRequest, user: User) -> datetime | None:
    """When somebody who is about to be signed in has shown it: now, or when the provider says that they did."""
    methods = {record.get("method") for record in _records(request, user)}
    return timezone.now() if methods & {"mfa", "password"} else getattr(request, "proved_at_provider", None)
