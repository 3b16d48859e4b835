"""Template tags of forms: for whom their page was made, and what was typed into them before signing in again."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.template import Context
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import typed

register = template.Library()


class _MarkedCsrfTokenNode(CsrfTokenNode):
    def render(self, context: Context) -> str:
        token = super().render(context)
        user = getattr(getattr(context, "request", None), "user", None)
        if not token or user is None or not user.is_authenticated:
            return token
        return token + format_html('<input type="hidden" name="{}" value="{}">', typed.MARK, typed.mark_of(user.pk))


@register.tag
def csrf_token(parser: Parser, token: Token) -> _MarkedCsrfTokenNode:
    """Django's own, and beside it for whom the page was made: what is typed on it is kept for nobody else."""
    return _MarkedCsrfTokenNode()


@register.simple_tag(takes_context=True)
def widget(context: Context, field: BoundField) -> SafeString:
    """The field itself, with what was typed into it before its person had to sign in again."""
    before = getattr(getattr(context, "request", None), "typed", None)
    if before is not None and not field.form.is_bound and _is_of(before, field):
        field.initial = field.field.widget.value_from_datadict(before, {}, field.html_name)
    return field.as_widget()


def _is_of(before: QueryDict, field: BoundField) -> bool:
    """Whether it was typed into this form: a box that is not ticked is not sent, so the others of its form tell."""
    if field.field.widget.value_omitted_from_data(before, {}, field.html_name):
        return False
    return any(field.form.add_prefix(name) in before for name in field.form.fields)
