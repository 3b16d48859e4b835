"""Encrypting what must be read again but stand nowhere in clear: the secrets of authenticator apps and recovery codes.

The first key encrypts; each of them decrypts, so a key is changed by putting a new one before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnreadableError(Exception):
    """It was encrypted by a key that is not there any more."""


def new_key() -> str:
    return Fernet.generate_key().decode()


def are_keys(keys: Sequence[str]) -> bool:
    try:
        return bool([Fernet(key) for key in keys])
    except ValueError:
        return False


def encrypt(text: str, keys: Sequence[str]) -> str:
    return _box(keys).encrypt(text.encode()).decode()


def decrypt(text: str, keys: Sequence[str]) -> str:
    try:
        return _box(keys).decrypt(text.encode()).decode()
    except InvalidToken:
        raise UnreadableError("None of FACTOR_KEYS is the one that this was encrypted with.") from None


def rotate(text: str, keys: Sequence[str]) -> str:
    """The same, encrypted by the first key."""
    return encrypt(decrypt(text, keys), keys)


def _box(keys: Sequence[str]) -> MultiFernet:
    if not keys:
        raise UnreadableError("FACTOR_KEYS is empty, and something was encrypted by a key of it.")
    return MultiFernet([Fernet(key) for key in keys])
