"""How a command ends, for scripts: one table, which docs/command-line.md repeats."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class Exit(IntEnum):
    """1 is Python's own, for what we did not foresee; 2 is click's; 130 is a shell's for Ctrl-C."""

    words: str

    def __new__(cls, code: int, words: str) -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.words = words
        return member

    DONE = 0, "Done, or true"
    DECLINED = 1, "You said no; or the command itself broke: then look before you repeat it"
    USAGE = 2, "The command was not understood"
    NOT_SENT = 3, "The portal could not be reached; nothing was sent"
    UNCLEAR = 4, "It may or may not have happened; the command that is printed finds out"
    NO_TOKEN = 5, "No token, or one that the portal does not take"
    FORBIDDEN = 6, "This token, or its owner, may not do it"
    CONFLICT = 7, "Not possible any more; look again"
    UNACCEPTABLE = 8, "What was asked for cannot be accepted; mend it"
    LATER = 9, "Nothing was done; try again later"
    NOT_FOUND = 10, "The portal has nothing by this name"
    BROKEN = 11, "The portal broke, or it is none; nothing was to be changed"
    NOT_IN_FORCE = 12, "Watched: it never came into force, or is over"
    UNKNOWN = 13, "Watched: nobody knows whether it is in force; look at Kentik"
    UNDECIDED = 14, "Undecided: it was not over in the time that was given, or what you kept lies in an archive"
    UNSOUND = 15, "The audit log is not as it was written"
    INTERRUPTED = 130, "Interrupted; nothing was under way"


# The statuses with which the portal refuses, as docs/api.md has them; no other is its own word.
REFUSALS = {
    400: Exit.UNACCEPTABLE,
    401: Exit.NO_TOKEN,
    403: Exit.FORBIDDEN,
    404: Exit.NOT_FOUND,
    405: Exit.UNACCEPTABLE,
    409: Exit.CONFLICT,
    411: Exit.UNACCEPTABLE,
    413: Exit.UNACCEPTABLE,
    415: Exit.UNACCEPTABLE,
    422: Exit.UNACCEPTABLE,
    429: Exit.LATER,
    500: Exit.BROKEN,
    503: Exit.LATER,
}


def of_status(status: int) -> Exit:
    """What an answer of the portal means to a script."""
    return REFUSALS.get(status, Exit.DONE if 200 <= status < 400 else Exit.BROKEN)
