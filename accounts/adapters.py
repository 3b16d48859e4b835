"""What allauth asks of the portal: who may come in, what happens when somebody has, where they go, what is encrypted.

It mails nobody, says nothing by itself, and signs nobody up.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_login_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import id_token, known, provider, secrets, sessions, signing_in, typed
from accounts.authority import Role
from accounts.middleware import origin_of
from accounts.models import User
from accounts.selectors import actor_for
from audit.refusal import Refused

logger = logging.getLogger(__name__)

# Between the provider asking somebody, and saying so.
_LEEWAY = timedelta(seconds=30)
_NOT_PROVED = "{name} does not say that it asked you anew, so it proves nothing. A second factor here does."
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

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Before anybody is signed in by what the provider says: is it the answer to what we asked, and who is it?"""
        kept, at = sociallogin.state.get("data") or {}, timezone.now()
        if not kept.get("nonce") or sociallogin.claims.get("nonce") != kept["nonce"]:
            raise ImmediateHttpResponse(trouble(request, "That was an answer to somebody else’s sign-in.", status=403))
        if "proof" in kept:
            raise ImmediateHttpResponse(_prove(request, sociallogin, kept, at=at))
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise ImmediateHttpResponse(trouble(request, "Nobody asked for this.", status=403))
        person = provider.vouched(sociallogin.claims)
        try:
            admitted = provider.admit(person, origin=origin_of(request), at=at)
        except Refused as refusal:
            answer = trouble(request, str(refusal), status=refusal.status, who=settings.OIDC_ASK)
            raise ImmediateHttpResponse(answer) from refusal
        sociallogin.user, sociallogin.account = admitted.user, admitted.account
        # It would stand in the session until a second factor is given, and nobody needs it any more.
        sociallogin.token = None
        request.proved_at_provider = id_token.proved_at(sociallogin.claims, at=at)  # type: ignore[attr-defined]
        if admitted.clashing:
            messages.warning(request, _clash(admitted.clashing))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """A forged or stale answer, a code that was refused, or a person who changed their mind."""
        logger.warning("A sign-in by the provider failed: %s.", type(exception).__name__ if exception else error)
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account:login"))
        raise ImmediateHttpResponse(trouble(request, f"{settings.OIDC_NAME} did not sign you in.", status=401))


def trouble(request: HttpRequest, sentence: str, *, status: int, who: str = "") -> HttpResponse:
    context = {"sentence": sentence, "who": who, "ask": settings.OIDC_ASK}
    return render(request, "account/provider_trouble.html", context, status=status)


def _prove(request: HttpRequest, sociallogin: Any, kept: dict[str, Any], *, at: datetime) -> HttpResponse:
    """Only the same person, who was asked anew since, as the provider itself says, has proved anything."""
    where = sociallogin.get_redirect_url(request) or resolve_url("account:account")
    shown_at, asked_at = id_token.proved_at(sociallogin.claims, at=at), datetime.fromtimestamp(kept["asked"], UTC)
    is_same = request.user.is_authenticated and sociallogin.user == request.user and request.user.pk == kept["proof"]
    if is_same and shown_at is not None and shown_at >= asked_at - _LEEWAY:
        sessions.prove(request.session, at=shown_at)
        return redirect(where)
    messages.error(request, _NOT_PROVED.format(name=settings.OIDC_NAME))
    return redirect(f"{resolve_url('account:proof')}?{urlencode({'next': where})}")


def _clash(roles: frozenset[Role]) -> str:
    listed = " and ".join(sorted(roles))
    sentence = f"Your groups make you {listed}, which nobody must be together, so you are none of them."
    return f"{sentence} Ask {settings.OIDC_ASK}."


def is_ours(request: HttpRequest, url: str | None) -> bool:
    hosts, secure = {request.get_host()}, request.is_secure()
    # Without a slash Django would take it for the name of a view.
    return (
        url is not None
        and url.startswith("/")
        and url_has_allowed_host_and_scheme(url, allowed_hosts=hosts, require_https=secure)
    )


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
