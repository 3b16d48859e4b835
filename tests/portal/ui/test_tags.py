from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template

from portal.ui import clock
from portal.ui.tags import at, day, left, parted, prefix, pretty_json, time_of_day, when
from tests.making import NOW


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def in_kolkata() -> Iterator[None]:
    with clock.read_in(ZoneInfo("Asia/Kolkata"), twelve_hours=False):
        yield


class TestWhen:
    def test_is_relative_with_the_exact_time_on_hover(self) -> None:
        assert when(NOW - timedelta(minutes=3)) == (
            '<time class="ago" datetime="2026-11-23T02:57:00+00:00" title="2026-11-23 02:57:00 UTC">3 min ago</time>'
        )

    def test_has_the_readers_time_and_utc_on_hover(self, in_kolkata: None) -> None:
        assert when(NOW - timedelta(minutes=3)) == (
            '<time class="ago" datetime="2026-11-23T02:57:00+00:00" '
            'title="2026-11-23 08:27:00 IST, 2026-11-23 02:57:00 UTC">3 min ago</time>'
        )

    def test_of_nothing_is_a_dash(self) -> None:
        assert when(None) == "–"


class TestAt:
    def test_is_the_readers_with_utc_on_hover(self, in_kolkata: None) -> None:
        assert at(NOW) == (
            '<time class="exactly" datetime="2026-11-23T03:00:00+00:00" title="2026-11-23 03:00:00 UTC">'
            "2026-11-23 08:30:00 IST</time>"
        )


class TestDay:
    def test_is_the_readers(self, in_kolkata: None) -> None:
        assert ">23 November 2026</time>" in day(NOW - timedelta(hours=8))
        assert 'title="2026-11-23 00:30:00 IST, 2026-11-22 19:00:00 UTC"' in day(NOW - timedelta(hours=8))


class TestTimeOfDay:
    def test_is_the_readers_to_the_minute(self, in_kolkata: None) -> None:
        assert ">08:30 IST</time>" in time_of_day(NOW)
        assert 'title="2026-11-23 08:30:00 IST, 2026-11-23 03:00:00 UTC"' in time_of_day(NOW)


class TestLeft:
    def test_counts_down(self) -> None:
        assert left(NOW + timedelta(minutes=42)) == (
            '<time class="countdown" datetime="2026-11-23T03:42:00+00:00" title="2026-11-23 03:42:00 UTC">'
            "42 min left</time>"
        )

    def test_has_the_readers_time_and_utc_on_hover(self, in_kolkata: None) -> None:
        hover = 'title="2026-11-23 09:12:00 IST, 2026-11-23 03:42:00 UTC"'
        assert hover in left(NOW + timedelta(minutes=42))

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


class TestAPrefix:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("203.0.113.7/32", ["203.0.113.7/32"]),
            ("2001:db8::/48", ["2001:", "db8::/48"]),
            ("2001:db8::7/128", ["2001:", "db8::", "7/128"]),
        ],
    )
    def test_breaks_before_a_group_of_ipv6_and_nowhere_else(self, text: str, parts: list[str]) -> None:
        assert f">{'<wbr>'.join(parts)}</span>" in prefix(text)

    def test_is_escaped_where_it_is_parted(self) -> None:
        assert parted("<b>:a") == "&lt;b&gt;:<wbr>a"
