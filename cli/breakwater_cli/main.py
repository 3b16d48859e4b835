"""The command `breakwater`: its parts, and how it ends."""

from __future__ import annotations

import io
import sys

import click

from breakwater_cli import __version__
from breakwater_cli.commands import asking, auditing, deciding, looking, signing_in, watching
from breakwater_cli.desk import Deed, Desk
from breakwater_cli.exits import Exit

COMMANDS: tuple[Deed, ...] = (
    *(asking.ask, asking.preview),
    *(looking.list_, looking.show, watching.watch),
    *(deciding.waiting, deciding.approve, deciding.reject, deciding.withdraw, deciding.stop),
    *(looking.catalogue, looking.me, signing_in.login, signing_in.logout),
    auditing.verify,
)


class InOrder(click.Group):
    """Commands in the order in which they are added: what belongs together stands together."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--portal", envvar="BREAKWATER_URL", default="", metavar="URL", help="Where it is.  [env: BREAKWATER_URL]"
)
@click.version_option(__version__, prog_name="breakwater")
@click.pass_context
def cli(context: click.Context, portal: str) -> None:
    """Ask for, approve, follow and stop DDoS mitigations, over the API of a Breakwater.

    The token comes from BREAKWATER_TOKEN, else from the keyring, where `breakwater login` puts it. What changes
    anything is sent once and never repeated. Each way to end has an exit code of its own.
    """
    context.obj = Desk(where=portal)


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no ● is told so by a question mark, and not by a traceback after the deed.
            stream.reconfigure(errors="replace")
    try:
        sys.exit(cli.main(prog_name="breakwater", standalone_mode=False))
    except click.ClickException as failure:
        failure.show()
        sys.exit(failure.exit_code)
    except click.Abort as abort:
        was_interrupted = isinstance(abort.__cause__, KeyboardInterrupt)
        click.echo("Interrupted." if was_interrupted else "Nothing was done.", err=True)
        sys.exit(Exit.INTERRUPTED if was_interrupted else Exit.DECLINED)
