"""The list of the styles that a member may use, a page at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from discord import ui

from bot.actions.styles.chosen import USUAL_STRENGTH
from bot.text.markdown import Markup
from bot.text.phrases import Phrase
from bot.text.styles import keeping as text
from bot.views.page import Page
from bot.views.styles.buttons import page_button, pick
from storage.style_records import Style, StyleScope, StyleState

A_PAGE = 10


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A style in the list, and the model that it is for if that is not the loaded one."""

    style: Style
    misfit: str | None


def list_page(locale: str, member_id: int, styles: Sequence[Listed], page: int) -> Page:
    """Return a page of the list; the last one for a page that is not there any more."""
    if not styles:
        return Page(ui.TextDisplay(text.LIST_EMPTY(locale)))
    pages = (len(styles) + A_PAGE - 1) // A_PAGE
    page = min(max(page, 0), pages - 1)
    here = styles[page * A_PAGE : (page + 1) * A_PAGE]
    lines: list[str] = [text.LIST_TITLE(locale, count=len(styles))]
    lines += [_line(locale, member_id, each) for each in here]
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(lines)))
    kinds = [text.KINDS[each.style.kind.value].plain(locale) for each in here]
    shown = [each.style for each in here]
    container.add_item(ui.ActionRow(pick(page, shown, kinds, locale)))
    if pages > 1:
        container.add_item(ui.TextDisplay(text.LIST_PAGE(locale, page=page + 1, pages=pages)))
        # The number of one page more than there are stands for none behind the last.
        earlier = page_button(page - 1 if page else pages, text.EARLIER, locale, there=page > 0)
        later = page_button(page + 1, text.LATER, locale, there=page + 1 < pages)
        container.add_item(ui.ActionRow(earlier, later))
    return Page(container)


def _line(locale: str, member_id: int, listed: Listed) -> str:
    style = listed.style
    rest = ""
    if style.kind.value == "lora" and style.strength != USUAL_STRENGTH:
        rest += text.LINE_STRENGTH(locale, strength=style.strength)
    if style.state is StyleState.WITHDRAWN:
        rest += text.LINE_WITHDRAWN(locale)
    elif listed.misfit is not None:
        rest += text.LINE_OTHER_MODEL(locale, base=listed.misfit)
    return text.LINE(
        locale,
        name=style.name,
        kind=text.KINDS[style.kind.value],
        who=_whose(member_id, style),
        rest=Markup(rest),
    )


def _whose(member_id: int, style: Style) -> Phrase:
    if style.owner_id == member_id:
        return text.YOURS if style.scope is StyleScope.MINE else text.YOURS_SHARED
    if style.scope is StyleScope.SERVER:
        return text.OF_SERVER
    return text.PRIVATE if member_id in style.contributors else text.OF_ANOTHER
