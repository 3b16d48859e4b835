"""Reading a page as a person does: its text, its links, what stands in its fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        inner = " ".join(each if isinstance(each, str) else each.text for each in self.children)
        return " ".join(inner.split())

    @property
    def exact_text(self) -> str:
        return "".join(each if isinstance(each, str) else each.exact_text for each in self.children)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, tag: str = "", *, class_: str = "", **attributes: str) -> list[Element]:
        """Every element inside this one, in the order of the page, of this tag, class and attributes."""
        found = []
        for child in self.children:
            if isinstance(child, str):
                continue
            if child._is(tag, class_, attributes):
                found.append(child)
            found += child.all(tag, class_=class_, **attributes)
        return found

    def _is(self, tag: str, class_: str, attributes: dict[str, str]) -> bool:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return (
            tag in {"", self.tag}
            and (not class_ or class_ in self.classes)
            and all(self.attributes.get(name) == value for name, value in wanted.items())
        )


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("page", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":
            return  # a place to break a word, which stays one
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in _VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        place: Element | None = self.here
        while place is not None and place.tag != tag:
            place = place.parent
        if place is not None and place.parent is not None:
            self.here = place.parent

    def handle_data(self, data: str) -> None:
        if self.here.children and isinstance(before := self.here.children[-1], str):
            self.here.children[-1] = before + data
        else:
            self.here.children.append(data)


class Page(Element):
    """The page of an answer."""

    def __init__(self, response: Any) -> None:
        builder = _Builder()
        builder.feed(response.content.decode())
        builder.close()
        super().__init__("page", {}, None, builder.root.children)
        self.status = response.status_code

    @property
    def main(self) -> Element:
        return self.all("main")[0]

    @property
    def heading(self) -> str:
        return self.all("h1")[0].text

    @property
    def alarms(self) -> list[str]:
        return [alarm.text for alarm in self.all(class_="alarm")]

    @property
    def notices(self) -> list[str]:
        return [notice.text for notice in self.all(class_="notice")]

    @property
    def links(self) -> dict[str, str]:
        """Where each link of the content leads, by its words."""
        return {link.text: link.attributes.get("href", "") for link in self.main.all("a")}

    @property
    def buttons(self) -> list[str]:
        """What this person may press at the head of the page."""
        return [link.text for group in self.main.all("p", class_="buttons") for link in group.all("a", class_="button")]

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the visible fields; nothing where none of several is chosen."""
        return dict.fromkeys((each.attributes.get("name", "") for each in self.main.all("input", type="radio")), "") | {
            name: _value(element)
            for element in self.main.all()
            if (name := element.attributes.get("name"))
            and element.tag in {"input", "select", "textarea"}
            and element.attributes.get("type") != "hidden"
            and (element.attributes.get("type") not in {"checkbox", "radio"} or "checked" in element.attributes)
        }

    def said(self, tag: str, **attributes: str) -> list[str]:
        return [element.text for element in self.main.all(tag, **attributes)]


def _value(element: Element) -> str:
    if element.tag == "textarea":
        return element.exact_text.removeprefix("\n")
    if element.tag == "select":
        chosen = element.all("option", selected="")
        return chosen[0].attributes.get("value", "") if chosen else ""
    return element.attributes.get("value", "on" if element.attributes.get("type") == "checkbox" else "")
