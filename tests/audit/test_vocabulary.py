from __future__ import annotations

import re
from string import Formatter

import pytest

from audit import vocabulary
from audit.vocabulary import Phrase
from tests.audit.conftest import DEED

WHY = {"objections": [{"code": "a", "sentence": "It is locked."}, {"code": "b", "sentence": "It is late."}]}


def test_tells_what_was_done() -> None:
    assert vocabulary.done(DEED, actor="dana", subject="box 7", facts={}) == "dana opened box 7"


def test_tells_what_was_tried_and_every_reason_against_it() -> None:
    told = vocabulary.refused(DEED, actor="eve", subject="box 7", facts=WHY)

    assert told == "eve could not open box 7: It is locked. It is late."


def test_tells_it_with_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vocabulary._phrases, DEED, Phrase(done="opened {subject} with {tool}", tried="open it"))

    assert vocabulary.done(DEED, actor="dana", subject="box 7", facts={"tool": "a key"}).endswith("with a key")


def test_leaves_braces_in_facts_alone() -> None:
    assert (
        vocabulary.done(DEED, actor="{x}", subject="{subject.__class__}", facts={}) == "{x} opened {subject.__class__}"
    )


def test_knows_the_deeds_that_were_registered_and_no_other() -> None:
    assert vocabulary.is_known(DEED)
    assert not vocabulary.is_known("box.closed")


@pytest.mark.parametrize("deed", sorted(vocabulary._phrases))
def test_has_words_for_every_deed_of_the_portal(deed: str) -> None:
    phrase = vocabulary._phrases[deed]

    assert re.fullmatch(r"[a-z]+\.[a-z-]+", deed)
    assert len(deed) <= 64
    for words in (phrase.done, phrase.tried):
        assert words
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(words))
