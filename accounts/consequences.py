"""What else changes when somebody's rights do. Whoever keeps what hangs on them says so when the portal starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from audit.ledger import Record

Follow: TypeAlias = "Callable[[Record, Collection[int]], AbstractContextManager[None]]"

_all: list[Follow] = []


def register(follow: Follow) -> None:
    """`follow(record, ids)` is entered in the transaction of the deed before these people's rights change, and left
    after; what follows it adds to the record.
    """
    if follow not in _all:
        _all.append(follow)


@contextmanager
def followed(record: Record, ids: Collection[int]) -> Iterator[None]:
    with ExitStack() as stack:
        for follow in _all:
            stack.enter_context(follow(record, ids))
        yield
