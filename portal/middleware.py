from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from audit.refusal import Refused
from mitigations.api import problems
from portal import errors
from portal.logging import request_id
from portal.ui import clock

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request an ID, which its log lines, its audit events and its answer carry, and finds the client's
    address.

    An ID and an address from headers are believed only behind a proxy that sets them (TRUST_PROXY_HEADERS).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REQUEST_ID"] = identity = _request_id(request)
        request.META["CLIENT_IP"] = _client_ip(request)
        token = request_id.set(identity)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identity
        return response


class RefusalMiddleware:
    """A deed that was refused, a thing that is not there, and a bare error become a page that says so."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return errors.in_words(request, self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return errors.refused(request, exception)
        if isinstance(exception, ObjectDoesNotExist):
            return errors.not_found(request, exception)
        return None


class ApiMiddleware:
    """What holds for every call of the API: no session comes along, a body is JSON of a bounded size, and the answer
    says how many calls are left.
    """

    LARGEST = 256 * 1024

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not errors.is_of_the_api(request):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        response = self._turned_away(request) or self.get_response(request)
        if (allowance := getattr(request, "allowance", None)) is not None:
            response["RateLimit-Policy"] = f'"calls";q={allowance.most};w=60'
            response["RateLimit"] = f'"calls";r={allowance.left};t={allowance.resets_in}'
        return response

    def _turned_away(self, request: HttpRequest) -> HttpResponse | None:
        if settings.HTTPS_ONLY and not request.is_secure():
            sentence = "The API is reached by https alone. A token that was sent like this is to be revoked."
            return problems.problem(request, problems.FORBIDDEN, sentence)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length == "0" and "HTTP_TRANSFER_ENCODING" in request.META:
            # Django would take it for empty, and somebody who said something would be answered that they said nothing.
            return problems.problem(request, problems.NO_LENGTH, "Send the body with a Content-Length, not in chunks.")
        if length.isdecimal() and int(length[:20]) > self.LARGEST:
            sentence = f"A body has at most {self.LARGEST:,} bytes."
            return problems.problem(request, problems.TOO_LARGE, sentence)
        if request.method == "POST" and length != "0" and request.content_type != "application/json":
            return problems.problem(request, problems.NOT_JSON, "Send the body as Content-Type: application/json.")
        return None


class ReaderMiddleware:
    """Tells times as whoever is signed in reads them; everybody else reads them as the site does."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = request.user
        if not reader.is_authenticated:
            return self.get_response(request)
        with clock.read_in(reader.zone, twelve_hours=reader.twelve_hours):
            return self.get_response(request)


# Signing in by a passkey is all that a page of ours may ask of a browser.
_FEATURES = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone"),
    *(
        "midi",
        "payment",
        "picture-in-picture",
        "screen-wake-lock",
        "serial",
        "storage-access",
        "usb",
        "xr-spatial-tracking",
    ),
)


class HeadersMiddleware:
    """What every answer says, whoever gives it: no camera, no position, nothing for another site, and no copy kept, for
    others may use the same browser next. Files that never change say otherwise of copies.
    """

    HEADERS = {
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        # Django's own middleware adds these to whatever it lets through; it is silent where it refuses a host itself.
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class SizeMiddleware:
    """Turns away what is larger than anything that the portal takes, before a byte of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > settings.LARGEST_REQUEST:
            raise RequestDataTooBig
        return self.get_response(request)


class CompressionMiddleware(GZipMiddleware):
    """Pages go out a fifth as heavy. Downloads stream as they are, so that their length is known and nothing waits.

    Against BREACH, Django adds a file name of random length to each, and tokens are masked anew each time.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    if settings.TRUST_PROXY_HEADERS and _GIVEN_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _client_ip(request: HttpRequest) -> str:
    """The peer; behind a proxy the last address in X-Forwarded-For, which is the one that the proxy itself saw."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUST_PROXY_HEADERS:
        peer = request.headers.get("X-Forwarded-For", peer).rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return ""
