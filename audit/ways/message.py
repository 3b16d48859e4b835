from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Message:
    """What somebody is told. `link` leads to a page and does nothing by itself; empty when the portal has no address.

    `key` is the same whenever the same message is sent again, so that a mail program can show it once.
    """

    key: str
    title: str
    text: str
    link: str = ""
    urgent: bool = False

    @property
    def body(self) -> str:
        return f"{self.text}\n\n{self.link}" if self.link else self.text
