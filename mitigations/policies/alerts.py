"""What a detector says, read: which attack it means, on which target, and whether it begins or has ended.

A detector is believed in nothing but that it wants people to look. FastNetMon's documents are those that it publishes
as "JSON formats", Kentik's those of its templates for notifications. What neither of them documents asks for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audit.refusal import Objection, Unacceptable
from mitigations.policies import json_once, pointers
from mitigations.policies.json_once import BadJson
from mitigations.policies.network import BadPrefix, Prefix, parse

LONGEST_KEY = 200
_LONGEST_WORDS = 500


class Kind(StrEnum):
    """Who speaks. Of any other source, pointers say where things stand in its JSON."""

    FASTNETMON = "fastnetmon"
    KENTIK = "kentik"
    JSON = "json"

    @property
    def words(self) -> str:
        return {Kind.FASTNETMON: "FastNetMon", Kind.KENTIK: "Kentik", Kind.JSON: "any JSON"}[self]


class Proof(StrEnum):
    """How a source shows that it is the one."""

    SIGNATURE = "signature"
    SECRET = "secret"  # noqa: S105 (the name of a way)

    @property
    def words(self) -> str:
        return {
            Proof.SIGNATURE: "it signs each alert (HMAC): nobody can send one twice or change it",
            Proof.SECRET: "it sends its secret along: for what cannot sign, such as Kentik",
        }[self]


class Outcome(StrEnum):
    """What became of an alert."""

    PROPOSED = "proposed"
    REPEATED = "repeated"
    ENDED = "ended"
    STIRRED = "stirred"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"

    @property
    def words(self) -> str:
        return _OUTCOME_WORDS[self]


_OUTCOME_WORDS = {
    Outcome.PROPOSED: "proposed",
    Outcome.REPEATED: "known already",
    Outcome.ENDED: "an end, noted",
    Outcome.STIRRED: "Kentik is looked at",
    Outcome.IGNORED: "asks for nothing",
    Outcome.UNREADABLE: "could not be read",
    Outcome.BLOCKED: "blocked",
    Outcome.FORBIDDEN: "not let in",
}
REFUSED = frozenset({Outcome.UNREADABLE, Outcome.BLOCKED, Outcome.FORBIDDEN})


class Meaning(StrEnum):
    START = "start"
    END = "end"
    # Kentik tells that one of its mitigations has changed.
    STIR = "stir"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where things stand in any JSON, as pointers. `when`: it is the start of an attack where this value is `holds`."""

    target: str = ""
    key: str = ""
    words: str = ""
    when: str = ""
    holds: str = ""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """`key`: the detector's own name for the attack, which stays the same for as long as it lasts. `target` of a start
    alone. `words`: what it says of it, as one line of bounded length.
    """

    meaning: Meaning
    key: str = ""
    target: Prefix | None = None
    words: str = ""


def read(body: bytes, *, kind: Kind, places: Places) -> Alert:
    """Whatever was sent. Raises Unacceptable, and nothing else, when it cannot be read."""
    said = _parsed(body)
    if not isinstance(said, dict):
        raise _unreadable("shape", "An alert is a JSON object.")
    return _READERS[kind](said, places)


def flaws(kind: Kind, places: Places) -> tuple[Objection, ...]:
    """What is wrong with where things are said to stand; each code names the pointer."""
    if kind is not Kind.JSON:
        return ()
    return tuple(_flaws(places))


def reason(alert: Alert, *, source: str, kind: Kind) -> str:
    """Why a mitigation is asked for, for people, who must be able to tell what is the detector's word alone."""
    by = "" if kind is Kind.JSON else f" ({kind.words})"
    words = f" In its words: “{alert.words}”." if alert.words else " It says no more of it."
    return f"The source “{source}”{by} reports an attack.{words} It calls it {alert.key}."


def in_one_line(value: Any, *, most: int = _LONGEST_WORDS) -> str:
    """What somebody else wrote, without anything that could break a line, a page or the order of its letters."""
    text = value if isinstance(value, str) else json.dumps(value)
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _parsed(body: bytes) -> Any:
    try:
        return json_once.parsed(body)
    except BadJson as error:
        raise _unreadable("shape", str(error)) from None


