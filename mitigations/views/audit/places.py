"""Where the things are that the log speaks of, for whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.authority import Actor, Deed, may
from audit.selectors import Entry
from mitigations.policies.network import Prefix, parse
from mitigations.policies.plan import Part

_REFERENCE = r"MIT-[1-9][0-9]{0,17}"
_VERSION = re.compile(r"version ([1-9][0-9]{0,8}) of the rules")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a text, and where it leads, if anywhere."""

    text: str
    address: str = ""


def address(entry: Entry, *, reader: Actor) -> str:
    """The page of what a deed was done to; empty where there is none, or none that the reader may see."""
    if re.fullmatch(_REFERENCE, entry.subject):
        return reverse("mitigation", args=[entry.subject])
    if version := _VERSION.fullmatch(entry.subject):
        return reverse("rules-version", args=[version[1]])
    match entry.deed.partition(".")[0]:
        case "account":
            return by(entry.subject)
        case "rules":
            return reverse("rules" if may(reader, Deed.EDIT_RULES) else "rules-draft")
        case "plan":
            return _in_the_plan(entry)
        case "channel":
            return "" if may(reader, Deed.EDIT_CHANNELS) else reverse("channels")
        case "catalogue" | "preset" as thing:
            return reverse({"catalogue": "catalogue", "preset": "presets"}[thing])
    return reverse("elsewhere") if entry.deed == "kentik.seen-elsewhere" else ""


def by(name: str) -> str:
    """All that somebody did."""
    return f"{reverse('audit')}?{urlencode({'person': name})}"


def told(entry: Entry, *, reader: Actor) -> list[Piece]:
    """The sentence, with links to who did it, to what it was done to, and to every mitigation that it names."""
    links = {entry.actor: by(entry.actor)}
    if found := address(entry, reader=reader):
        links[entry.subject] = found
    return list(_linked(entry.sentence, links))


def noted(entry: Entry) -> list[Piece]:
    return list(_linked(entry.note, {}))


def _linked(text: str, links: dict[str, str]) -> Iterator[Piece]:
    """Each text of `links` leads somewhere once, where it first stands by itself."""
    names = [re.escape(name) for name in sorted(links, key=len, reverse=True) if name]
    done = 0
    for match in re.finditer(rf"(?<!\w)(?:{'|'.join([*names, _REFERENCE])})(?!\w)", text):
        found = match[0]
        target = links.pop(found, "")
        if not target and re.fullmatch(_REFERENCE, found):
            target = reverse("mitigation", args=[found])
        if target:
            yield Piece(text=text[done : match.start()])
            yield Piece(text=found, address=target)
            done = match.end()
    yield Piece(text=text[done:])


def _in_the_plan(entry: Entry) -> str:
    for part in Part:
        if part.words in entry.sentence:
            inside = f"?{urlencode({'inside': entry.subject})}" if isinstance(parse(entry.subject), Prefix) else ""
            return f"{reverse('plan', args=[part])}{inside}"
    return reverse("plan", args=[Part.SPACE])
