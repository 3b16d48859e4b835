from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.signing import BadKey, BadNote, new_key, public_key, signing_key, verified

# A key and a note of Go's own documentation of signed notes (golang.org/x/mod/sumdb/note).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"  # pragma: allowlist secret
SAYING = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_reads_what_another_program_signed() -> None:
    text, key = verified(SAYING, [public_key(PETER)])

    assert text.startswith("If you think")
    assert key.name == "PeterNeumann"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_signs_any_text_that_ends_with_a_line_feed(text: str) -> None:
    key = signing_key(new_key("portal.example.net"))
    note = key.sign(f"{text}\n")

    assert verified(note, [key.public]) == (f"{text}\n", key.public)


def test_finds_the_key_among_several_of_one_name() -> None:
    former, present = (signing_key(new_key("portal")) for _ in range(2))

    assert verified(former.sign("it was\n"), [present.public, former.public])[1] == former.public


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("was", "is"),
        lambda note: note.replace("— portal", "— harbour"),
        lambda note: note.removesuffix("\n")[:-8] + "AAAAAAA=\n",
        lambda note: note.partition("\n\n")[0],
        lambda note: note.replace("— ", "- "),
        lambda note: note.replace("— portal ", "— portal !"),
        lambda note: note[:0],
    ],
)
def test_refuses_a_note_that_was_changed(spoil) -> None:
    key = signing_key(new_key("portal"))

    with pytest.raises(BadNote):
        verified(spoil(key.sign("it was\n")), [key.public])


def test_refuses_a_note_of_a_stranger() -> None:
    note = signing_key(new_key("portal")).sign("it was\n")

    with pytest.raises(BadNote, match="None of the known keys"):
        verified(note, [signing_key(new_key("portal")).public])


def test_writes_keys_that_it_reads() -> None:
    written = new_key("portal.example.net")
    key = signing_key(written)

    assert public_key(str(key.public)) == key.public
    assert written.startswith(f"PRIVATE+KEY+{key.public.id}+")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there"])
def test_refuses_a_name_that_is_no_word(name: str) -> None:
    with pytest.raises(BadKey, match="one word"):
        new_key(name)


@pytest.mark.parametrize("text", ["", "portal", "portal+1+", "portal+00000000+AQ==", "PRIVATE+KEY+portal+0+!!", PETER])
def test_refuses_what_is_no_private_key(text: str) -> None:
    with pytest.raises(BadKey):
        signing_key(text)


def test_refuses_a_private_key_where_a_public_one_belongs() -> None:
    with pytest.raises(BadKey, match="must not be given"):
        public_key(new_key("portal"))


def test_refuses_a_public_key_that_does_not_agree_with_itself() -> None:
    with pytest.raises(BadKey, match="agree"):
        public_key(PETER.replace("c74f20a3", "c74f20a4"))


def test_shows_no_private_key() -> None:
    written = new_key("portal")
    key = signing_key(written)
    secret = written.split("+", 4)[4]

    assert not any(
        secret in shown or secret[:12] in shown for shown in (repr(key), str(key), f"{key}", repr(vars(key)))
    )
    assert base64.b64decode(secret)[1:].hex() not in repr(vars(key))
