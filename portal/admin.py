"""Django's admin, to look at: it shows rows and writes none.

A change made there would leave no event, ask no policy and see no guardrail, so every change is made in the portal.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest


class PortalAdminSite(AdminSite):
    site_header = site_title = "Breakwater"
    index_title = "Rows, to look at"
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door, and it keeps a record."""
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("overview")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        raise Http404("Passwords are not changed here.")

    password_change_done = password_change

    def has_permission(self, request: HttpRequest) -> bool:
        actor = getattr(cast("ActorRequest", request), "actor", None)
        return actor is not None and not may(actor, Deed.ADMINISTER)
