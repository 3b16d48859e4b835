"""Our icons: strokes on a field of 24 by 24, drawn in the page itself, so that they take the colour of its words."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

PATHS = {
    "overview": "M3 17a9 9 0 1 1 18 0M12 17l4-6M3 21h18",
    "mitigations": "M12 3 4.5 6v5.5c0 4.6 3.1 7.8 7.5 9.5 4.4-1.7 7.5-4.9 7.5-9.5V6z",
    "approvals": "M20.5 11v1A8.5 8.5 0 1 1 15 4M8.5 11.5l3.2 3.2L21 5.5",
    "catalogue": "M12 3 3 7.5l9 4.5 9-4.5zM3 12l9 4.5 9-4.5M3 16.5 12 21l9-4.5",
    "presets": "M6 3h12v18l-6-4.5L6 21z",
    "sources": "M12 11.5v1M8 8a6 6 0 0 0 0 8M16 8a6 6 0 0 1 0 8M5 5a10 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14",
    "policy": "M12 4v16M8 20h8M5 7l7-2 7 2M5 7l-2.5 6a2.7 2.7 0 0 0 5 0zM19 7l-2.5 6a2.7 2.7 0 0 0 5 0z",
    "reports": "M4 20h16M7 16v-5M12 16V5M17 16V9",
    "audit": "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2",
    "questions": "M4 5h16v11h-8l-4.5 4v-4H4zM10 9.2a2 2 0 1 1 2.6 1.9c-.5.2-.6.5-.6 1M12 13.6v.1",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
    "people": "M9 11a3 3 0 1 0 0-7 3 3 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M15.5 4a3 3 0 0 1 0 7M18 14a6 6 0 0 1 3.5 6",
    "leave": "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "search": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
    "new": "M12 5v14M5 12h14",
    "stop": "M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6",
    "alarm": "M12 4 2.5 20h19zM12 10v4.5M12 17.2v.1",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
    "elsewhere": "M13 5h6v6M19 5l-9 9M16 14v5H5V8h5",
    "download": "M12 4v11M7 11l5 5 5-5M5 20h14",
}


def icon(name: str) -> SafeString:
    """Beside words that say the same, so it is hidden from whoever listens. KeyError: we have not drawn that one."""
    template = '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="{}"/></svg>'
    return format_html(template, PATHS[name])
