"""A record of a log as one line of JSON: what an export holds, and what is streamed to machines.

ASCII, so whatever people typed it is one line, and reads back as it was. From `hash` and `body` the chain can be
followed, and from `body` and `detail` what stands beside it can be checked (`audit.chain`).
"""

from __future__ import annotations

import json

from audit.canonical import time_text
from audit.models import Event, Link


def line_of(link: Link) -> str:
    """A record as it stands in an export, without a line end. `detail` is null once it is redacted."""
    return _written(exported(link))


def line(event: Event) -> str:
    """An event as it is streamed: the same, and beside it what a person or a search wants to read at once."""
    return _written(streamed(event))


def streamed(event: Event) -> dict[str, object]:
    """What such a line holds, by name."""
    beside = {
        "at": time_text(event.at),
        "deed": event.deed,
        "outcome": event.outcome,
        "actor_name": event.actor_name,
        "subject": event.subject,
        "sentence": event.sentence,
        "ip": event.ip,
        "review": event.review,
    }
    return exported(event) | beside


def exported(link: Link) -> dict[str, object]:
    """What the line of an export holds, by name."""
    return {"log": link.LOG, "number": link.number, "hash": link.hash, "body": link.body, "detail": link.detail}


def _written(members: dict[str, object]) -> str:
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"))
