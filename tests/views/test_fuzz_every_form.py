"""Whatever comes in at whatever address, from whomever: the portal answers, and it never breaks.

`test_fuzz.py` goes deeper where people type most. Here every route of the URL conf is visited by somebody who may, and
by everybody else, with the fields of its own form and of all others.
"""

from __future__ import annotations

import os
import random
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import Cast, browser_of
from tests.views.pages import Element, Page
from tests.views.test_every_form import who_may
from tests.views.test_every_url import EXPECTED, address, routes

pytestmark = [pytest.mark.any_database, pytest.mark.no_cover]

FUZZ = settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
ROUTES = sorted(set(routes()))
POSTED = [route for route in ROUTES if not set(EXPECTED["POST", route].values()) <= {"403", "405", "gate", "sign-in"}]
NUMBERED = [route for route in ROUTES if "<int:" in route or "<path:object_id>" in route or "<ref:" in route]
PEOPLE = ("dana", "lee", "ana", "max", "eve", "anybody")

# Every kind of nonsense goes to some of the routes, and every route gets some of each; EVERY_LOOK sends all to all.
_APART = 1 if "EVERY_LOOK" in os.environ else 3


def some(of: list[str], turn: int) -> list[str]:
    return of[turn % _APART :: _APART]


NASTY = [
    *("", " ", "\x00", "a\x00b", "\ud800", "\udfff", "\ufeff", "\u202eabc", "\r\n", "\x1b[31m", "é" * 300, "𝟏", "١٢٣"),
    *("-1", "0", "1e309", "NaN", "inf", "0x10", "1_000", "+1", "1.5", "9" * 400, "9223372036854775808"),
    *(
        "-9223372036854775809",
        "[]",
        "{}",
        "null",
        "true",
        "%",
        "%s%n",
        "%00",
        "../../etc/passwd",
        "'",
        '"',
        "\\",
        "$(id)",
    ),
    *("0000-00-00", "2026-02-30", "10000-01-01", "2026-W99", "25:61", "0.0.0.0/0", "::/0", "::ffff:1.2.3.4/128"),
    *("1.2.3.4/-1", "fe80::1%eth0", "203.0.113.7/32" * 100, "MIT-0", "MIT-" + "9" * 18, "Asia/../../etc/passwd"),
    "x" * 1_000_000,
]
values = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=30), st.integers().map(str), st.ip_addresses().map("{}/33".format)
)


