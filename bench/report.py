"""Figures on the screen and in build/bench.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

PATH = Path("build/bench.json")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`beside` is the same unit's baseline; `ratio` is value by beside; `holds` says whether the goal is met."""

    name: str
    value: float
    unit: str
    beside: float
    ratio: float
    goal: str
    holds: bool


class Report:
    def __init__(self, *, engine: str) -> None:
        self._engine = engine
        self._figures: list[Figure] = []

    def add(self, name: str, value: float, unit: str, *, beside: float, below: float | None = None) -> None:
        figure = Figure(
            name=f"{name} ({self._engine})",
            value=round(value, 2),
            unit=unit,
            beside=round(beside, 2),
            ratio=round(value / beside, 2) if beside else 0.0,
            goal=f"below {below:g} {unit}" if below is not None else "",
            holds=below is None or value < below,
        )
        self._figures.append(figure)
        verdict = "" if below is None else f"  goal {figure.goal}: {'holds' if figure.holds else 'MISSED'}"
        print(f"{figure.name:58} {figure.value:9.2f} {unit}  beside {figure.beside:8.2f} {unit}{verdict}")

    def write(self) -> None:
        """Keep the figures of this run, and those of other runs under other names."""
        PATH.parent.mkdir(exist_ok=True)
        kept = json.loads(PATH.read_text()) if PATH.exists() else []
        mine = {figure.name for figure in self._figures}
        figures = [each for each in kept if each["name"] not in mine] + [asdict(each) for each in self._figures]
        PATH.write_text(json.dumps(figures, indent=2) + "\n")
