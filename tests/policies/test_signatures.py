from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies import signatures

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_is_what_others_compute_too() -> None:
    """printf '1764557000.{"a": 1}' | openssl dgst -sha256 -hmac canary"""
    known = "36f4f8ac f5a07305 85821f97 effbbf94 c59e6173 10c4b4fe 4d1c8d6f 9f5882b9".replace(" ", "")

    assert signatures.sign("canary", timestamp="1764557000", body=b'{"a": 1}') == f"v1={known}"


@given(st.text(), st.text(), st.binary(), st.binary(), st.text())
def test_fits_what_was_signed_and_nothing_else(secret: str, at: str, body: bytes, other: bytes, wrong: str) -> None:
    made = signatures.sign(secret, timestamp=at, body=body)

    assert signatures.fits(made, secret, timestamp=at, body=body)
    assert signatures.fits(made, secret, timestamp=at, body=other) is (other == body)
    assert not signatures.fits(wrong, secret, timestamp=at, body=body)


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_is_timely_for_five_minutes(seconds: int) -> None:
    assert signatures.is_timely(str(int((NOW + seconds * SECOND).timestamp())), at=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_is_not_timely_beyond_that(seconds: int) -> None:
    assert not signatures.is_timely(str(int((NOW + seconds * SECOND).timestamp())), at=NOW)


@given(st.text())
def test_takes_no_time_of_another_form(text: str) -> None:
    assert not signatures.is_timely(text, at=NOW)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e9", "١٧٦٤", "9" * 11, "9" * 40, " 1764557000"])
def test_takes_no_strange_time(text: str) -> None:
    assert not signatures.is_timely(text, at=NOW)
