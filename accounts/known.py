"""Browsers in which somebody was signed in before: a cookie that names each such account with a mark of its own.

It signs nobody in. It only has tries in this browser counted apart from those of strangers.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "known"
_SALT = "breakwater.known"
_LASTS = timedelta(days=90)
# As many people as share one browser, the newest last.
_MOST = 8


def remember(request: HttpRequest, response: HttpResponseBase, person: int) -> None:
    """With a new mark each time, so that tries before and after are not counted together."""
    marks = {who: mark for who, mark in marks_of(request).items() if who != str(person)}
    marks[str(person)] = secrets.token_urlsafe(9)
    kept = dict(list(marks.items())[-_MOST:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=_LASTS,
        path="/account/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def marks_of(request: HttpRequest) -> dict[str, str]:
    """This browser's marks, by the numbers of the accounts that were signed in here before."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        return {}
    return dict(found)
