"""A Django site that does nothing: it answers each method with the bytes that the file of BARE_BODIES has for it.

Served as the portal is, `gunicorn bench.bare`, it is what the figures of the API stand beside.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import re_path

_BODIES: dict[str, str] = json.loads(Path(os.environ["BARE_BODIES"]).read_text())


def answer(request: HttpRequest) -> HttpResponse:
    assert request.method is not None
    return HttpResponse(_BODIES[request.method], content_type="application/json")


urlpatterns = [re_path("", answer)]
settings.configure(ALLOWED_HOSTS=["*"], MIDDLEWARE=[], ROOT_URLCONF=__name__, SECRET_KEY="bare")
application = get_wsgi_application()
