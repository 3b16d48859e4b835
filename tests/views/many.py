"""What dana pastes when she asks for many at once."""

from __future__ import annotations

from typing import Any

from django.test import Client

from mitigations.models import Mitigation, Pairing
from tests.views.asking import typed

MANY = "/mitigations/new/many/"
THREE = ("203.0.113.1", "203.0.113.2/32", "2001:db8::/64")


def pasted(pairing: Pairing, /, *lines: str, **changes: str) -> dict[str, str]:
    rest = typed(pairing, **changes)
    del rest["ip_cidr"]
    return {"targets": "\n".join(lines), **rest}


def press(client: Client, pairing: Pairing, /, *lines: str, button: str = "", **changes: Any) -> Any:
    """Press a button of the form: ask, drop, mend (with a value), or the one that checks, which has no name."""
    name, _, value = button.partition("=")
    pressed = {name: value or "1"} if name else {}
    return client.post(MANY, {**pasted(pairing, *lines, **changes), **pressed})


def ask_many(client: Client, pairing: Pairing, *lines: str) -> list[Mitigation]:
    answer = press(client, pairing, *lines, button="ask")
    assert answer.status_code == 302, answer.content.decode()
    return list(Mitigation.objects.order_by("-pk")[: len(lines)])[::-1]
