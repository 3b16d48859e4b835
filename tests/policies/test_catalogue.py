from __future__ import annotations

from itertools import product

import pytest

from mitigations.policies.catalogue import MAX_MINUTES, Kind, match


@pytest.mark.parametrize(("platform", "method"), list(product(Kind, Kind)))
def test_links_a_method_to_platforms_of_its_own_type_only(platform: Kind, method: Kind) -> None:
    assert [objection.code for objection in match(platform, method)] == ([] if platform is method else ["kind"])


def test_says_which_types_do_not_go_together() -> None:
    [objection] = match(Kind.RTBH, Kind.FLOWSPEC)

    assert objection.sentence == "Flowspec methods do not run on RTBH platforms: the types must be the same."


@pytest.mark.parametrize("kind", Kind)
def test_calls_each_type_what_kentik_calls_it(kind: Kind) -> None:
    assert kind.label


def test_lets_nothing_run_longer_than_a_year() -> None:
    assert MAX_MINUTES == 525_600
