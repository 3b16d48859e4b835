from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from audit import sealing
from audit.models import Channel
from audit.sealing import Unreadable, seal, unseal
from mitigations.services import resealing
from tests.making import make_channel

ADDRESS = "jsons://hooks.example.net/canary-5e1f"


def stored() -> str:
    """All that the table of the channels holds, as a copy of the database would show it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_channel")
        return str(cursor.fetchall())


def other_key(settings: Any, *, known: bool) -> None:
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "y" * 60, [former] if known else []


def test_what_is_sealed_is_read_again_and_looks_like_nothing() -> None:
    sealed = seal(ADDRESS)
    assert unseal(sealed) == ADDRESS
    assert "canary" not in sealed
    assert seal(ADDRESS) != sealed


def test_it_is_read_by_a_former_key_as_long_as_that_is_known(settings: Any) -> None:
    sealed = seal(ADDRESS)
    other_key(settings, known=True)
    assert unseal(sealed) == ADDRESS
    assert not sealing.is_by_the_newest_key(sealed)


def test_without_its_key_it_is_not_read(settings: Any) -> None:
    sealed = seal(ADDRESS)
    other_key(settings, known=False)
    with pytest.raises(Unreadable, match="SECRET_KEY that is not known any more"):
        unseal(sealed)


@pytest.mark.parametrize("text", ["", "fish", ADDRESS, "gAAAAA"])
def test_what_was_never_sealed_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        unseal(text)


@pytest.mark.django_db
class TestChannels:
    def test_stand_in_the_database_without_a_token(self) -> None:
        assert make_channel(address=ADDRESS).address == ADDRESS
        assert "canary" not in stored()

    def test_are_sealed_anew_once_the_key_has_changed(self, settings: Any) -> None:
        make_channel(address=ADDRESS)
        other_key(settings, known=True)
        assert resealing.seal_anew() == 1
        settings.SECRET_KEY_FALLBACKS = []
        assert Channel.objects.get().address == ADDRESS
        assert resealing.seal_anew() == 0

    def test_of_a_key_that_is_lost_are_left_as_they_are_and_keep_nothing_from_running(self, settings: Any) -> None:
        make_channel(address=ADDRESS)
        before = stored()
        other_key(settings, known=False)
        assert resealing.seal_anew() == 0
        assert stored() == before
