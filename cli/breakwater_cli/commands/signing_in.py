"""The token of this machine's keyring."""

from __future__ import annotations

import sys

import click

from breakwater_cli import tokens
from breakwater_cli.desk import Desk, deed
from breakwater_cli.operations import ME
from breakwater_cli.portal import Portal
from breakwater_cli.tokens import Token
from breakwater_cli.words import exact, moment


@deed("login", ME)
@click.pass_obj
def login(desk: Desk, /) -> None:
    """Keep a token in the keyring of this machine, once the portal has taken it.

    You make one in the portal, under your name, “Tokens”.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(f"Nobody is there to type a token. Scripts have theirs in {tokens.VARIABLE}.")
    text = click.prompt(f"A token for {desk.address}, which is not shown", hide_input=True, err=True)
    token = Token(text.strip(), whence="what was typed")
    answer = Portal(desk.address, token, allowed=desk.allowed).get(ME)
    ring = token.store(desk.address)
    until = exact(moment(answer.body["token"]["expires_at"]))
    desk.say(answer, lambda: f"The token of {answer.body['username']} is kept in “{ring}”. It is valid until {until}.")


@deed("logout")
@click.pass_obj
def logout(desk: Desk, /) -> None:
    """Take the token out of the keyring. In the portal it stays valid until it is revoked there."""
    was_there = tokens.forget(desk.address)
    desk.note("The keyring has forgotten it." if was_there else "The keyring had none for this portal.")
