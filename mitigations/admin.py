"""Rows to look at in Django's admin. It changes nothing: `portal.admin` says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, URLField
from django.http import HttpRequest

from mitigations.models import Decision, Exchange, Lane, Method, Mitigation, Pairing, Platform

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Model]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnly(ModelAdmin):
    show_full_result_count = False
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Platform, Method)
class KentikThingAdmin(ReadOnly):
    list_display = ("name", "kentik_id", "kind", "retired_at")
    list_filter = ("kind",)


@admin.register(Pairing)
class PairingAdmin(ReadOnly):
    list_display = ("__str__", "offered", "effect", "ipv4", "ipv6", "default_minutes", "longest_minutes", "retired_at")
    list_select_related = ("platform", "method")


@admin.register(Mitigation)
class MitigationAdmin(ReadOnly):
    list_display = ("reference", "target", "status", "requested_by", "requested_at")
    list_filter = ("status",)


@admin.register(Decision, Exchange)
class RecordAdmin(ReadOnly):
    list_display = ("__str__", "mitigation")


@admin.register(Lane)
class LaneAdmin(ReadOnly):
    list_display = ("__str__", "holder", "lease_until", "paused_until", "skew_ms")
