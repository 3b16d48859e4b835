"""The token: from the environment, else from the keyring of this machine.

Never an option, which `ps` and the history of the shell would show.
"""

from __future__ import annotations

import os
import re
from types import ModuleType

from breakwater_cli.address import Address
from breakwater_cli.failures import NoToken

VARIABLE = "BREAKWATER_TOKEN"
_SERVICE = "breakwater"
_SHAPE = re.compile(r"bwk_[A-Za-z0-9_-]{43}", re.ASCII)
_INSTALL = "The package “keyring” is not installed: pip install 'breakwater-cli[keyring]', or set BREAKWATER_TOKEN."


class Token:
    """What opens the portal. Its text is shown by nothing."""

    def __init__(self, text: str, *, whence: str) -> None:
        """Raises NoToken for what has not the shape of one, so that no other secret leaves by mistake."""
        if not _SHAPE.fullmatch(text):
            raise NoToken(
                f"What {whence} holds is no token of a Breakwater: those begin with bwk_ and have 47 characters."
            )
        self._text = text

    def __repr__(self) -> str:
        return "Token(bwk_…)"

    @property
    def header(self) -> str:
        return f"Bearer {self._text}"

    def without(self, body: bytes) -> bytes:
        """In case that somebody echoes it."""
        return body.replace(self._text.encode(), "bwk_…".encode())

    def store(self, address: Address) -> str:
        """In the keyring; the name of that. Raises NoToken where there is none."""
        ring = _ring()
        try:
            ring.set_password(_SERVICE, str(address), self._text)
        except ring.errors.KeyringError as error:
            raise NoToken(f"The keyring of this machine does not take it ({type(error).__name__}).", _set()) from None
        return str(ring.get_keyring().name)


def find(address: Address) -> Token:
    """Raises NoToken."""
    if text := os.environ.get(VARIABLE, "").strip():
        return Token(text, whence=VARIABLE)
    if text := _kept(address):
        return Token(text, whence="the keyring")
    raise NoToken(f"There is no token for {address}.", f"`breakwater login` keeps one in the keyring. {_set()}")


def forget(address: Address) -> bool:
    """Whether there was one in the keyring."""
    ring = _ring()
    try:
        ring.delete_password(_SERVICE, str(address))
    except ring.errors.KeyringError:
        return False
    return True


def _kept(address: Address) -> str:
    try:
        import keyring
    except ImportError:
        return ""
    try:
        return keyring.get_password(_SERVICE, str(address)) or ""
    except keyring.errors.KeyringError as error:
        raise NoToken(f"The keyring of this machine is closed ({type(error).__name__}).", _set()) from None


def _ring() -> ModuleType:
    try:
        import keyring
    except ImportError:
        raise NoToken(_INSTALL) from None
    return keyring


def _set() -> str:
    return f"For scripts, {VARIABLE} in the environment holds one."
