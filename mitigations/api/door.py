"""Who calls: a token in the header `Authorization: Bearer`, and nothing else. No session opens the API.

A source of alerts has a door of its own: it shows its secret in the same header, or signs what it sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from accounts import tokens
from accounts.admission import NotAdmitted
from accounts.allowance import Allowance, spend, spend_of_stranger
from accounts.bearer import without_tokens
from accounts.middleware import origin_of
from accounts.tokens import Admitted
from mitigations.api.problems import TooLarge, TooOften
from mitigations.services import knocking
from mitigations.services.knocking import Credential

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
        _must_hold_no_token(request.META.get("QUERY_STRING", ""))
        call, at = cast("ApiRequest", request), timezone.now()
        with _counted_as_stranger(call, at):
            admitted = tokens.admit(_text_of(request), origin=origin_of(request), at=at)
        _count(call, admitted.caller, at)
        return admitted

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        raise NotImplementedError("called by nobody: the call as a whole is looked at")


class AlertRequest(HttpRequest):
    """A call by a source that was let in."""

    auth: knocking.Admitted
    allowance: Allowance


class SourceDoor(HttpBearer):
    """For sources of alerts, each at its own address."""

    LARGEST = 64 * 1024

    def __call__(self, request: HttpRequest) -> knocking.Admitted:
        _must_hold_no_token(request.META.get("QUERY_STRING", ""))
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.LARGEST:
            raise TooLarge(self.LARGEST)
        call, at = cast("ApiRequest", request), timezone.now()
        name = str(request.resolver_match.kwargs["source"]) if request.resolver_match else ""
        with _counted_as_stranger(call, at):
            credential, origin = _credential_of(request), origin_of(request)
            admitted = knocking.admit(name=name, credential=credential, body=request.body, origin=origin, at=at)
        _count(call, admitted.caller, at)
        return admitted

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        raise NotImplementedError("called by nobody: the call as a whole is looked at")


def _credential_of(request: HttpRequest) -> Credential:
    signature = request.headers.get("X-Breakwater-Signature", "")
    if signature:
        return Credential(timestamp=request.headers.get("X-Breakwater-Timestamp", ""), signature=signature)
    return Credential(secret=_text_of(request))


@contextmanager
def _counted_as_stranger(call: ApiRequest, at: datetime) -> Iterator[None]:
    """Whoever is not admitted counts by where they come from, and is told no more when it was too often."""
    try:
        yield
    except NotAdmitted:
        ip = str(call.META.get("CLIENT_IP", ""))
        call.allowance = spend_of_stranger(ip, most=settings.API_CALLS_PER_MINUTE, at=at)
        if call.allowance.is_exceeded:
            raise TooOften(call.allowance) from None
        raise


def _count(call: ApiRequest, whose: str, at: datetime) -> None:
    call.allowance = spend(whose, most=settings.API_CALLS_PER_MINUTE, at=at)
    if call.allowance.is_exceeded:
        raise TooOften(call.allowance)


def _text_of(request: HttpRequest) -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if not text:
        raise NotAdmitted("no-token", "Send a token in the header “Authorization: Bearer bwk_…”.")
    if scheme.lower() != "bearer":
        raise NotAdmitted("no-token", "The API knows the scheme “Bearer” alone.")
    return text.strip()


def _must_hold_no_token(query: str) -> None:
    if without_tokens(query) != query:
        raise _IN_ADDRESS
