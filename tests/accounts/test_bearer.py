from __future__ import annotations

import pytest

from accounts import bearer


def test_makes_texts_that_are_found_by_their_mark_and_are_never_the_same() -> None:
    made = {bearer.make() for _ in range(100)}

    assert len(made) == 100
    assert all(bearer.is_token(each) and each.startswith("bwk_") and len(each) == 47 for each in made)


@pytest.mark.parametrize("text", ["", "bwk_", "bwk_short", f"xyz_{'a' * 43}", f"bwk_{'a' * 44}", f"bwk_{'ä' * 43}"])
def test_knows_what_is_none(text: str) -> None:
    assert not bearer.is_token(text)


def test_tells_the_secret_of_a_source_from_a_token_and_cuts_both_out() -> None:
    token, secret = bearer.make(), bearer.make(bearer.SOURCE_MARK)

    assert [bearer.is_token(token), bearer.is_token(secret)] == [True, False]
    assert bearer.is_token(secret, bearer.SOURCE_MARK)
    assert bearer.without_tokens(f"{secret} {token}") == f"{secret[:10]}… {token[:10]}…"


def test_keeps_a_hash_that_tells_nothing_of_it() -> None:
    text = bearer.make()

    assert len(bearer.hashed(text)) == 64
    assert text[4:] not in bearer.hashed(text)
    assert bearer.hashed(text) == bearer.hashed(text)


def test_cuts_every_token_out_of_a_text() -> None:
    one, other = bearer.make(), bearer.make()

    cut = bearer.without_tokens(f"Bearer {one}, then {other}.")

    assert one not in cut
    assert other not in cut
    assert cut == f"Bearer {one[:10]}…, then {other[:10]}…."
