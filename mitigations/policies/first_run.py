"""What a new portal needs before a team can use it, and what it had better have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Known:
    """How far somebody has come. `askers` and `approvers`: some of them, by their IDs; two of each are enough."""

    kentik_accepts: bool
    kentik_refuses: bool
    offers_a_pairing: bool
    has_address_space: bool
    has_rules: bool
    askers: frozenset[int]
    approvers: frozenset[int]
    has_an_auditor: bool
    signs_the_log: bool
    knows_its_address: bool
    tells_people: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line. `page` is the name of the page where it is done, or `how` says how it is done elsewhere."""

    title: str
    why: str
    done: bool
    page: str = ""
    part: str = ""
    how: str = ""
    needed: bool = True


@dataclass(frozen=True, kw_only=True)
class Checklist:
    steps: tuple[Step, ...]

    @property
    def left(self) -> int:
        return sum(not step.done for step in self.steps)

    @property
    def is_usable(self) -> bool:
        """Whether a mitigation can be asked for, agreed to, sent and audited."""
        return all(step.done for step in self.steps if step.needed)


def checklist(known: Known) -> Checklist | None:
    """None when all is done."""
    found = Checklist(steps=(*_needed(known), *_better(known)))
    return found if found.left else None


def _needed(known: Known) -> tuple[Step, ...]:
    return (
        Step(
            title="Kentik accepts the credentials",
            why="Kentik refused them the last time: nothing can be sent."
            if known.kentik_refuses
            else "Without them nothing can be sent.",
            done=known.kentik_accepts,
            how="Give KENTIK_API_EMAIL and KENTIK_API_TOKEN to the worker; then run manage.py kentik_check or, without "
            "KENTIK_V6, send the first mitigation.",
        ),
        Step(
            title="A platform and a method are offered",
            why="They are what people choose from.",
            done=known.offers_a_pairing,
            page="catalogue",
        ),
        Step(
            title="The team’s address space is named",
            why="What lies outside is blocked. As long as there is none, any address may be asked for.",
            done=known.has_address_space,
            page="plan",
            part="address-space",
        ),
        Step(
            title="Rules of approval are published",
            why="Until then every request needs one approval, however wide or long it is.",
            done=known.has_rules,
            page="rules-draft",
        ),
        Step(
            title="Somebody may ask, and somebody else approve",
            why="Nobody approves their own request.",
            done=any(asker != approver for asker in known.askers for approver in known.approvers),
            page="people",
        ),
        Step(
            title="Somebody audits",
            why="Whoever asks or approves cannot sign off what was done.",
            done=known.has_an_auditor,
            page="people",
        ),
    )


def _better(known: Known) -> tuple[Step, ...]:
    return (
        Step(
            title="The audit log is signed",
            why="A signature shows later that nothing was changed since.",
            done=known.signs_the_log,
            how="Make a key with manage.py audit_key, and give it to the worker as AUDIT_SIGNING_KEY.",
            needed=False,
        ),
        Step(
            title="Messages lead back here",
            why="Whoever is woken at night opens the request by its link.",
            done=known.knows_its_address,
            how="Set PORTAL_URL, for the web processes and the worker.",
            needed=False,
        ),
        Step(
            title="People are told",
            why="A request waits unseen where nobody is told of it.",
            done=known.tells_people,
            page="channels",
            how="Or set EMAIL_URL, for mail.",
            needed=False,
        ),
    )
