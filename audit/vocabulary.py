"""The words for deeds. Each package that writes events registers its own when the site starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Under which heading whoever audits finds an event that wants a look. What is grave comes first."""

    code: str
    words: str
    grave: bool = False


FORBIDDEN = Concern(code="forbidden", words="Tried without the right to", grave=True)
OTHER = Concern(code="other", words="Something else")

Review: TypeAlias = bool | Concern | None


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """`done` follows the actor's name ("lee approved MIT-42"), `tried` follows "could not".

    `review`: whoever audits should look at each of these, or at those with such facts. `review_forbidden`: and at each
    try of somebody who may not. `label`: what a list of deeds calls it, where the words of its code would not do.
    """

    done: str
    tried: str
    review: Review | Callable[[Mapping[str, Any]], Review] = None
    review_forbidden: bool = True
    label: str = ""


_phrases: dict[str, Phrase] = {}
_concerns: dict[str, Concern] = {}


def register(phrases: Mapping[str, Phrase], concerns: Iterable[Concern] = ()) -> None:
    _phrases.update(phrases)
    _concerns.update({concern.code: concern for concern in concerns})


def concerns() -> tuple[Concern, ...]:
    """All headings: what is grave first, each in the order in which they were registered."""
    known = (FORBIDDEN, *_concerns.values(), OTHER)
    return tuple(sorted(known, key=lambda concern: not concern.grave))


def named(code: str) -> Concern:
    """The heading of this code; that of everything else when nobody registers it any more."""
    return next((concern for concern in concerns() if concern.code == code), OTHER)


def is_known(deed: str) -> bool:
    return deed in _phrases


def label(deed: str) -> str:
    """What a list of deeds calls it, within its group: "stop ordered"."""
    phrase = _phrases.get(deed)
    return (phrase.label if phrase else "") or deed.partition(".")[2].replace("-", " ")


def grouped() -> dict[str, dict[str, str]]:
    """Every deed's label by its code, in the groups that the codes begin with."""
    groups: dict[str, dict[str, str]] = {}
    for deed in _phrases:
        groups.setdefault(deed.partition(".")[0].capitalize(), {})[deed] = label(deed)
    return groups


def concern(deed: str, facts: Mapping[str, Any]) -> Concern | None:
    """Why a deed that was done wants a look; None when it does not."""
    review = _phrases[deed].review
    return as_concern(review(facts) if callable(review) else review)


def as_concern(review: Review) -> Concern | None:
    return review if isinstance(review, Concern) else OTHER if review else None


def is_telling_when_forbidden(deed: str) -> bool:
    return _phrases[deed].review_forbidden


def done(deed: str, *, actor: str, subject: str, facts: Mapping[str, Any]) -> str:
    """What happened: "lee approved MIT-42"."""
    return f"{actor} {_phrases[deed].done.format_map({'subject': subject, **facts})}"


def refused(deed: str, *, actor: str, subject: str, facts: Mapping[str, Any]) -> str:
    """What was tried, and why not: "eve could not approve MIT-42: Only approvers may approve.\""""
    why = " ".join(each["sentence"] for each in facts["objections"])
    return f"{actor} could not {_phrases[deed].tried.format_map({'subject': subject, **facts})}: {why}"


def told(event: Mapping[str, Any]) -> str:
    """The sentence of an event, from its text. One of another version, for which this one has no words, is told by
    its code.
    """
    tell = refused if event["outcome"] == "refused" else done
    actor = _named(event)
    try:
        return tell(event["deed"], actor=actor, subject=event["subject"], facts=event["facts"])
    except LookupError:
        return f"{event['actor_name']}: {event['deed']} {event['subject']} ({event['outcome']})"


def _named(event: Mapping[str, Any]) -> str:
    """Who it was, and by what: "dana, by the token “soar”,"."""
    through = event.get("through")
    return f"{event['actor_name']}, by {through}," if through else event["actor_name"]
