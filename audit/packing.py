"""A zip archive that leaves while it is made: no file, no seeking, no more in memory than what was written last."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Texts of a log shrink to a fifth at the lowest level, and the next ones take twice as long for a tenth less.
_LEVEL = 1
_CHUNK = 1 << 16


@dataclass
class Tally:
    """What went into a file: its size in bytes and its SHA-256."""

    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)

    @property
    def sha256(self) -> str:
        digest: str = self._hash.hexdigest()
        return digest


class Package:
    """The archive. Each method gives the bytes that have become ready; send all of them, in order."""

    def __init__(self, *, at: datetime) -> None:
        self._ready = _Outlet()
        self._zip = zipfile.ZipFile(self._ready, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._at = at

    def whole(self, name: str, text: str) -> bytes:
        """A short file."""
        self._zip.writestr(self._info(name), text.encode())
        return self._ready.taken()

    def long(self, name: str, pieces: Iterable[bytes], tally: Tally) -> Iterator[bytes]:
        """A file of any length; `tally` counts what it holds."""
        with self._zip.open(self._info(name), "w", force_zip64=True) as file:
            for piece in pieces:
                tally.add(piece)
                file.write(piece)
                if self._ready.size >= _CHUNK:
                    yield self._ready.taken()
        yield self._ready.taken()

    def end(self) -> bytes:
        self._zip.close()
        return self._ready.taken()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, date_time=self._at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info


class _Outlet(io.RawIOBase):
    """A file that cannot be sought in, and keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self.size += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return taken
