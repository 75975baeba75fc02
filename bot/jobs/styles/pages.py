"""The pages of styles as one member sees them now, with the previews to attach."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.actions.asker import Asker
from bot.actions.rules import paints_no_adult_pictures
from bot.actions.styles.keeping import PREVIEW, StyleKeeping
from bot.errors import Refusal
from bot.jobs.attachments import most_bytes, size_of
from bot.jobs.channel import Upload
from bot.jobs.styles.previews import StylePreviews
from bot.text.styles import keeping as text
from bot.views.page import Page, note
from bot.views.styles.card import PREVIEW_NAME, StyleCard, card_page, deletion_page, share_page
from bot.views.styles.listing import Listed, list_page
from storage.store import Store
from storage.style_records import Style

Pictured = tuple[Page, list[Upload]]
"""A page and what to attach to it."""


class StylePages:
    """Reads what the pages of styles need, and draws them."""

    def __init__(self, store: Store, keeping: StyleKeeping, previews: StylePreviews) -> None:
        self._store = store
        self._keeping = keeping
        self._previews = previews

    async def listing(self, asker: Asker, page: int) -> Page:
        """Return a page of the list of all styles that the member may use."""
        styles = await self._keeping.listed(asker)
        listed = [Listed(style=each, misfit=self._keeping.misfit(each)) for each in styles]
        return list_page(asker.locale, asker.member_id, listed, page)

    async def card(self, asker: Asker, style_id: int, *remarks: str) -> Pictured:
        """Return the card of a style; `Refusal` unless the member sees it."""
        return await self.card_of(asker, await self._keeping.get(asker, style_id), *remarks)

    async def card_of(self, asker: Asker, style: Style, *remarks: str) -> Pictured:
        """Return the card of a style that the member sees."""
        upload = await self._preview(style)
        about = style.evaluation.get(PREVIEW)
        checked = isinstance(about, dict) and about.get("checked") is True
        # A training has pictures of its own, which nobody checked.
        checked = checked or paints_no_adult_pictures(style.base_model)
        hidden = upload is not None and not (checked or asker.age_restricted)
        card = StyleCard(
            style=style,
            viewer=asker.member_id,
            rights=self._keeping.rights(asker, style),
            misfit=self._keeping.misfit(style),
            pictured=upload is not None and not hidden,
            hidden=hidden,
            painting=self._previews.is_painting(style),
            remarks=remarks,
        )
        shown = [upload] if upload is not None and not hidden else []
        return card_page(asker.locale, card), shown

    async def sharing(self, asker: Asker, style_id: int) -> Page:
        """Return the question who may use a style."""
        style = await self._keeping.allow_sharing(asker, style_id)
        return share_page(asker.locale, style, self._keeping.rights(asker, style))

    async def deletion(self, asker: Asker, style_id: int) -> Page:
        """Return the question if a style should be deleted."""
        return deletion_page(asker.locale, await self._keeping.allow_delete(asker, style_id))

    async def changed(self, asker: Asker, style: Style) -> Pictured:
        """Return the card of a style that was changed; a sentence if it is out of sight since."""
        with suppress(Refusal):
            return await self.card(asker, style.id)
        return note(text.UNSHARED(asker.locale, name=style.name)), []

    async def added(self, asker: Asker, style: Style) -> Pictured:
        """Return the card of a style that was added just now."""
        remarks = [text.ADDED(asker.locale, name=style.name)]
        if not style.licence:
            remarks.append(text.ASK_LICENCE(asker.locale))
        return await self.card_of(asker, style, *remarks)

    async def _preview(self, style: Style) -> Upload | None:
        if style.preview_digest is None:
            return None
        path, most = self._store.files.path(style.preview_digest), most_bytes(1)
        size = await asyncio.to_thread(size_of, path)
        if not size:
            return None
        return Upload(name=PREVIEW_NAME, path=path, most=most if size > most else None)
