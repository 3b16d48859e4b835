"""Which words an event is found by, and what people look for. Pure, and the same for both databases.

A word is a run of letters and digits, in small letters; everything else only parts them. So `203.0.113.7/32` is five
words, and neither database's idea of a word plays any part. As each of the five is frequent by itself, words that signs
tie together are kept as runs too: `203.0`, `203.0.113` and so on, one of which is what somebody types.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit import vocabulary

_WORD = re.compile(r"[^\W_]+")
_TIED = re.compile(r"[^\W_]+(?:[-.:/@_]+[^\W_]+)*")
_ASKED = re.compile(r'"([^"]*)"?|([^\s"]+)')
# Longer ones are found by their beginning. PostgreSQL takes words of 2 kB, and 16,383 places.
_LONGEST, _MOST = 64, 8_000
_MOST_ASKED = 32
# Words in the longest run: an IPv4 prefix and one more. Longer ones are found by the runs in them.
_RUN = 6
# Stands in no word: it parts texts, so that no phrase runs from one into the next, and marks what nobody can type.
_MARK = "·"
# Facts that name what a deed was about, besides its subject.
_NAMES = ("target", "targets")
# Of what stands beside the hashed text, what is no word of anybody.
_SILENT = frozenset({"salt", "ip", "user_agent"})
# What the log is filtered by is found with the words, so that no filter has to be tried on each of many hits.
FACETS = ("actor_name", "deed", "outcome", "subject", "ip", "review", "request_id")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words in a row, or a run of them as one; `beginning`: the last one may go on."""

    words: tuple[str, ...]
    beginning: bool = False


def tied(text: str) -> list[list[str]]:
    """The words of a text, those in one list that only signs as in 203.0.113.7/32 or MIT-42 stand between."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [[word[:_LONGEST] for word in _WORD.findall(chunk)] for chunk in _TIED.findall(plain)]


def of(event: Mapping[str, Any], detail: Mapping[str, Any]) -> list[str]:
    """Every word of an event in order, marks for what it is filtered by first.

    `event` is what its text says, `detail` what stands beside, empty once that is redacted.
    """
    about = [event["facts"].get(name, "") for name in _NAMES]
    notes = [value for name, value in detail.items() if name not in _SILENT]
    found = [facet(name, value) for name, value in _facets(event, detail) if value]
    for text in (vocabulary.told(event), event["subject"], *_texts(about), *_texts(notes)):
        chunks = tied(text)
        found += [_MARK, *(word for chunk in chunks for word in chunk), *_runs(chunks)]
    return found[:_MOST]


def facet(name: str, value: str | bool) -> str:
    """The mark of a value of one of the FACETS. Short and safe whatever the value is."""
    digest = hashlib.sha256(str(value).encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{_MARK}{_MARK}{name.replace('_', '')}{_MARK}{digest}"


def asked(text: str) -> list[Phrase]:
    """What somebody looks for: every word, phrases in quotes as they stand; the last word may be a beginning.

    A number is always a whole one: MIT-4 does not find MIT-42.
    """
    found: list[Phrase] = []
    for quoted, single in _ASKED.findall(text):
        found += _phrase(tied(quoted)) if quoted else [each for chunk in tied(single) for each in _asked_run(chunk)]
    found = found[:_MOST_ASKED]
    return [Phrase(words=each.words) for each in found[:-1]] + found[-1:]


def _phrase(chunks: list[list[str]]) -> list[Phrase]:
    row = tuple(word for chunk in chunks for word in chunk)[:_MOST_ASKED]
    return [Phrase(words=row)] if row else []


def _asked_run(chunk: list[str]) -> list[Phrase]:
    """The words as one run; of more than the longest run the first and the last that are in it."""
    beginning = not chunk[-1].isdigit()
    if len(chunk) == 1:
        return [Phrase(words=tuple(chunk), beginning=beginning)]
    first, last = _run(chunk[:_RUN]), _run(chunk[-_RUN:])
    return [*([Phrase(words=(first,))] if first != last else []), Phrase(words=(last,), beginning=beginning)]


def _runs(chunks: list[list[str]]) -> Iterator[str]:
    for chunk in chunks:
        for start in range(len(chunk) - 1):
            for end in range(start + 2, min(start + _RUN, len(chunk)) + 1):
                yield _run(chunk[start:end])


def _run(row: list[str]) -> str:
    return _MARK + _MARK.join(row)


def _facets(event: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterator[tuple[str, str | bool]]:
    for name in FACETS:
        yield name, (detail if name == "ip" else event).get(name, "")


def _texts(value: object) -> Iterator[str]:
    """Every text in a fact, however deep."""
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from _texts(each)
        case Mapping():
            for each in value.values():
                yield from _texts(each)
