"""A QR code as SVG, in a page without style or script; dark on light at night too, or phones would not read it."""

from __future__ import annotations

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString

_MARGIN = 4


def drawn(text: str) -> SafeString:
    code = qrcode.QRCode(border=0)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{column + _MARGIN} {row + _MARGIN}h1v1h-1z"
        for row, cells in enumerate(rows)
        for column, dark in enumerate(cells)
        if dark
    )
    side = len(rows) + 2 * _MARGIN
    return format_html(
        '<svg viewBox="0 0 {0} {0}" width="220" height="220" role="img" aria-label="QR code for the authenticator app">'
        '<rect width="{0}" height="{0}" fill="#ffffff"/><path d="{1}" fill="#000000" '
        'shape-rendering="crispEdges"/></svg>',
        side,
        path,
    )
