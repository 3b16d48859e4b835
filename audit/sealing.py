"""Texts that the database holds sealed: whoever reads it, or a copy of it, reads nothing of them without SECRET_KEY.

Sealed by SECRET_KEY, and opened by any of SECRET_KEY_FALLBACKS too, so that the key can be changed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """`str()` of it is a sentence for people."""


def seal(text: str) -> str:
    return _newest().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable when none of the keys fits."""
    try:
        return MultiFernet(list(_all())).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("It was sealed by a SECRET_KEY that is not known any more. Type it anew.") from None


def sealed_anew(sealed: str) -> str | None:
    """The same by the present key; None where it is by that one already, or by none that is known."""
    if is_by_the_newest_key(sealed):
        return None
    try:
        return seal(unseal(sealed))
    except Unreadable:
        return None


def is_by_the_newest_key(sealed: str) -> bool:
    try:
        _newest().decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _newest() -> Fernet:
    return next(_all())


def _all() -> Iterator[Fernet]:
    """One for each secret, the newest first. What signs sessions seals by another key than itself."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"breakwater sealing").derive(secret.encode())
        yield Fernet(base64.urlsafe_b64encode(key))
