"""What somebody typed and could not send, because their session had ended or their page was too old.

Each form carries a signed mark of whom its page was made for. By that mark the fields are kept in the session of the
browser, for an hour and for that person alone: whoever else signs in sees nothing of them. Files, and what a page calls
secret, are not kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse

# The hidden fields that say whom the page was made for, and which of its fields are secret.
MARK, SECRET = "typed_by", "typed_secret"
# In the address of the page that is filled again.
KEY = "typed"

_PLACE = "typed"
_KEPT_FOR = timedelta(hours=1)
# A page may stay open over a weekend.
_MARK_LASTS = timedelta(days=7)
_MOST, _LARGEST = 5, 1_500_000
_signer = signing.TimestampSigner(salt="breakwater.typed")


@dataclass(frozen=True, kw_only=True)
class Typed:
    """`page` is the address of the page where the form stands, `files` whether some had been chosen. `came`: it did
    reach us, and a proof of who it was had to come first.
    """

    page: str
    fields: Mapping[str, list[str]]
    files: bool
    came: bool = False

    @property
    def as_posted(self) -> QueryDict:
        posted = QueryDict(mutable=True)
        for name, values in self.fields.items():
            posted.setlist(name, values)
        return posted


def mark_of(person: int) -> str:
    return _signer.sign(str(person))


def keep(request: HttpRequest, *, at: datetime, came: bool = False) -> str:
    """Keep what was posted for whom the page was made for. The address to go on at; empty when nothing is kept."""
    person = _made_for(request)
    if person is None or (request.user.is_authenticated and request.user.pk != person):
        return ""
    page = _page_of(request)
    entry = {
        "by": person,
        "at": at.timestamp(),
        "page": page or request.get_full_path(),
        "fields": _fields(request.POST),
        "files": bool(request.FILES),
        "came": came,
    }
    key = secrets.token_urlsafe(6)
    kept = _bounded({**_kept(request.session), key: entry})
    if key not in kept:
        return ""
    request.session[_PLACE] = kept
    # Without the page that it stands on, an address that only takes posts would lead nowhere.
    return with_key(page, key) if page else reverse("account:typed", args=[key])


def find(session: SessionBase, key: str, *, person: int | None, at: datetime) -> Typed | None:
    """What this person typed, unless it was too long ago."""
    entry = _kept(session).get(key)
    if entry is None or entry["by"] != person or entry["at"] < (at - _KEPT_FOR).timestamp():
        return None
    came = entry.get("came", False)
    return Typed(page=entry["page"], fields=entry["fields"], files=entry["files"], came=came)


def forget(session: SessionBase, *, page: str) -> None:
    """It was sent."""
    _keep_those(session, lambda entry: urlsplit(entry["page"]).path != page)


def forget_others(session: SessionBase, *, person: int) -> None:
    """Somebody has signed in: what others typed in this browser is gone."""
    _keep_those(session, lambda entry: entry["by"] == person)


def with_key(page: str, key: str) -> str:
    parts = urlsplit(page)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != KEY]
    return f"{parts.path}?{urlencode([*query, (KEY, key)])}"


def _made_for(request: HttpRequest) -> int | None:
    try:
        return int(_signer.unsign(request.POST.get(MARK, ""), max_age=_MARK_LASTS))
    except (signing.BadSignature, ValueError):
        return None


def _page_of(request: HttpRequest) -> str:
    """Where the form stood, as the browser says; empty when it does not say, or names no page of ours."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    try:
        resolve(parts.path)
    except Resolver404:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _fields(posted: QueryDict) -> dict[str, list[str]]:
    left_out = {"csrfmiddlewaretoken", MARK, SECRET, *posted.getlist(SECRET)}
    return {
        name: [str(value) for value in values]
        for name, values in posted.lists()
        if name not in left_out and "password" not in name.lower()
    }


def _bounded(kept: dict[str, Any]) -> dict[str, Any]:
    """The newest of them, as many as there is room for."""
    room, fitting = _LARGEST, {}
    for key, entry in list(reversed(kept.items()))[:_MOST]:
        room -= sum(len(name) + sum(map(len, values)) for name, values in entry["fields"].items())
        if room < 0:
            break
        fitting[key] = entry
    return dict(reversed(fitting.items()))


def _kept(session: SessionBase) -> dict[str, Any]:
    found: dict[str, Any] = session.get(_PLACE, {})
    return found


def _keep_those(session: SessionBase, wanted: Callable[[dict[str, Any]], bool]) -> None:
    before = _kept(session)
    after = {key: entry for key, entry in before.items() if wanted(entry)}
    if len(after) < len(before):
        session[_PLACE] = after
