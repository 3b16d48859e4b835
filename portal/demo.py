"""Writes .env.demo, the settings of `make demo`, with fresh secrets. A file that is there already stays as it is."""

from __future__ import annotations

import secrets
from pathlib import Path

from accounts.secrets import new_key as new_factor_key
from audit.signing import new_key

WORDS = ("harbour", "lantern", "granite", "tide", "mooring", "beacon", "current", "anchor")


def settings() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DEMO_PASSWORD": f"{secrets.choice(WORDS)}-{secrets.choice(WORDS)}-{secrets.randbelow(9000) + 1000}",
        "DATABASE_URL": "sqlite:///demo.sqlite3",
        "KENTIK_BASE_URL": "http://127.0.0.1:8001",
        # The sandbox speaks both of Kentik's APIs at one address.
        "KENTIK_V6": "True",
        "KENTIK_API_EMAIL": "breakwater@example.net",
        "KENTIK_API_TOKEN": secrets.token_hex(16),
        "HTTPS_ONLY": "False",
        # Whoever tries a channel in the demo has its other end on this machine.
        "OUTGOING_NETWORKS": "127.0.0.0/8",
        "FACTOR_KEYS": new_factor_key(),
        # Long enough to try everything without being asked twice.
        "PROOF_MAX_AGE_MINUTES": "720",
        "AUDIT_SIGNING_KEY": new_key("breakwater-demo"),
        "LOG_FORMAT": "plain",
    }


def write(path: Path) -> None:
    if path.exists():
        return
    lines = "".join(f"{name}={value}\n" for name, value in settings().items())
    path.touch(mode=0o600)
    path.write_text("# Written by `make demo`. Delete it for fresh secrets.\n" + lines)


if __name__ == "__main__":
    write(Path(".env.demo"))
