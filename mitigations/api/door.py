"""Who calls: a token in the header `Authorization: Bearer`, and nothing else. No session opens the API."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from accounts import tokens
from accounts.allowance import Allowance, spend, spend_of_stranger
from accounts.bearer import MARK, without_tokens
from accounts.middleware import origin_of
from accounts.tokens import Admitted, NotAdmitted
from mitigations.api.problems import TooOften

_IN_ADDRESS = NotAdmitted(
    "token-in-address",
    "A token stood in the address of this call, where logs keep it. Revoke it, make another one, and send it in the "
    "header Authorization.",
    status=400,
)


class ApiRequest(HttpRequest):
    """A call that was let in."""

    auth: Admitted
    allowance: Allowance


class Door(HttpBearer):
    """Replaces Ninja's own reading of the header, which writes what it does not know into the log."""

    def __call__(self, request: HttpRequest) -> Admitted:
        if MARK in request.META.get("QUERY_STRING", "") and _holds_token(request.META["QUERY_STRING"]):
            raise _IN_ADDRESS
        call, at = cast("ApiRequest", request), timezone.now()
        try:
            admitted = tokens.admit(_text_of(request), origin=origin_of(request), at=at)
        except NotAdmitted:
            ip = str(request.META.get("CLIENT_IP", ""))
            call.allowance = spend_of_stranger(ip, most=settings.API_CALLS_PER_MINUTE, at=at)
            if call.allowance.is_exceeded:
                raise TooOften(call.allowance) from None
            raise
        call.allowance = spend(f"token:{admitted.token.pk}", most=settings.API_CALLS_PER_MINUTE, at=at)
        if call.allowance.is_exceeded:
            raise TooOften(call.allowance)
        return admitted

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        raise NotImplementedError("called by nobody: the call as a whole is looked at")


def _text_of(request: HttpRequest) -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if not text:
        raise NotAdmitted("no-token", "Send a token in the header “Authorization: Bearer bwk_…”.")
    if scheme.lower() != "bearer":
        raise NotAdmitted("no-token", "The API knows the scheme “Bearer” alone.")
    return text.strip()


def _holds_token(text: str) -> bool:
    return without_tokens(text) != text
