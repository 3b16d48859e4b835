"""When to come again, and what time it is at Kentik."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responses import RequestsMock

from mitigations.kentik.headers import LONGEST_PAUSE, date, retry_after
from tests.kentik.calls import OK, URL, start

AT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
IN_TWO_MINUTES = "Sun, 06 Nov 1994 08:51:37 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 30 ", 30),
        ("600", 600),
        ("601", 600),
        ("9" * 5_000, 600),
        (IN_TWO_MINUTES, 120),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
        ("Mon, 07 Nov 1994 08:49:37 GMT", 600),
    ],
)
def test_reads_how_long_to_wait_in_both_forms(value: str, seconds: int) -> None:
    assert retry_after(value, at=AT) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [None, "", "soon", "-1", "1.5", "7s", "٣", "7, 7", "Sun, 06 Nov"])
def test_does_not_know_how_long_to_wait_when_it_is_odd(value: str | None) -> None:
    assert retry_after(value, at=AT) is None


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 09:49:37 +0100",
    ],
)
def test_reads_a_date_in_every_form_that_http_has(value: str) -> None:
    assert date(value) == AT


@pytest.mark.parametrize("value", [None, "", "yesterday", "Sun, 32 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"])
def test_has_no_date_when_it_is_odd(value: str | None) -> None:
    assert date(value) is None


@given(st.text() | st.text(alphabet="0123456789:+- ,SunNovGMT", max_size=40))
def test_reads_anything_without_raising(value: str) -> None:
    pause, now = retry_after(value, at=AT), date(value)

    assert pause is None or timedelta() <= pause <= LONGEST_PAUSE
    assert now is None or now.tzinfo is UTC


def test_gives_both_with_a_call(kentik: RequestsMock) -> None:
    kentik.post(URL, status=429, headers={"Retry-After": "7", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"})

    call = start()

    assert (call.retry_after, call.server_at) == (timedelta(seconds=7), AT)


def test_counts_a_date_to_come_again_from_kentiks_own_clock(kentik: RequestsMock) -> None:
    kentik.post(URL, status=429, headers={"Retry-After": IN_TWO_MINUTES, "Date": "Sun, 06 Nov 1994 08:49:37 GMT"})

    assert start().retry_after == timedelta(minutes=2)


def test_gives_neither_when_kentik_does_not(kentik: RequestsMock) -> None:
    kentik.post(URL, OK)

    call = start()

    assert (call.retry_after, call.server_at) == (None, None)


def test_gives_neither_when_no_answer_came(kentik: RequestsMock) -> None:
    kentik.post(URL, body=OSError())

    call = start()

    assert (call.retry_after, call.server_at) == (None, None)
