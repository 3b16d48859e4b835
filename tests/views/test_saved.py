"""Lists that are saved under a name: links above the list, for oneself or for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mitigations.models import SavedList
from mitigations.policies.lifecycle import Status
from mitigations.selectors.saved import MOST
from tests.making import NOW, make_mitigation
from tests.people import Cast
from tests.views.facts import deeds
from tests.views.pages import Page

LIST, SAVED = "/mitigations/", "/mitigations/saved/"
QUERY = "target=203.0.113.0%2F24&how=inside&sort=target"


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


def save(client: Client, name: str = "Shop net", query: str = QUERY, **typed: str) -> Any:
    return client.post(f"{SAVED}new/", {"name": name, "query": query, **typed})


def change(client: Client, saved: SavedList, name: str = "Renamed", **typed: str) -> Any:
    return client.post(f"{SAVED}{saved.pk}/", {"name": name, **typed})


def chips(client: Client) -> dict[str, str]:
    return {chip.text: chip.attributes["href"] for chip in Page(client.get(LIST)).main.all("a", class_="chip")}


class TestSaving:
    def test_keeps_the_list_that_is_looked_at_as_a_link(self, dana: Client) -> None:
        make_mitigation(target="198.51.100.1/32")
        inside = make_mitigation(Status.ENDED, target="203.0.113.7/32").reference
        offered = Page(dana.get(f"{LIST}?{QUERY}")).links["Save this list …"]
        [query] = Page(dana.get(offered)).main.all("input", name="query")
        answer = save(dana, query=query.attributes["value"])
        assert answer.headers["Location"] == chips(dana)["Shop net"] == f"{LIST}?{QUERY}"
        page = Page(dana.get(chips(dana)["Shop net"]))
        assert [row.all("a")[0].text for row in page.all("tbody")[0].all("tr")] == [inside]
        assert [chip.text for chip in page.main.all("a", aria_current="page")] == ["Shop net"]

    def test_for_oneself_is_nobody_elses_and_no_event(self, dana: Client, max_: Client) -> None:
        save(dana)
        assert "Shop net" not in chips(max_)
        assert deeds() == []

    def test_for_everybody_is_a_deed_of_administrators(self, dana: Client, max_: Client) -> None:
        save(max_, shared="on")
        assert chips(dana)["Shop net"] == f"{LIST}?{QUERY}"
        assert deeds() == [("max", "list.shared", "done")]

    def test_shares_nothing_of_whoever_may_not(self, dana: Client, max_: Client) -> None:
        assert Page(dana.get(f"{SAVED}new/")).main.all("input", name="shared") == []
        save(dana, shared="on")
        assert not SavedList.objects.get().shared
        assert "Shop net" not in chips(max_)

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("status=active&status=unknown", "status=active&status=unknown"),
            ("status=active&below=42&above=1&tick=all", "status=active"),
            ("status=active&next=//evil.example&url=https://evil.example", "status=active"),
            ("sort=newest&how=inside&target=", ""),
            ("target=203.0.113.7", "target=203.0.113.7&how=overlapping"),
            ("by=%26evil%3D1%23", "by=%26evil%3D1%23"),
            ("https://evil.example/", ""),
            ("//evil.example", ""),
        ],
    )
    def test_keeps_nothing_but_what_a_list_knows(self, query: str, kept: str, dana: Client) -> None:
        answer = save(dana, query=query)
        assert SavedList.objects.get().query == kept
        assert answer.headers["Location"] == (f"{LIST}?{kept}" if kept else LIST)

    @pytest.mark.parametrize("query", ["target=fish", "status=sunk", "sort=sideways", "group=fish", "column=fish"])
    def test_refuses_what_makes_no_sense(self, query: str, dana: Client) -> None:
        answer = save(dana, query=query)
        assert (answer.status_code, SavedList.objects.exists()) == (422, False)
        assert "makes no sense" in Page(answer).alarms[0]

    @pytest.mark.parametrize("name", ["", "  ", "x" * 61])
    def test_needs_a_name(self, name: str, dana: Client) -> None:
        assert (save(dana, name=name).status_code, SavedList.objects.exists()) == (422, False)

    def test_needs_a_name_of_its_own(self, dana: Client, max_: Client) -> None:
        save(dana)
        answer = save(dana)
        assert "There is a list named “Shop net” already." in Page(answer).alarms[0]
        save(max_)
        assert SavedList.objects.count() == 2

    def test_ends_with_so_many(self, dana: Client, cast: Cast) -> None:
        SavedList.objects.bulk_create(
            SavedList(owner=cast.dana, name=str(number), query="", saved_at=NOW) for number in range(MOST)
        )
        assert f"You have saved {MOST} lists." in Page(save(dana)).alarms[0]
        assert SavedList.objects.count() == MOST


class TestChanging:
    @pytest.fixture
    def own(self, cast: Cast) -> SavedList:
        return SavedList.objects.create(owner=cast.dana, name="Mine", query=QUERY, saved_at=NOW)

    @pytest.fixture
    def shared(self, cast: Cast) -> SavedList:
        return SavedList.objects.create(owner=cast.max, name="Ours", query=QUERY, shared=True, saved_at=NOW)

    def test_an_own_one_keeps_what_it_shows(self, own: SavedList, dana: Client) -> None:
        change(dana, own)
        own.refresh_from_db()
        assert (own.name, own.query, deeds()) == ("Renamed", QUERY, [])

    def test_takes_an_own_one_away(self, own: SavedList, dana: Client) -> None:
        dana.post(f"{SAVED}{own.pk}/delete/")
        assert (SavedList.objects.exists(), deeds()) == (False, [])

    @pytest.mark.parametrize("which", ["own", "shared"])
    def test_is_refused_to_anybody_else(self, which: str, request: pytest.FixtureRequest, signed_in) -> None:
        saved = request.getfixturevalue(which)
        for client in [signed_in("ana"), *([signed_in("max")] if which == "own" else [signed_in("dana")])]:
            answers = [
                client.get(f"{SAVED}{saved.pk}/"),
                change(client, saved),
                client.post(f"{SAVED}{saved.pk}/delete/"),
            ]
            assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert SavedList.objects.get().name == saved.name

    def test_a_shared_one_is_for_administrators_and_in_the_log(self, shared: SavedList, max_: Client) -> None:
        change(max_, shared, shared="on")
        change(max_, shared, name="Mine again")
        assert not SavedList.objects.get().shared
        assert deeds() == [("max", "list.shared", "done"), ("max", "list.shared", "done")]

    def test_a_shared_one_is_deleted_for_everybody(self, shared: SavedList, max_: Client, dana: Client) -> None:
        max_.post(f"{SAVED}{shared.pk}/delete/")
        assert "Ours" not in chips(dana)
        assert deeds() == [("max", "list.deleted", "done")]

    def test_a_try_to_delete_what_everybody_has_stays_in_the_log(self, shared: SavedList, dana: Client) -> None:
        dana.post(f"{SAVED}{shared.pk}/delete/")
        assert deeds() == [("dana", "list.deleted", "refused")]

    def test_is_offered_where_it_is_possible(self, own: SavedList, shared: SavedList, dana: Client) -> None:
        links = Page(dana.get(SAVED)).links
        assert "Rename or delete Mine" in links
        assert "Rename or delete Ours" not in links
        assert links["Ours"] == f"{LIST}?{QUERY}"

    def test_of_nothing_is_not_found(self, dana: Client) -> None:
        assert [dana.get(f"{SAVED}999/").status_code, dana.post(f"{SAVED}999/delete/").status_code] == [404, 404]
