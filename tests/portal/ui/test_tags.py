from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, timezone

import pytest
import time_machine
from django.template import Context, Template

from portal.ui.tags import exact, left, pretty_json, when
from tests.making import NOW


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


class TestWhen:
    def test_is_relative_with_the_exact_time_on_hover(self) -> None:
        assert when(NOW - timedelta(minutes=3)) == (
            '<time datetime="2026-11-23T02:57:00+00:00" title="2026-11-23 02:57:00 UTC">3 min ago</time>'
        )

    def test_is_exact_in_utc_whatever_the_zone(self) -> None:
        assert exact(NOW.astimezone(timezone(timedelta(hours=9)))) == "2026-11-23 03:00:00 UTC"

    def test_of_nothing_is_a_dash(self) -> None:
        assert when(None) == "–"


class TestLeft:
    def test_counts_down(self) -> None:
        assert left(NOW + timedelta(minutes=42)) == (
            '<time class="countdown" datetime="2026-11-23T03:42:00+00:00" title="2026-11-23 03:42:00 UTC">'
            "42 min left</time>"
        )

    @pytest.mark.parametrize("past", [timedelta(0), timedelta(seconds=1)])
    def test_is_over_when_it_is(self, past: timedelta) -> None:
        assert ">over</time>" in left(NOW - past)

    def test_of_no_auto_stop_says_so(self) -> None:
        assert left(None) == "no auto-stop"


class TestPrettyJson:
    def test_is_indented_in_the_order_that_it_has(self) -> None:
        assert pretty_json('{"b":"ü","a":1}') == '{\n  "b": "ü",\n  "a": 1\n}'

    @pytest.mark.parametrize("text", ["", "<html>", '{"a":'])
    def test_of_something_else_is_that(self, text: str) -> None:
        assert pretty_json(text) == text

    def test_is_escaped_in_a_page(self) -> None:
        page = Template("{{ text|pretty_json }}").render(Context({"text": '{"a":"<b>"}'}))
        assert "<b>" not in page
