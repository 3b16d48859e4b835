"""Template tags of every page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Protocol

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from portal.ui import charts, clock, icons, words
from portal.ui.charts import Point

register = template.Library()

# More addresses than these are no number that says anything to anybody.
_COUNTABLE = 2**33
_BEFORE_A_GROUP = re.compile("(?<=:)(?=[0-9a-f])")


class Named(Protocol):
    @property
    def username(self) -> str: ...
    @property
    def name(self) -> str: ...


register.simple_tag(icons.icon)

register.filter("duration", words.duration)
register.filter("span", words.span)
register.filter("skew", words.skew)


register.filter("exact", clock.own)
register.filter("exact_utc", clock.utc)
register.simple_tag(clock.zone, name="zone")


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """A time relative to now, with the exact one on hover; `countdown.js` keeps it current."""
    if at is None:
        return SafeString("–")
    return _time(at, words.from_now(timezone.now() - at), on_hover=clock.both(at), kind="ago")


@register.simple_tag
def at(at: datetime) -> SafeString:
    """An exact time as the reader tells it, with UTC on hover."""
    return _time(at, clock.own(at), on_hover=clock.utc(at))


@register.simple_tag
def day(at: datetime) -> SafeString:
    """The reader's day, with the exact time on hover."""
    return _time(at, clock.own_day(at), on_hover=clock.both(at))


@register.simple_tag
def time_of_day(at: datetime) -> SafeString:
    """The reader's time of the day, to the minute, with the exact time on hover."""
    return _time(at, clock.own_time(at), on_hover=clock.both(at))


@register.simple_tag
def left(until: datetime | None) -> SafeString:
    """How long until a time; `countdown.js` keeps it current where there is JavaScript."""
    if until is None:
        return SafeString("no auto-stop")
    said = f"{words.span(until - timezone.now())} left" if until > timezone.now() else "over"
    return _time(until, said, on_hover=clock.both(until), kind="countdown")


def _time(at: datetime, said: str, *, on_hover: str, kind: str = "exactly") -> SafeString:
    return format_html('<time class="{}" datetime="{}" title="{}">{}</time>', kind, clock.machine(at), on_hover, said)


@register.filter
def parted(text: str) -> SafeString:
    """An address that breaks, where it must, before a group of IPv6 and nowhere else. What is copied is the address."""
    return SafeString(_BEFORE_A_GROUP.sub("<wbr>", conditional_escape(text)))


@register.simple_tag
def prefix(text: str) -> SafeString:
    """A prefix in the face in which its digits stand under each other; how many addresses it holds on hover."""
    count = ip_network(text).num_addresses
    title = "1 address" if count == 1 else f"{count:,} addresses" if count < _COUNTABLE else ""
    return format_html('<span class="mono prefix" title="{}">{}</span>', title, parted(text))


@register.simple_tag
def person(someone: Named) -> SafeString:
    """Somebody by the name that they sign in with, which is unique; with their whole name on hover."""
    return format_html('<span class="person" title="{}">{}</span>', someone.name, someone.username)


@register.simple_tag
def gauge(since: datetime, until: datetime) -> SafeString:
    """A bar for how much of a time is left; the words for that stand beside it."""
    left = max(min((until - timezone.now()) / (until - since), 1), 0) if until > since else 0
    return format_html(
        '<svg class="gauge" width="100%" height="6" aria-hidden="true">'
        '<rect class="track" width="100%" height="6" rx="3"/><rect class="bar" width="{}%" height="6" rx="3"/></svg>',
        round(100 * left),
    )


@register.filter
def grouped(count: int) -> str:
    """A number with its thousands parted: 12,345."""
    return f"{count:,}"


@register.filter
def pretty_json(text: str) -> str:
    """JSON indented for reading; any other text as it is."""
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        return text
    return json.dumps(parsed, indent=2, ensure_ascii=False)


@register.inclusion_tag("components/_bars.html")
def bars(title: str, points: Sequence[Point]) -> dict[str, Any]:
    """A table of names and numbers with a bar in each row."""
    return {"title": title, "bars": charts.bars(points)}


@register.inclusion_tag("components/_columns.html")
def columns(id: str, title: str, points: Sequence[Point]) -> dict[str, Any]:
    """Columns over time. The page has the same numbers in a table; `id` is this chart's own on it."""
    return {"id": id, "title": title, "chart": charts.columns(points)}