def _flaws(places: Places) -> Iterator[Objection]:
    for name, pointer in vars(places).items():
        if name in {"target", "key"} and not pointer:
            yield Objection(code=name, sentence="Say where it stands, as a JSON pointer such as /attack/target.")
        elif name != "holds":
            yield from _flaw(name, pointer)
    if places.when and not places.holds:
        yield Objection(code="holds", sentence="Say which value it has when an attack begins.")
    if places.holds and not places.when:
        yield Objection(code="when", sentence="Say where this value stands.")


def _flaw(name: str, pointer: str) -> Iterator[Objection]:
    try:
        pointers.steps(pointer)
    except ValueError as error:
        yield Objection(code=name, sentence=str(error))


# --- FastNetMon -------------------------------------------------------------------------------------------------------


def _fastnetmon(said: dict[str, Any], places: Places) -> Alert:
    action, scope = _word(said, "/action"), _word(said, "/alert_scope")
    direction = _word(said, "/attack_details/attack_direction")
    if action not in {"ban", "unban"}:
        return _other(f"Its action is “{action}”; none but “ban” asks for anything.")
    if scope not in {"", "host"}:
        return _other(f"It is about a {scope}; none but a host is asked for.")
    key = _key(said, "/attack_details/attack_uuid")
    if action == "unban":
        return Alert(meaning=Meaning.END, key=key, words="FastNetMon lifted its ban.")
    if direction != "incoming":
        which = f"says “{direction}”" if direction else "does not say"
        return _other(f"Only an attack that is “incoming” asks for anything, and this one {which}.", key=key)
    return Alert(meaning=Meaning.START, key=key, target=_target(said, "/ip"), words=_of_fastnetmon(said))


def _of_fastnetmon(said: dict[str, Any]) -> str:
    known = {
        "type": _word(said, "/attack_details/attack_type"),
        "protocol": _word(said, "/attack_details/attack_protocol"),
        "severity": _word(said, "/attack_details/attack_severity"),
        "packets/s in": _word(said, "/attack_details/total_incoming_pps"),
    }
    return _listed(known)


# --- Kentik -----------------------------------------------------------------------------------------------------------

_BEGUN, _OVER = frozenset({"active", "alarm"}), frozenset({"clear", "cleared", "ackrequired", "ackreq", "archived"})


def _kentik(said: dict[str, Any], places: Places) -> Alert:
    event = _one_event(said)
    type_ = _word(event, "/Type") or _word(event, "/EventType")
    if type_ in {"mitigation", "MITIGATION_STATE_CHANGE"}:
        return Alert(meaning=Meaning.STIR, key=_maybe(event, "/MitigationID"), words=_of_mitigation(event))
    if type_ not in {"alarm", "ALARM_STATE_CHANGE"}:
        return _other(f"It is of the type “{type_}”; none but an alarm asks for anything.")
    key = _key(event, "/AlarmID")
    words = _of_alarm(event)
    if _has_ended(event):
        return Alert(meaning=Meaning.END, key=key, words=words)
    return Alert(meaning=Meaning.START, key=key, target=_kentik_target(event), words=words)


def _one_event(said: dict[str, Any]) -> dict[str, Any]:
    """The event itself, where it stands at the top or alone in its list."""
    events = said.get("Events")
    if "Type" in said or "EventType" in said or not isinstance(events, list):
        return said
    if len(events) != 1 or not isinstance(events[0], dict):
        raise _unreadable("shape", "Send one event at a time: what is meant by several is not guessed.")
    return events[0]


def _has_ended(event: dict[str, Any]) -> bool:
    """Where the state, the severity and `IsActive` contradict each other, it has: then nothing is asked for."""
    state = (_word(event, "/CurrentState") or _word(event, "/AlarmState")).lower()
    active = event.get("IsActive")
    if state in _OVER or active is False or _word(event, "/AlarmSeverity").lower() == "clear":
        return True
    if state in _BEGUN or active is True:
        return False
    raise _unreadable(
        "state", f"The state “{state}” is not known, so nobody can say whether the attack has begun or ended."
    )


