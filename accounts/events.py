"""The deeds of accounts in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.vocabulary import Concern, Phrase

SIGNED_IN = "account.signed-in"
SIGNED_OUT = "account.signed-out"
ENROLLED = "account.enrolled"
PASSWORD_SET = "account.password-set"  # noqa: S105 (the name of a deed)
MESSAGES_CHOSEN = "account.messages-chosen"
INVITED = "account.invited"
LINK_MADE = "account.link-made"
JOINED = "account.joined"
ROLES_CHANGED = "account.roles-changed"
SESSIONS_ENDED = "account.sessions-ended"
OWN_SESSIONS_ENDED = "account.own-sessions-ended"
DEACTIVATED = "account.deactivated"
REACTIVATED = "account.reactivated"
FACTOR_ADDED = "account.factor-added"
FACTOR_REMOVED = "account.factor-removed"
CODES_MADE = "account.codes-made"
FACTORS_RESET = "account.factors-reset"
EXPECTED = "account.expected"
LINKED = "account.linked"
PROVIDER_GAVE = "account.provider-gave"
PROVIDER_TOOK = "account.provider-took"
PROVIDER_CLASHED = "account.provider-clashed"
TOKEN_MADE = "token.made"  # noqa: S105 (the name of a deed)
TOKEN_USED = "token.used"  # noqa: S105 (the name of a deed)
TOKEN_REVOKED = "token.revoked"  # noqa: S105 (the name of a deed)

SIGN_INS = Concern(code="sign-ins", words="Sign-ins that failed in a row", grave=True)
PEOPLE = Concern(code="people", words="Accounts, roles, passwords")
EMERGENCY = Concern(code="emergency", words="Emergency accounts", grave=True)
TOKENS = Concern(code="tokens", words="Tokens of the API")
CONCERNS = (SIGN_INS, EMERGENCY, PEOPLE, TOKENS)


def _may_change_something(facts: Mapping[str, Any]) -> Concern | None:
    return TOKENS if set(facts["scopes"].split(", ")) != {"read"} else None


def _is_elsewhere(facts: Mapping[str, Any]) -> Concern | None:
    return TOKENS if facts["elsewhere"] else None


def _is_by_another(facts: Mapping[str, Any]) -> Concern | None:
    return TOKENS if facts["by_another"] else None


PHRASES = {
    # Anybody mistypes once: those in a row are marked where they are counted.
    SIGNED_IN: Phrase(done="signed in", tried="sign in", review_forbidden=False),
    SIGNED_OUT: Phrase(done="signed out", tried="sign out"),
    ENROLLED: Phrase(done="gave {subject} an account: {roles}", tried="give {subject} an account", review=PEOPLE),
    PASSWORD_SET: Phrase(done="set the password of {subject}", tried="set the password of {subject}", review=PEOPLE),
    MESSAGES_CHOSEN: Phrase(
        done="chose their messages: e-mail address {address}, without {without}", tried="choose their messages"
    ),
    INVITED: Phrase(
        done="invited {subject}: {roles}; teams: {teams}; the link went {how}", tried="invite {subject}", review=PEOPLE
    ),
    LINK_MADE: Phrase(
        done="made a new invitation for {subject}: the link went {how}",
        tried="make a new invitation for {subject}",
        review=PEOPLE,
        label="invited anew",
    ),
    JOINED: Phrase(done="accepted the invitation and set a password", tried="accept the invitation", review=PEOPLE),
    ROLES_CHANGED: Phrase(
        done="changed what {subject} may do: {changes}", tried="change what {subject} may do: {changes}", review=PEOPLE
    ),
    SESSIONS_ENDED: Phrase(
        done="signed {subject} out everywhere", tried="sign {subject} out everywhere", review=PEOPLE
    ),
    OWN_SESSIONS_ENDED: Phrase(done="ended {count} of the sessions of {subject}", tried="end sessions of {subject}"),
    DEACTIVATED: Phrase(
        done="deactivated the account of {subject}", tried="deactivate the account of {subject}", review=PEOPLE
    ),
    REACTIVATED: Phrase(
        done="reactivated the account of {subject}: {roles}",
        tried="reactivate the account of {subject}",
        review=PEOPLE,
    ),
    FACTOR_ADDED: Phrase(done="added a second factor for {subject}: {factor}", tried="add a second factor"),
    FACTOR_REMOVED: Phrase(done="removed a second factor of {subject}: {factor}", tried="remove a second factor"),
    CODES_MADE: Phrase(done="made new recovery codes for {subject}", tried="make recovery codes"),
    FACTORS_RESET: Phrase(
        done="took away the second factors of {subject} ({factors}), and ended their sessions",
        tried="take away the second factors of {subject}",
        review=PEOPLE,
    ),
    EXPECTED: Phrase(
        done="lets {subject} sign in by {provider}",
        tried="let {subject} sign in by {provider}",
        review=PEOPLE,
    ),
    LINKED: Phrase(
        done="is from now on whom {provider} knows as {subject}", tried="sign in by {provider}", review=PEOPLE
    ),
    PROVIDER_GAVE: Phrase(done="got roles from {provider}: {roles}", tried="get roles from {provider}", review=PEOPLE),
    PROVIDER_TOOK: Phrase(done="lost roles by {provider}: {roles}", tried="lose roles by {provider}", review=PEOPLE),
    PROVIDER_CLASHED: Phrase(
        done="has roles by {provider} that one person must not hold together, and got none of them: {roles}",
        tried="get roles from {provider}",
        review=PEOPLE,
    ),
    TOKEN_MADE: Phrase(
        done="made {subject}, to {scopes}, from {networks}, until {until}",
        tried="make {subject}",
        review=_may_change_something,
    ),
    TOKEN_USED: Phrase(
        done="used {subject} from {network} for the first time",
        tried="use {subject} from {network}",
        review=_is_elsewhere,
        label="used from a new network",
    ),
    TOKEN_REVOKED: Phrase(done="revoked {subject}", tried="revoke {subject}", review=_is_by_another),
}
