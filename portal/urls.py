from django.contrib import admin
from django.urls import include, path

from portal.gallery import gallery
from portal.health import livez, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("account/", include("accounts.urls")),
    path("account/", include("accounts.allauth_urls")),
    path("account/gallery/", gallery, name="gallery"),
    path("admin/", admin.site.urls),
    path("", include("mitigations.urls")),
]

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"
