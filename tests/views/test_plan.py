"""Protected prefixes, address space, teams and alarms, through the pages."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mitigations.models import AddressSpace, Alarm, ProtectedPrefix, Team
from mitigations.policies.lifecycle import Status
from tests.making import make_mitigation, make_protected, make_space
from tests.people import Cast
from tests.views.facts import deeds, everything, everything_but_the_log
from tests.views.pages import Page

PROTECTED, SPACE = "/policy/protected/", "/policy/address-space/"


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


def entry(cast: Cast, **values: object) -> dict[str, object]:
    return {
        "ip_cidr": "203.0.113.0/28",
        "severity": "block",
        "reason": "Core switches.",
        "owner": cast.max.pk,
        **values,
    }


class TestProtecting:
    def test_shows_first_what_it_would_touch(self, max_: Client, cast: Cast) -> None:
        mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
        before = everything()

        text = Page(max_.post(PROTECTED + "new/", entry(cast))).main.text

        assert "1 open mitigation overlaps this" in text
        assert mitigation.reference in text
        assert everything() == before

    def test_saves_when_that_was_confirmed(self, max_: Client, cast: Cast) -> None:
        max_.post(PROTECTED + "new/", entry(cast, confirmed="203.0.113.0/28"))

        saved = ProtectedPrefix.objects.get()
        assert (saved.prefix, saved.reason, saved.owner) == ("203.0.113.0/28", "Core switches.", cast.max)
        assert deeds("203.0.113.0/28") == [("max", "plan.saved", "done")]

    def test_shows_again_when_the_prefix_changed_since(self, max_: Client, cast: Cast) -> None:
        max_.post(PROTECTED + "new/", entry(cast, ip_cidr="203.0.113.0/24", confirmed="203.0.113.0/28"))

        assert not ProtectedPrefix.objects.exists()

    def test_keeps_what_was_typed_when_something_is_wrong(self, max_: Client, cast: Cast) -> None:
        answer = max_.post(PROTECTED + "new/", entry(cast, ip_cidr="203.0.113.7/28"))

        assert answer.status_code == 422
        assert "Core switches." in answer.content.decode()
        assert "203.0.113.0/28" in Page(answer).main.text

    def test_of_what_is_protected_already_is_told(self, max_: Client, cast: Cast) -> None:
        make_protected("203.0.113.0/28", owner=cast.max)

        answer = max_.post(PROTECTED + "new/", entry(cast, confirmed="203.0.113.0/28"))

        assert answer.status_code == 409
        assert "in the list already" in Page(answer).main.text

    def test_can_be_changed_and_taken_back(self, max_: Client, cast: Cast) -> None:
        row = make_protected("203.0.113.0/28", owner=cast.max)
        address = f"{PROTECTED}{row.pk}/"

        max_.post(address, entry(cast, severity="review", confirmed="203.0.113.0/28"))
        row.refresh_from_db()
        assert row.severity == "review"

        max_.post(address + "delete/")
        assert not ProtectedPrefix.objects.exists()

    @pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
    def test_is_for_administrators(self, name: str, signed_in, cast: Cast) -> None:
        row = make_protected("192.0.2.0/24", owner=cast.max)
        before = everything_but_the_log()
        person = signed_in(name)

        for place in ("new/", f"{row.pk}/", f"{row.pk}/delete/", "import/"):
            assert person.post(PROTECTED + place, entry(cast, confirmed="203.0.113.0/28")).status_code == 403

        assert everything_but_the_log() == before
        assert deeds() == [(name, "plan.saved", "refused")] * 4


class TestTheList:
    def test_says_that_nothing_is_protected(self, max_: Client) -> None:
        assert "Nothing is protected" in Page(max_.get(PROTECTED)).main.text

    def test_says_that_there_is_no_limit(self, max_: Client) -> None:
        assert "there is no limit" in Page(max_.get(SPACE)).main.text

    def test_finds_what_overlaps(self, max_: Client, cast: Cast) -> None:
        for text in ("203.0.113.0/28", "203.0.113.7/32", "192.0.2.0/24"):
            make_protected(text, owner=cast.max)

        text = Page(max_.get(PROTECTED, {"inside": "203.0.113.0/24"})).main.text

        assert "203.0.113.0/28" in text
        assert "203.0.113.7/32" in text
        assert "192.0.2.0/24" not in text

    def test_goes_on_where_a_page_ends(self, max_: Client, cast: Cast) -> None:
        for last in range(105):
            make_protected(f"203.0.113.{last}/32", owner=cast.max)

        onward = Page(max_.get(PROTECTED)).all("a", rel="next")[0].attributes["href"]

        assert "203.0.113.104/32" in Page(max_.get(PROTECTED + onward)).main.text

    @pytest.mark.parametrize("query", ["inside=fish", "inside=100%25", "after=x", "after=-1"])
    def test_tells_of_garbage(self, query: str, max_: Client) -> None:
        assert max_.get(f"{PROTECTED}?{query}").status_code == 422

    @pytest.mark.parametrize("address", [PROTECTED, SPACE])
    def test_takes_as_many_queries_for_many_rows_as_for_few(self, address: str, max_: Client, cast: Cast) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                max_.get(address)
            return len(captured)

        def add(number: int) -> None:
            make_protected(f"203.0.113.{number}/32", owner=cast.max)
            make_space(f"203.0.113.{number}/32", Team.objects.create(name=f"Team {number}"))

        for number in range(3):
            add(number)
        few = queries()
        for number in range(3, 30):
            add(number)
        assert queries() == few


class TestImporting:
    CSV = "prefix,severity,reason,owner\n203.0.113.0/28,block,Core.,max\n192.0.2.0/24,review,Shop.,lee\n"

    def test_shows_first_what_it_would_touch(self, max_: Client) -> None:
        make_mitigation(Status.ACTIVE, target="203.0.113.7/32")

        text = Page(max_.post(PROTECTED + "import/", {"text": self.CSV})).main.text

        assert "2 rows are right" in text
        assert "1 open mitigation overlaps this" in text
        assert not ProtectedPrefix.objects.exists()

    def test_takes_what_was_pasted(self, max_: Client) -> None:
        max_.post(PROTECTED + "import/", {"text": self.CSV, "confirmed": "1"})

        rows = ProtectedPrefix.objects.order_by("pk").values_list("prefix", "severity", "owner__username")
        assert list(rows) == [("203.0.113.0/28", "block", "max"), ("192.0.2.0/24", "review", "lee")]

    def test_takes_a_file(self, max_: Client) -> None:
        Team.objects.create(name="NOC")
        file = SimpleUploadedFile("space.csv", "\ufeffprefix,teams,note\n203.0.113.0/24,NOC,Ours\n".encode())

        max_.post(SPACE + "import/", {"file": file, "confirmed": "1"})

        space = AddressSpace.objects.get()
        assert (space.prefix, [team.name for team in space.teams.all()]) == ("203.0.113.0/24", ["NOC"])

    @pytest.mark.parametrize(
        ("rows", "told"),
        [
            ("203.0.113.7/28,block,Core.,max\n", "line 3: Prefix: 203.0.113.7/28 has bits set"),
            ("203.0.113.0/24,maybe,Core.,max\n", "line 3: What it does: Select a valid choice"),
            ("203.0.113.0/24,block,Core.,zoe\n", "line 3: There is no person named 'zoe'."),
            ("203.0.113.0/24,block\n", "line 3: There must be 4 values in a row."),
            ("203.0.113.0/24,block,a,max,b\n", "line 3: There must be 4 values in a row."),
            ("198.51.100.0/24,block,a,max\n", "line 3: 198.51.100.0/24 stands in line 2 already."),
            ('"203.0.113.0/24,block\n', "This is no CSV"),
        ],
    )
    def test_of_one_wrong_row_changes_nothing_and_keeps_the_text(self, rows: str, told: str, max_: Client) -> None:
        text = f"prefix,severity,reason,owner\n198.51.100.0/24,block,Ours.,max\n{rows}"

        answer = max_.post(PROTECTED + "import/", {"text": text, "confirmed": "1"})

        assert answer.status_code == 422
        assert told in Page(answer).main.text
        assert "198.51.100.0/24,block,Ours.,max" in answer.content.decode()
        assert not ProtectedPrefix.objects.exists()

    @pytest.mark.parametrize("text", ["", "prefix\n1.2.3.0/24\n", "owner,prefix,severity,reason\n"])
    def test_of_another_shape_is_told(self, text: str, max_: Client) -> None:
        assert max_.post(PROTECTED + "import/", {"text": text}).status_code == 422

    def test_of_what_is_no_text_is_told(self, max_: Client) -> None:
        file = SimpleUploadedFile("x.csv", b"\xff\xfe\x00")

        answer = max_.post(PROTECTED + "import/", {"file": file})

        assert "The file is not UTF-8 text." in Page(answer).main.text


class TestTeams:
    def test_get_a_name_and_members(self, max_: Client, cast: Cast) -> None:
        max_.post("/policy/teams/new/", {"name": "Web", "members": [cast.dana.pk]})

        assert list(Team.objects.get(name="Web").members.all()) == [cast.dana]

    def test_keep_what_was_typed_when_the_name_is_taken(self, max_: Client) -> None:
        Team.objects.create(name="Web")

        answer = max_.post("/policy/teams/new/", {"name": "Web"})

        assert (answer.status_code, 'value="Web"' in answer.content.decode()) == (422, True)


class TestAlarms:
    @pytest.fixture
    def raised(self, cast: Cast) -> Alarm:
        mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana)
        return Alarm.objects.create(
            mitigation=mitigation, sentence="It is protected.", raised_at=mitigation.requested_at
        )

    def test_stand_on_the_overview_and_on_the_mitigation(self, raised: Alarm, signed_in) -> None:
        for address in ("/", f"/mitigations/{raised.mitigation.reference}/"):
            assert "It is protected." in Page(signed_in("ana").get(address)).alarms[0]

    def test_can_be_settled_by_whoever_may(self, raised: Alarm, signed_in, cast: Cast) -> None:
        page = Page(signed_in("lee").get(f"/alarms/{raised.pk}/"))
        assert "changes nothing in the network" in page.main.text
        assert f"/mitigations/{raised.mitigation.reference}/stop/" in page.links.values()
        signed_in("lee").post(f"/alarms/{raised.pk}/", {"note": "Agreed with the owner."})

        raised.refresh_from_db()
        assert (raised.settled_by, raised.note) == (cast.lee, "Agreed with the owner.")

    def test_need_a_reason_to_be_settled(self, raised: Alarm, signed_in) -> None:
        assert signed_in("lee").post(f"/alarms/{raised.pk}/", {"note": ""}).status_code == 422

    @pytest.mark.parametrize("name", ["dana", "ana", "eve"])
    def test_offer_nothing_to_whoever_may_not(self, name: str, raised: Alarm, signed_in) -> None:
        person = signed_in(name)

        assert person.post(f"/alarms/{raised.pk}/", {"note": "Fine."}).status_code == 403
        assert "Settle this alarm" not in person.get("/").content.decode()
        raised.refresh_from_db()
        assert raised.settled_at is None