class Form:
    """What a page would send: the names of its fields, with what stands in them."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields

    def spoilt(self, changes: list[tuple[int, str]], more: list[tuple[str, str]]) -> bytes:
        fields = list(self.fields)
        for place, value in changes:
            if fields:
                place %= len(fields)
                fields[place] = (fields[place][0], value)
        return encoded([*fields, *more])


def encoded(fields: list[tuple[str, str]]) -> bytes:
    """As a browser would not: lone halves of characters go out as they are."""
    pairs = [[quote_from_bytes(text.encode("utf-8", "surrogatepass")) for text in pair] for pair in fields]
    return "&".join("=".join(pair) for pair in pairs).encode()


def fields_of(element: Element) -> list[tuple[str, str]]:
    fields = [each for each in element.all() if each.tag in {"input", "select", "textarea", "button"}]
    named = [(each.attributes["name"], _standing_in(each)) for each in fields if each.attributes.get("name")]
    return [(name, value) for name, value in named if name != "csrfmiddlewaretoken"]


def _standing_in(field: Element) -> str:
    if field.tag == "select":
        options = field.all("option", selected="") or field.all("option")
        return options[-1].attributes.get("value", "") if options else ""
    return field.exact_text if field.tag == "textarea" else field.attributes.get("value", "on")


def form_at(place: str, browser: Client) -> Form:
    answer = browser.get(place)
    if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return Form([])
    return Form([field for form in Page(answer).main.all("form") for field in fields_of(form)])


@cache
def names_of_all_forms() -> tuple[str, ...]:
    """Also those that only a view reads: by a look at its code."""
    code = "".join(path.read_text() for path in Path("mitigations").rglob("*.py"))
    read = set(re.findall(r"(?:POST|GET)(?:\.get|\.getlist)?[\[(]\"(\w+)\"", code))
    return tuple(sorted(read | set(re.findall(r"^    (\w+) = (?:forms\.)?\w*Field\(", code, re.MULTILINE))))


def read(answer: Any) -> int:
    """Its status, once it has been sent whole."""
    if answer.streaming:
        b"".join(answer)
    return int(answer.status_code)


names = st.one_of(st.deferred(lambda: st.sampled_from(names_of_all_forms())), st.text(max_size=10))
more_fields = st.lists(st.tuples(names, values), max_size=4)
changes = st.lists(st.tuples(st.integers(0, 40), values), min_size=1, max_size=3)


@pytest.mark.parametrize("route", POSTED)
def test_every_form_answers_whatever_is_typed(route: str, cast: Cast) -> None:
    place = address(route)
    browser = browser_of(getattr(cast, who_may("POST", route)))
    form = form_at(place, browser)

    @FUZZ
    @given(changed=changes, more=more_fields)
    def answers(changed: list[tuple[int, str]], more: list[tuple[str, str]]) -> None:
        answer = browser.post(place, form.spoilt(changed, more), "application/x-www-form-urlencoded")
        assert read(answer) < 500

    answers()


@pytest.mark.parametrize("route", POSTED)
def test_every_field_answers_to_a_million_characters_and_to_what_looks_like_a_file(route: str, cast: Cast) -> None:
    place = address(route)
    browser = browser_of(getattr(cast, who_may("POST", route)))
    form = form_at(place, browser)
    everywhere = [(number, '"a"b,c\n"') for number in range(len(form.fields))]
    for changed in (everywhere, *([(number, "1" * 1_000_000)] for number in range(min(len(form.fields), 3)))):
        answer = browser.post(place, form.spoilt(changed, []), "application/x-www-form-urlencoded")
        assert read(answer) < 500, changed[0][0]


BODIES: dict[str, tuple[str, bytes]] = {
    "no end": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nabc'),
    "no boundary": ("multipart/form-data", b"--x--"),
    "a boundary that is none": ("multipart/form-data; boundary=\xc3\xa9".encode().decode("latin1"), b"--x--"),
    "no name": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
    "broken base64": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x--',
    ),
    "a file where a text should be": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="note"; filename="../../x\x00"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ),
    "JSON": ("application/json", b'{"note": ["a", {"b": null}], "do": true}'),
    "plain text": ("text/plain", b"note=x"),
    "no type": ("", b"note=x"),
    "a charset that is none": ("application/x-www-form-urlencoded; charset=nope", b"note=x"),
    "another charset": ("application/x-www-form-urlencoded; charset=utf-16", b"\xff\xfen\x00=\x00x\x00"),
    "no UTF-8": ("application/x-www-form-urlencoded", b"note=%ff%fe&%ff=%ff&\xff\xfe=\xff"),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=" % number for number in range(1200))),
    "one name a thousand times": ("application/x-www-form-urlencoded", b"&".join([b"references=MIT-1"] * 900)),
    "nothing": ("application/x-www-form-urlencoded", b""),
    "only signs": ("application/x-www-form-urlencoded", b"&&&===;;;%%%"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_every_form_answers_whatever_its_body_is(kind: str, cast: Cast) -> None:
    content_type, body = BODIES[kind]
    for route in some(POSTED, list(BODIES).index(kind)):
        browser = browser_of(getattr(cast, who_may("POST", route)))
        answer = browser.generic("POST", f"{address(route)}?only=%e4", body, content_type)
        assert read(answer) < 500, route


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_answers_whoever_sends_whatever_to_it(who: str, cast: Cast) -> None:
    chance = random.Random(who)
    browser = Client() if who == "anybody" else browser_of(getattr(cast, who))
    for route in some(ROUTES, PEOPLE.index(who)):
        place = address(route)
        fields = [(chance.choice(names_of_all_forms()), chance.choice(NASTY[:-1])) for _ in range(12)]
        for answer in (
            browser.get(f"{place}?{encoded(fields).decode()}"),
            browser.post(place, encoded(fields), "application/x-www-form-urlencoded"),
        ):
            assert read(answer) < 500, f"{place}: {fields}"


@pytest.mark.parametrize("number", ["0", "9223372036854775807", "9223372036854775808", "9" * 40, "9" * 5000])
def test_a_number_in_an_address_may_be_as_large_as_it_likes(number: str, cast: Cast) -> None:
    for route in NUMBERED:
        place = re.sub(r"\d+", number, address(route))
        browser = browser_of(getattr(cast, who_may("GET", route)))
        for answer in (browser.get(place), browser.post(place, {"note": "x"})):
            assert read(answer) < 500, place
