"""Django's admin, to look at: it shows rows and writes none.

A change made there would leave no event, ask no policy and see no guardrail, so every change is made in the portal.
"""

from __future__ import annotations

from typing import cast

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest


class PortalAdminSite(AdminSite):
    site_header = site_title = "Breakwater"
    index_title = "Rows, to look at"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        actor = getattr(cast("ActorRequest", request), "actor", None)
        return actor is not None and not may(actor, Deed.ADMINISTER)
