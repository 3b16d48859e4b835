"""The commands that have to do with getting in."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import factors
from accounts.models import Expected
from accounts.secrets import are_keys, new_key
from audit import selectors
from tests.making import NOW
from tests.people import Cast, acting


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_factor_key_makes_a_key() -> None:
    assert are_keys([run("factor_key")])


def test_rotate_factor_keys_changes_nothing_when_a_secret_cannot_be_read(cast: Cast, settings) -> None:
    factors.add_app(secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", by=acting(cast.lee), at=NOW)
    before = Authenticator.objects.get().data
    settings.FACTOR_KEYS = [new_key()]
    with pytest.raises(CommandError, match="Put that key back"):
        run("rotate_factor_keys")
    assert Authenticator.objects.get().data == before


def test_rotate_factor_keys_says_how_many_there_were(cast: Cast, settings) -> None:
    factors.add_app(secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", by=acting(cast.lee), at=NOW)
    settings.FACTOR_KEYS = [new_key(), *settings.FACTOR_KEYS]
    assert run("rotate_factor_keys").startswith("1 are encrypted")


def test_invite_has_an_account_wait_for_an_address(cast: Cast) -> None:
    run("expect", "dana", "Dana@example.net")
    assert Expected.objects.get().email == "dana@example.net"
    assert selectors.story("dana")[-1].sentence == "manage.py lets dana sign in by single sign-on"


@pytest.mark.parametrize(("name", "email"), [("nobody", "x@example.net"), ("kim", "dana@example.net")])
def test_invite_says_what_is_wrong(name: str, email: str, cast: Cast) -> None:
    run("expect", "dana", "dana@example.net")
    with pytest.raises(CommandError):
        run("expect", name, email)
