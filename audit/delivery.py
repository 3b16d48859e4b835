"""Why something did not arrive, sorted by what the caller may do next.

The sentences are kept and shown, so they name neither an address nor anything that a server answered in words.

Failed
├── NotDelivered    it may arrive if it is tried again
└── Undeliverable   it never will
"""

from __future__ import annotations


class Failed(Exception):
    """`str()` of it is a sentence for people."""


class NotDelivered(Failed):
    pass


class Undeliverable(Failed):
    pass
