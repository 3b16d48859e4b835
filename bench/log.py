"""The page of the audit log, with a thousand and with a million events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from bench.lists import median
from bench.report import Report

SMALL, LARGE = 1_000, 1_000_000
GOAL = 50.0  # milliseconds, at the median
_BATCH = 5_000
_ASKERS = ("dana", "dora", "rob", "ruth")
_STEPS = 8


def measure(report: Report) -> None:
    """Needs Django and a migrated, seeded database."""
    fill(SMALL)
    small = {name: median(page) for name, page in _pages(SMALL).items()}
    fill(LARGE)
    for name, page in _pages(LARGE).items():
        report.add(f"log: {name}, {LARGE:,} events", median(page), "ms", beside=small[name], below=GOAL)


def fill(count: int) -> None:
    """Bring the log to so many events: real ones, tied to each other and found by their words."""
    from django.db import connection, transaction

    from audit import chaining, word_index
    from audit.models import Event

    while (have := chaining.head(Event).number) < count:
        with transaction.atomic():
            last = chaining.newest(Event)
            assert last is not None, "the demo was seeded, which is in the log"
            events = list(_events(last, min(count - have, _BATCH), beside=chaining.heads_beside()))
            Event.objects.bulk_create(events)
            word_index.write(events)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pages(events: int) -> dict[str, Callable[[], Any]]:
    """What is looked for is as rare or as frequent in the small log as it can be."""
    from audit.selectors import Filter, page
    from mitigations.services import events as deeds

    return {
        "first page": lambda: page(Filter()),
        "page in the middle": lambda: page(Filter(), before=events // 2),
        "by a person": lambda: page(Filter(actor_name="lee")),
        "by a person without any": lambda: page(Filter(actor_name="nobody")),
        "by a rare deed": lambda: page(Filter(deed=deeds.RULES_PUBLISHED)),
        "from an IP address": lambda: page(Filter(ip="198.51.100.250")),
        "about one subject": lambda: page(Filter(subject="MIT-60")),
        "in need of review": lambda: page(Filter(review=True)),
        "refused": lambda: page(Filter(outcome="refused")),
        "a frequent word": lambda: page(Filter(words="approved")),
        "a frequent word, in the middle": lambda: page(Filter(words="approved"), before=events // 2),
        "a frequent beginning": lambda: page(Filter(words="ken")),
        "a rare word": lambda: page(Filter(words="zebra")),
        "a reference as words": lambda: page(Filter(words="MIT-60")),
        "a prefix as words": lambda: page(Filter(words="10.0.0.60/32")),
        "two words that never meet": lambda: page(Filter(words="approved rejected sending")),
        "a rare word by a person": lambda: page(Filter(words="zebra", actor_name="dana")),
        "a frequent word by who never says it": lambda: page(Filter(words="approved", actor_name="dana")),
    }


def _events(last: Any, count: int, *, beside: Any) -> Iterator[Any]:
    from audit.chain import Head
    from audit.models import Event

    head, at = Head(number=last.number, hash=last.hash), last.at
    for number in range(last.number + 1, last.number + count + 1):
        at += timedelta(milliseconds=10)
        event = Event.after(head, *_written(number, at, beside))
        head = Head(number=event.number, hash=event.hash)
        yield event


def _written(number: int, at: Any, beside: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the ledger would write: eight deeds for each mitigation, and now and then something rare."""
    deed, actor, subject, outcome, facts, note = _deed(number)
    by_person = actor != "worker"
    body = {
        "at": at.isoformat(timespec="microseconds"),
        "deed": deed,
        "outcome": outcome,
        "actor": f"user:{actor}" if by_person else "system:worker",
        "actor_name": actor,
        "subject": subject,
        "request_id": f"{number:032x}" if by_person else "",
        "review": outcome == "done" and deed.endswith(("glass-broken", "rules.published")),
        "facts": facts,
        "beside": beside,
    }
    ip = "198.51.100.250" if number % 20_000 == 0 else f"198.51.100.{number % 200}"
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    origin = {"ip": ip, "user_agent": agent} if by_person else {"ip": "", "user_agent": ""}
    return body, {"salt": f"{number:032x}", **origin, **({"note": note} if note else {})}


def _deed(number: int) -> tuple[str, str, str, str, dict[str, Any], str]:
    from mitigations.services import events as deeds

    which = number // _STEPS + 1
    reference, target = f"MIT-{which}", f"10.{which >> 16 & 255}.{which >> 8 & 255}.{which & 255}/32"
    asker = _ASKERS[which % len(_ASKERS)]
    no = {"objections": [{"code": "role", "sentence": "Only approvers may approve."}]}
    if number % 50_000 == 0:
        return deeds.RULES_PUBLISHED, "max", f"version {number // 50_000} of the rules", "done", {"count": 7}, "Wider."
    if number % 10_000 == 0:
        return deeds.GLASS_BROKEN, asker, reference, "done", {"rule": "Needs 2 approvals."}, "Nobody answers."
    if number % 1_000 == 0:
        return deeds.APPROVED, "eve", reference, "refused", no, ""
    flood = "UDP flood since 02:50, the shop is down." + (" As the zebra said." if which % 12_500 == 60 else "")
    asked = {"target": target, "pairing": "Edge RTBH · Drop everything", "minutes": 60, "platform_id": "257"}
    steps: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        (deeds.ASKED, asker, {**asked, "rule": "Needs 2 approvals.", "needed": 2, "findings": []}, flood),
        (deeds.APPROVED, "lee", {"approvals": 1, "needed": 2, "status": "pending"}, "Looks right to me."),
        (deeds.APPROVED, "kim", {"approvals": 2, "needed": 2, "status": "approved"}, ""),
        (deeds.SENDING, "worker", {"attempts": 1, "attempt": f"{number:032x}", "fence": number}, ""),
        (deeds.ANSWERED, "worker", {"sentence": "Kentik accepted it.", "outcome": "accepted", "status": "active"}, ""),
        (deeds.MATCHED, "worker", {"kentik_id": str(which), "differences": [], "status": "active"}, ""),
        (deeds.ENDING, "worker", {"minutes": 15}, ""),
        (deeds.ENDED, "worker", {}, ""),
    )
    deed, actor, facts, note = steps[number % _STEPS]
    return deed, actor, reference, "done", facts, note
