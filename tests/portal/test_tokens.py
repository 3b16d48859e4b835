"""The tokens of the stylesheet: documented, and legible by day and by night."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from portal.ui.tokens import tokens

ROOT = Path(__file__).parents[2]
TOKENS = {token.name: token for token in tokens()}
# What stands on what, as text.
TEXTS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("muted", "paper"),
    ("muted", "card"),
    ("accent", "paper"),
    ("accent", "card"),
    ("accent", "info-soft"),
    ("accent", "bad-soft"),
    ("accent", "warn-soft"),
    ("accent-ink", "accent"),
    ("deep-ink", "deep"),
    ("good", "card"),
    ("good", "paper"),
    ("good", "good-soft"),
    ("warn", "card"),
    ("warn", "paper"),
    ("warn", "warn-soft"),
    ("bad", "card"),
    ("bad", "paper"),
    ("bad", "bad-soft"),
    ("bad-ink", "bad"),
    ("ink", "bad-soft"),
    ("ink", "warn-soft"),
    ("ink", "good-soft"),
    ("ink", "info-soft"),
    ("muted", "bad-soft"),
    ("muted", "info-soft"),
]


def contrast(one: str, other: str) -> float:
    """By WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_what_the_standard_says_of_its_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read_on_its_ground_by_day_and_by_night(text: str, ground: str) -> None:
    over, under = TOKENS[text], TOKENS[ground]
    assert contrast(over.day, under.day) >= 4.5
    assert contrast(over.night, under.night) >= 4.5


def test_what_can_be_filled_in_is_seen_on_its_ground() -> None:
    for ground in ("card", "paper"):
        assert contrast(TOKENS["field"].day, TOKENS[ground].day) >= 3
        assert contrast(TOKENS["field"].night, TOKENS[ground].night) >= 3


def test_the_document_names_every_token_and_no_other() -> None:
    text = (ROOT / "docs/interface.md").read_text()
    table = text.partition("<!-- tokens")[2].partition("<!-- /tokens -->")[0]
    firsts = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert [name for first in firsts for name in re.findall(r"`([a-z0-9-]+)`", first)] == list(TOKENS)


def test_the_stylesheet_stays_under_8_kilobytes() -> None:
    assert len(gzip.compress((ROOT / "static/breakwater.css").read_bytes(), 9)) < 8_192


def test_every_colour_outside_the_tokens_is_light_on_the_dark_side_or_a_shadow() -> None:
    """A colour that is no token is the same by day and by night, so few may be."""
    rules = (ROOT / "static/breakwater.css").read_text().partition("\n}\n")[2].partition("@media print")[0]
    assert set(re.findall(r"#[0-9a-f]{6,8}\b", rules)) <= {
        "#ffffff", "#ffffff08", "#ffffff14", "#ffffff1f", "#ffffff26", "#ffffff33", "#0b355008", "#f2bd62", "#2a1d00"
    }  # fmt: skip
