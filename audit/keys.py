"""The keys of the settings: the one that signs, and all that are believed."""

from __future__ import annotations

from django.conf import settings

from audit.signing import PublicKey, SigningKey, public_key, signing_key


def signing() -> SigningKey | None:
    """The key that signs checkpoints; None when there is none. Raises BadKey."""
    return signing_key(settings.AUDIT_SIGNING_KEY) if settings.AUDIT_SIGNING_KEY else None


def believed() -> list[PublicKey]:
    """The keys whose checkpoints count: the present one's public half, and former ones. Raises BadKey."""
    present = signing()
    return [*([present.public] if present else []), *(public_key(text) for text in settings.AUDIT_VERIFIER_KEYS)]
