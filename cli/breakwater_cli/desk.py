"""What every command has before it: the portal, the two sides of its terminal, and who sits there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console, RenderableType

from breakwater_cli import address, tokens
from breakwater_cli.address import Address, BadAddress
from breakwater_cli.failures import Refused, Unclear
from breakwater_cli.operations import Operation
from breakwater_cli.portal import Answer, Change, Portal
from breakwater_cli.words import clean

# Where nobody looks, lines need not be broken for the width of a terminal.
_WIDTH_OF_A_PIPE = 160


@dataclass
class Desk:
    """Results go to standard output; what is said to whoever sits there, to standard error."""

    where: str = ""
    as_json: bool = False
    allowed: Collection[Operation] = ()
    out: Console = field(default_factory=lambda: _console(stderr=False))
    aside: Console = field(default_factory=lambda: _console(stderr=True))

    @property
    def address(self) -> Address:
        if not self.where:
            raise click.UsageError("Where is the portal? Say it by --portal, or once for all in BREAKWATER_URL.")
        try:
            return address.read(self.where)
        except BadAddress as wrong:
            raise click.UsageError(f"{clean(self.where)} is not where a portal can be: {wrong}") from None

    @property
    def portal(self) -> Portal:
        return Portal(self.address, tokens.find(self.address), allowed=self.allowed)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def do(
        self,
        portal: Portal,
        operation: Operation,
        change: Change,
        reference: str = "",
        *,
        shown: Callable[[dict[str, Any]], RenderableType],
    ) -> Answer:
        """Have it done, and say what the portal answered. Raises as `Portal.change` does."""
        answer = portal.change(operation, change, reference)
        try:
            self.say(answer, lambda: shown(answer.body))
        except Exception as error:  # whatever it is: what may have been done must not end without its key
            raise Unclear(f"The answer cannot be shown ({type(error).__name__}).", again=change.again) from error
        return answer

    def say(self, answer: Answer, shown: Callable[[], RenderableType]) -> None:
        """To scripts what the portal said, to people what they want to see of it."""
        if answer.was_repeated:
            self.note("This very call was made before; here is what it was answered then.")
        if self.as_json:
            click.echo(answer.text)
        else:
            self.show(shown())

    def show(self, what: RenderableType) -> None:
        if self.out.is_terminal:
            self.out.print(what)
            return
        with self.out.capture() as captured:
            self.out.print(what)
        # What fills a column up to its width would be noise in a file.
        click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))

    def note(self, sentence: str) -> None:
        self.aside.print(sentence)

    def command(self, *words: str) -> list[str]:
        """As it would be typed anywhere."""
        return ["breakwater", "--portal", str(self.address), *words]

    def change(self, body: dict[str, object], words: Sequence[str], key: str | None) -> Change:
        given = {"key": key} if key else {}
        return Change(body=body, words=self.command(*words), **given)

    def confirm(self, question: str) -> None:
        """Raises Abort when the answer is no, and UsageError where there is nobody to answer."""
        if not sys.stdin.isatty() or not sys.stderr.isatty():
            raise click.UsageError("Nobody is there to confirm it: add --yes, once you are sure. Nothing was done.")
        click.confirm(question, abort=True, err=True)


class Deed(click.Command):
    """A command that calls these operations, and can call no others. All of them write JSON with --json."""

    def __init__(self, *args: Any, operations: tuple[Operation, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        self.operations = operations
        self.params.append(click.Option(["--json", "as_json"], is_flag=True, help="What the portal says, as JSON."))

    def invoke(self, ctx: click.Context) -> Any:
        desk = ctx.find_object(Desk)
        assert desk is not None
        desk.allowed, desk.as_json = self.operations, ctx.params.pop("as_json")
        try:
            return super().invoke(ctx)
        except Refused as refusal:
            if desk.as_json:
                click.echo(refusal.text)
            raise


def deed(name: str, *operations: Operation) -> Callable[[Callable[..., None]], Deed]:
    return click.command(name, cls=Deed, operations=operations)


def _console(*, stderr: bool) -> Console:
    """Nothing that the portal sends is markup."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDTH_OF_A_PIPE
    return Console(stderr=stderr, width=width, markup=False, highlight=False, emoji=False)
