"""Signed notes: a short text and a signature that anybody with the public key can check, by any tool that reads them.

The form is the signed note of the Go checksum database (C2SP signed-note): the text, an empty line, and a line
"— NAME base64(key hash ‖ Ed25519 signature)". Keys are written as that tool writes them, `NAME+hash+base64` and
`PRIVATE+KEY+NAME+hash+base64`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_PRIVATE = "PRIVATE+KEY+"
_ED25519 = b"\x01"
_HASH, _SIGNATURE = 4, 64


class BadKey(ValueError):
    """`str()` of it is a sentence for people, without the key."""


class BadNote(ValueError):
    """`str()` of it is a sentence for people."""


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    name: str
    key: bytes

    @property
    def hash(self) -> bytes:
        """What tells keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_HASH]

    @property
    def id(self) -> str:
        """A short name for people: "breakwater+1a2b3c4d"."""
        return f"{self.name}+{self.hash.hex()}"

    def __str__(self) -> str:
        return f"{self.id}+{base64.b64encode(_ED25519 + self.key).decode()}"


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key; neither its repr nor its text shows it."""

    public: PublicKey
    _key: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"<signing key {self.public.id}>"

    __str__ = __repr__

    def sign(self, text: str) -> str:
        """The note. The text must end with a line feed."""
        signature = base64.b64encode(self.public.hash + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.public.name} {signature}\n"


def new_key(name: str) -> str:
    """A fresh private key as it is written down. It is shown to nobody but whoever keeps it."""
    key = Ed25519PrivateKey.generate()
    public = _public(name, key.public_key().public_bytes_raw())
    return f"{_PRIVATE}{public.id}+{base64.b64encode(_ED25519 + key.private_bytes_raw()).decode()}"


def signing_key(text: str) -> SigningKey:
    """Raises BadKey."""
    name, raw = _parsed(text.removeprefix(_PRIVATE)) if text.startswith(_PRIVATE) else ("", b"")
    if not raw:
        raise BadKey(f"This is no private key. It begins with {_PRIVATE}.")
    key = Ed25519PrivateKey.from_private_bytes(raw)
    return SigningKey(public=_public(name, key.public_key().public_bytes_raw()), _key=key)


def public_key(text: str) -> PublicKey:
    """Raises BadKey."""
    if text.startswith(_PRIVATE):
        raise BadKey("This is a private key: it must not be given to anybody who only verifies.")
    name, raw = _parsed(text)
    public = _public(name, raw)
    if str(public) != text.strip():
        raise BadKey("This is no public key: it does not agree with itself.")
    return public


def verified(note: str, keys: Iterable[PublicKey]) -> tuple[str, PublicKey]:
    """The text of a note, and which of the keys signed it. Raises BadNote when none of them did."""
    text, signatures = _apart(note)
    for key in keys:
        for name, signature in signatures:
            if name == key.name and signature[:_HASH] == key.hash and _fits(key, signature[_HASH:], text):
                return text, key
    raise BadNote("None of the known keys has signed this.")


def _apart(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.splitlines()
    if not blank or not lines or not all(line.startswith("— ") for line in lines):
        raise BadNote("This is no signed note.")
    return f"{text}\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix("— ").partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("This is no signed note: its signature cannot be read.") from None
    return name, raw


def _fits(key: PublicKey, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _parsed(text: str) -> tuple[str, bytes]:
    name, _, rest = text.strip().partition("+")
    _, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if raw[:1] != _ED25519 or len(raw) != 33:
        raise BadKey("This is no key. A key reads NAME+hash+base64, as `manage.py audit_key` writes it.")
    return name, raw[1:]


def _public(name: str, raw: bytes) -> PublicKey:
    if not name or any(letter.isspace() or letter == "+" for letter in name):
        raise BadKey("The name of a key is one word without “+”, such as the portal's host.")
    return PublicKey(name=name, key=raw)
