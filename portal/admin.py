"""Django's admin, to look at: it shows rows and writes none.

A change made there would leave no event, ask no policy and see no guardrail, so every change is made in the portal. It
has no door of its own either: people sign in and out in the portal, where that is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from portal.ui import clock

_NOT_HERE = frozenset({"password_change", "password_change_done"})
# Rows of allauth: keys, addresses, and what the provider said. Nobody needs to look at them.
_NOT_SHOWN = frozenset({"account", "mfa", "socialaccount"})


class PortalAdminSite(AdminSite):
    site_header = site_title = "Breakwater"
    index_title = "Rows, to look at"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        super().register([each for each in models if each._meta.app_label not in _NOT_SHOWN], admin_class, **options)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Django writes times in the reader's zone as well, and does not name it."""
        return {**super().each_context(request), "site_header": f"{self.site_header} · times of {clock.zone()}"}

    def has_permission(self, request: HttpRequest) -> bool:
        actor = getattr(cast(ActorRequest, request), "actor", None)
        return actor is not None and not may(actor, Deed.ADMINISTER)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Where Django sends whoever may not be here: strangers to the one door, everybody else no further."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(reverse("admin:index"))

    def logout(  # type: ignore[override] # Django promises a page of the admin's own
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The route must exist, for Django compares each request with it; signing out happens in the portal."""
        return redirect("overview")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [route for route in super().get_urls() if getattr(route, "name", None) not in _NOT_HERE]
