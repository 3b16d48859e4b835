"""Every component on one page, for whoever builds pages."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.ui.icons import PATHS
from tests.views.pages import Page


@pytest.fixture
def page(signed_in) -> Page:
    return Page(signed_in("max").get("/account/gallery/"))


def test_shows_each_component_by_day_and_by_night(page: Page) -> None:
    day, night = page.all("section", class_="theme")
    headings = [each.text for each in day.all("h3")]
    assert headings == [each.text for each in night.all("h3")]
    assert len(headings) >= 13
    for class_ in ("status", "prefix", "person", "gauge", "figures", "course", "findings", "trail", "list", "filtered"):
        assert day.all(class_=class_), class_
    for class_ in ("field", "wrong", "primary", "danger", "empty", "alarm", "notice", "badge", "mark", "columns"):
        assert day.all(class_=class_), class_


def test_draws_every_icon(page: Page) -> None:
    drawn = {path.attributes["d"] for icon in page.main.all("svg", class_="icon") for path in icon.all("path")}
    assert drawn == set(PATHS.values())


def test_gives_no_two_things_the_same_id(page: Page) -> None:
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))


def test_is_for_everybody_where_the_portal_is_developed(signed_in, settings) -> None:
    settings.DEBUG = True
    assert signed_in("dana").get("/account/gallery/").status_code == 200


def test_touches_no_data(signed_in, django_assert_max_num_queries, page: Page) -> None:
    client: Client = signed_in("max")
    client.get("/account/gallery/")
    with django_assert_max_num_queries(9):  # who asks, and the page's frame
        client.get("/account/gallery/")
