"""Reading many ranges from CSV: every row that is right, and every mistake with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mitigations.forms.catalogue_file import Mistake
from mitigations.forms.plan import FORMS
from mitigations.policies.plan import Part
from mitigations.selectors import plan
from mitigations.services.plan import Entry

COLUMNS = {Part.PROTECTED: ("prefix", "severity", "reason", "owner"), Part.SPACE: ("prefix", "teams", "note")}
_MOST_ROWS = 20_000


def read(part: Part, text: str) -> tuple[list[Entry], list[Mistake]]:
    """The first line names the columns, as in COLUMNS. People and teams go by name: `dana`, `NOC; Web`."""
    reader = csv.DictReader(io.StringIO(text), strict=True, restkey="")
    if _head(reader) != COLUMNS[part]:
        return [], [Mistake(line=1, sentence=f"The first line must read: {','.join(COLUMNS[part])}")]
    desk = _Desk(part)
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    try:
        for row in reader:
            judged = desk.judge(reader.line_num, row)
            if isinstance(judged, Entry):
                entries.append(judged)
            else:
                mistakes += [Mistake(line=reader.line_num, sentence=sentence) for sentence in judged]
    except csv.Error as error:
        mistakes.append(Mistake(line=reader.line_num, sentence=f"This is no CSV: {error}."))
    if len(entries) > _MOST_ROWS:
        mistakes.append(Mistake(line=reader.line_num, sentence=f"At most {_MOST_ROWS:,} rows at once."))
    return entries, mistakes


def _head(reader: csv.DictReader[str]) -> tuple[str, ...]:
    """The first line; nothing where it is no CSV."""
    try:
        return tuple(reader.fieldnames or ())
    except csv.Error:
        return ()


class _Desk:
    """Judges one row after the other; people and teams are looked up once for all."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._people, self._teams = plan.people(), plan.teams()
        self._owners = _Names("person", {person.username: person.pk for person in self._people})
        self._groups = _Names("team", {team.name: team.pk for team in self._teams})
        self._lines: dict[str, int] = {}

    def judge(self, line: int, row: dict[Any, Any]) -> Entry | list[str]:
        """The entry, or everything that is wrong with the row."""
        if "" in row or None in row.values():
            return [f"There must be {len(COLUMNS[self._part])} values in a row."]
        owner, teams = row.get("owner", ""), row.get("teams", "")
        strange = [*self._owners.unknown(owner), *self._groups.unknown(teams)]
        form = FORMS[self._part](
            {**row, "ip_cidr": row["prefix"], "owner": self._owners.number(owner), "teams": self._groups.numbers(teams)}
        )
        form.prepare(people=self._people, teams=self._teams)
        wrong = [
            f"{form.fields[name].label or name}: {error}"
            for name, errors in form.errors.items()
            for error in errors
            if not (strange and name in {"owner", "teams"})
        ]
        if strange or wrong:
            return strange + wrong
        return self._once(line, form.entry)

    def _once(self, line: int, entry: Entry) -> Entry | list[str]:
        first = self._lines.setdefault(entry.prefix.text, line)
        return entry if first == line else [f"{entry.prefix.text} stands in line {first} already."]


@dataclass(frozen=True)
class _Names:
    """People or teams by name, several by semicolons."""

    what: str
    known: dict[str, int]

    def unknown(self, text: str) -> list[str]:
        return [f"There is no {self.what} named {name!r}." for name in self._split(text) if name not in self.known]

    def numbers(self, text: str) -> list[int]:
        return [self.known[name] for name in self._split(text) if name in self.known]

    def number(self, text: str) -> int | str:
        numbers = self.numbers(text)
        return numbers[0] if len(numbers) == 1 else ""

    def _split(self, text: str) -> Iterator[str]:
        return (name.strip() for name in text.split(";") if name.strip())
