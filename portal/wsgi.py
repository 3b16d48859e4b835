"""Where a server such as gunicorn hands over each request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django's, which hears of no charset.

    It would look up whatever is named among all of Python's codecs, of which some read no text, and break where no page
    for errors is made any more. Pages of ours send UTF-8; what says that it is something else is taken for no form.
    """
    environ["CONTENT_TYPE"] = without_charset(environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)


def without_charset(content_type: str) -> str:
    try:
        kind, parameters = parse_header_parameters(content_type)
    except ValueError:
        return _NO_FORM
    if "charset" not in parameters:
        return content_type
    if parameters["charset"].lower() != "utf-8":
        return _NO_FORM
    boundary = parameters.get("boundary")
    return f'{kind}; boundary="{boundary}"' if boundary else kind


_NO_FORM = "application/octet-stream"
