"""Whether a reason tells those who approve anything about this attack. Nothing is refused for it."""

from __future__ import annotations

import re

# What a useful reason answers, and one that does.
QUESTIONS = ("What do you see?", "Since when?", "What does it hurt?")
EXAMPLE = "UDP flood from some 4,000 sources since 02:50, 8 Gbps on edge-2: the shop answers every third request."

_TELLING = 3
# Where words are not set apart by spaces, one "word" is a sentence.
_SENTENCE = 12
_HOLLOW = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "asap",
        "at",
        "attack",
        "attacked",
        "attacks",
        "block",
        "blackhole",
        "by",
        "ddos",
        "ddosed",
        "do",
        "dos",
        "drop",
        "emergency",
        "for",
        "fast",
        "from",
        "has",
        "have",
        "help",
        "here",
        "i",
        "immediately",
        "in",
        "is",
        "it",
        "mitigate",
        "mitigation",
        "need",
        "needed",
        "needs",
        "now",
        "of",
        "on",
        "our",
        "please",
        "pls",
        "quick",
        "quickly",
        "reason",
        "required",
        "see",
        "stop",
        "test",
        "testing",
        "tests",
        "that",
        "the",
        "there",
        "this",
        "ticket",
        "to",
        "traffic",
        "under",
        "urgent",
        "us",
        "we",
        "with",
    ]
)


def thin(reason: str) -> bool:
    """Whether it says little more than that there is an attack: "test", "ddos!!", "please block this".

    An empty one is missing, not thin.
    """
    words = set(re.findall(r"\w[\w:.,%/-]*", reason.lower()))
    telling = {word.strip(":.,-/") for word in words} - _HOLLOW
    return bool(words) and len(telling) < _TELLING and not any(len(word) >= _SENTENCE for word in telling)
