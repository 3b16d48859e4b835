"""What dana types when she asks."""

from __future__ import annotations

from typing import Any

from django.test import Client

from mitigations.models import Pairing

NEW = "/mitigations/new/"


def typed(pairing: Pairing, /, **changes: str) -> dict[str, str]:
    return {
        "ip_cidr": "203.0.113.7/32",
        "pairing": str(pairing.pk),
        "minutes_before_auto_stop": "90",
        "comment": "UDP flood",
        "reason": "The shop is down since 02:50.",
        "ticket": "INC-1",
        **changes,
    }


def ask(client: Client, pairing: Pairing, /, **changes: str) -> Any:
    return client.post(NEW, {**typed(pairing, **changes), "ask": "1"})


def check(client: Client, pairing: Pairing, /, **changes: str) -> Any:
    return client.post(NEW, typed(pairing, **changes))
