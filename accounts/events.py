"""The deeds of accounts in the audit log."""

from __future__ import annotations

from audit.vocabulary import Concern, Phrase

SIGNED_IN = "account.signed-in"
SIGNED_OUT = "account.signed-out"
ENROLLED = "account.enrolled"
PASSWORD_SET = "account.password-set"  # noqa: S105 (the name of a deed)
MESSAGES_CHOSEN = "account.messages-chosen"

SIGN_INS = Concern(code="sign-ins", words="Sign-ins that failed in a row", grave=True)
PEOPLE = Concern(code="people", words="Accounts, roles, passwords")
CONCERNS = (SIGN_INS, PEOPLE)

PHRASES = {
    # Anybody mistypes once: those in a row are marked where they are counted.
    SIGNED_IN: Phrase(done="signed in", tried="sign in", review_forbidden=False),
    SIGNED_OUT: Phrase(done="signed out", tried="sign out"),
    ENROLLED: Phrase(done="gave {subject} an account: {roles}", tried="give {subject} an account", review=PEOPLE),
    PASSWORD_SET: Phrase(done="set the password of {subject}", tried="set the password of {subject}", review=PEOPLE),
    MESSAGES_CHOSEN: Phrase(
        done="chose their messages: e-mail address {address}, without {without}", tried="choose their messages"
    ),
}
