"""The Kentik of the settings."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from mitigations.kentik.account import BASES, LOOPBACK, Account, BadAccount, base_url, mitigation_link, v6_base_url
from mitigations.kentik.messages import Spelling, StartMitigation

logger = logging.getLogger(__name__)

_REGIONS = {urlsplit(base).hostname: region.upper() for region, base in BASES.items()}


def account() -> Account:
    """Raises BadAccount with one clear sentence when a setting is missing or cannot be used."""
    return Account(
        base_url=settings.KENTIK_BASE_URL or base_url(settings.KENTIK_REGION),
        email=_credential("KENTIK_API_EMAIL"),
        token=_credential("KENTIK_API_TOKEN"),
        spelling=spelling(),
        connect=settings.KENTIK_CONNECT_SECONDS,
        read=settings.KENTIK_READ_SECONDS,
        total=settings.KENTIK_CALL_SECONDS,
        v6_url=_v6_url() if settings.KENTIK_V6 else "",
    )


class Renewal:
    """Says when the credentials are others than they were, because a file that holds them was changed."""

    def __init__(self, known: Account) -> None:
        self._known = known
        self._trouble = ""

    def __call__(self) -> Account | None:
        """The account to speak as from now on; None when it is the same, or what is in the files cannot be used."""
        if not (settings.KENTIK_API_EMAIL_FILE or settings.KENTIK_API_TOKEN_FILE):
            return None
        try:
            found = account()
        except BadAccount as error:
            self._say(str(error))
            return None
        self._trouble = ""
        if found == self._known:
            return None
        self._known = found
        return found

    def _say(self, trouble: str) -> None:
        """Once: it is asked every second."""
        if trouble != self._trouble:
            self._trouble = trouble
            logger.error("The credentials stay as they were. %s", trouble)


def _credential(name: str) -> str:
    """Of the file, as it is now, where one is named; else of the settings. Raises BadAccount when there is none."""
    path = getattr(settings, f"{name}_FILE")
    try:
        found = Path(path).read_text().rstrip("\r\n") if path else getattr(settings, name)
    except (OSError, UnicodeDecodeError) as error:
        raise BadAccount(f"{name}_FILE cannot be read ({type(error).__name__}).") from None
    if not found:
        raise BadAccount(f"{name} is not set. The worker needs the credentials of a Kentik user who may mitigate.")
    return str(found)


def link(kentik_id: str) -> str | None:
    """Where people see a mitigation in Kentik's own portal; None for what is no ID, and where this is no Kentik."""
    return None if settings.KENTIK_BASE_URL else mitigation_link(settings.KENTIK_REGION, kentik_id)


def _v6_url() -> str:
    """A sandbox speaks both at one address."""
    return settings.KENTIK_V6_BASE_URL or settings.KENTIK_BASE_URL or v6_base_url(settings.KENTIK_REGION)


def name() -> str:
    """Which Kentik the portal speaks with, for people: "US", "sandbox", a host. Repeats nothing else of an address."""
    if not settings.KENTIK_BASE_URL:
        return str(settings.KENTIK_REGION).upper()
    try:
        host = urlsplit(settings.KENTIK_BASE_URL).hostname or "no address"
    except ValueError:
        return "no address"
    return "sandbox" if host in LOOPBACK else _REGIONS.get(host, host)


def spelling() -> Spelling:
    try:
        return Spelling(settings.KENTIK_SPELLING)
    except ValueError:
        choices = " or ".join(Spelling)
        raise BadAccount(f"KENTIK_SPELLING is {settings.KENTIK_SPELLING!r}; it can be {choices}.") from None


def body_of(message: StartMitigation) -> str:
    """The exact JSON that Kentik gets."""
    return message.body(spelling())