def _kentik_target(event: dict[str, Any]) -> Prefix:
    for place in ("/Dimensions/IP_dst", "/IP_dst"):
        if _word(event, place):
            return _target(event, place)
    keys = event.get("AlertKey")
    for each in keys if isinstance(keys, list) else ():
        if isinstance(each, dict) and each.get("DimensionName") == "IP_dst":
            return _target(each, "/DimensionValue")
    raise _unreadable(
        "target", "It names no destination address (IP_dst). Have the policy use “Dest IP/CIDR” as a dimension."
    )


def _of_alarm(event: dict[str, Any]) -> str:
    known = {
        "policy": _word(event, "/AlarmPolicyName") or _word(event, "/AlertPolicyName"),
        "severity": _word(event, "/AlarmSeverity") or _word(event, "/ActivateSeverity"),
        "bits/s": _word(event, "/Metrics/bits"),
        "packets/s": _word(event, "/Metrics/packets"),
        "said": _word(event, "/Description"),
    }
    return _listed(known)


def _of_mitigation(event: dict[str, Any]) -> str:
    known = {
        "mitigation": _word(event, "/MitigationID"),
        "state": _word(event, "/CurrentState") or _word(event, "/MitigationState"),
        "said": _word(event, "/Description"),
    }
    return _listed(known)


# --- Any JSON ---------------------------------------------------------------------------------------------------------


def _any(said: dict[str, Any], places: Places) -> Alert:
    if places.when and (word := _word(said, places.when)) != places.holds:
        return _other(f"Its {places.when} is “{word}”, not “{places.holds}”.", key=_maybe(said, places.key))
    words = _word(said, places.words) if places.words else ""
    key = _key(said, places.key)
    return Alert(meaning=Meaning.START, key=key, target=_target(said, places.target), words=words)


_READERS: Mapping[Kind, Callable[[dict[str, Any], Places], Alert]] = {
    Kind.FASTNETMON: _fastnetmon,
    Kind.KENTIK: _kentik,
    Kind.JSON: _any,
}


# --- Values -----------------------------------------------------------------------------------------------------------


def _word(said: Any, pointer: str) -> str:
    """A text, number or truth value as one line; empty where there is none."""
    try:
        value = pointers.at(said, pointer)
    except LookupError:
        return ""
    return in_one_line(value) if isinstance(value, str | int | float) else ""


def _key(said: Any, pointer: str) -> str:
    """As it is, to the letter: two that were mended to the same would be one attack, and the second never asked for."""
    key = _named(said, pointer)
    if not key.strip():
        sentence = (
            f"It has no key at {pointer}: without one, an alert that is sent again could not be told from another."
        )
        raise _unreadable("key", sentence)
    if len(key) > LONGEST_KEY:
        raise _unreadable("key", f"Its key has more than {LONGEST_KEY} characters.")
    if not key.isprintable():
        raise _unreadable("key", "Its key has characters in it that nobody could see.")
    return key


def _maybe(said: Any, pointer: str) -> str:
    """A key by which nothing is told from anything, for people to read."""
    return in_one_line(_named(said, pointer), most=LONGEST_KEY)


def _named(said: Any, pointer: str) -> str:
    """A text or a whole number, as text; empty where there is none."""
    try:
        value = pointers.at(said, pointer)
    except LookupError:
        return ""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _target(said: Any, pointer: str) -> Prefix:
    found = parse(_word(said, pointer))
    if isinstance(found, BadPrefix):
        raise Unacceptable([found])
    return found


def _listed(known: Mapping[str, str]) -> str:
    return in_one_line(", ".join(f"{name}: {word}" for name, word in known.items() if word))


def _other(why: str, *, key: str = "") -> Alert:
    return Alert(meaning=Meaning.OTHER, key=key, words=why)


def _unreadable(code: str, sentence: str) -> Unacceptable:
    return Unacceptable([Objection(code=code, sentence=sentence)])
