from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from audit import vocabulary
from audit.selectors import Filter
from mitigations.forms.audit import LogForm


def filter_of(**typed: str) -> Filter:
    form = LogForm(typed)
    assert form.is_valid(), form.errors
    return form.filter


def complaint(**typed: str) -> str:
    form = LogForm(typed)
    assert not form.is_valid()
    return " ".join(sentence for sentences in form.errors.values() for sentence in sentences)


def at(*parts: int) -> datetime:
    return datetime(2026, 11, *parts, tzinfo=UTC)  # type: ignore[arg-type]


def test_wants_everything_when_nothing_is_typed() -> None:
    assert filter_of() == filter_of(words=" ", person="", review="") == Filter()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"person": " dana "}, {"actor_name": "dana"}),
        ({"subject": "mit-42"}, {"subject": "MIT-42"}),
        ({"subject": "Mit-42 again"}, {"subject": "Mit-42 again"}),
        ({"ip": "2001:DB8:0::1"}, {"ip": "2001:db8::1"}),
        (
            {"request": "r-1", "outcome": "refused", "review": "on"},
            {"request_id": "r-1", "outcome": "refused", "review": True},
        ),
        ({"deed": "mitigation.approved"}, {"deed": "mitigation.approved"}),
        ({"since": "2026-11-23"}, {"since": at(23)}),
        ({"since": "2026-11-23 03:00"}, {"since": at(23, 3)}),
        ({"since": "2026-11-23T03:00:07Z"}, {"since": at(23, 3, 0, 7)}),
        ({"until": "2026-11-23"}, {"until": at(24)}),
        ({"until": "2026-11-23 03:00 UTC"}, {"until": at(23, 3, 1)}),
        ({"until": "2026-11-23T03:00:07+00:00"}, {"until": at(23, 3, 0, 8)}),
    ],
)
def test_reads_what_is_typed(typed: dict[str, str], expected: dict[str, Any]) -> None:
    assert filter_of(**typed) == Filter(**expected)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"words": "?!"}, "“?!” holds no letter and no digit to look for."),
        ({"since": "yesterday"}, "“yesterday” is no day and no time. Write 2026-11-23, or 2026-11-23 03:00, in UTC."),
        ({"until": "2026-02-30"}, "“2026-02-30” is no day and no time."),
        ({"until": "9999-12-31"}, "“9999-12-31” is no day and no time."),
        ({"since": "２０２６-11-23"}, "is no day and no time."),
        ({"since": "2026-11-24", "until": "2026-11-23"}, "nothing can have happened between"),
        ({"ip": "203.0.113"}, "“203.0.113” is no IP address."),
        ({"deed": "mitigation.eaten"}, "“mitigation.eaten” is no deed that the log knows."),
        ({"outcome": "maybe"}, "“maybe” is no outcome. A deed is done or refused."),
        ({"before": "fish"}, "Enter a whole number."),
        ({"after": "9" * 40}, "less than or equal to"),
        ({"person": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_says_what_is_wrong(typed: dict[str, str], sentence: str) -> None:
    assert sentence in complaint(**typed)


def test_says_in_words_what_is_filtered_by() -> None:
    form = LogForm({"words": "shop", "deed": "mitigation.answered", "review": "on", "until": "2026-11-23"})

    assert form.is_valid()
    assert form.said == {
        "words": "Words: shop",
        "until": "Until (UTC): 2026-11-23",
        "deed": "Deed: answered by Kentik",
        "review": "Needs review",
    }


def test_offers_every_deed_once_in_words() -> None:
    groups = vocabulary.grouped()

    assert {"Account", "Mitigation", "Rules"} <= set(groups)
    for deeds in groups.values():
        assert len(set(deeds.values())) == len(deeds)
        assert not any("." in label or "-" in label.replace("auto-stop", "") for label in deeds.values())
