"""What members do with styles besides painting: look, rename, share, delete, take away."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.rules import Rules
from bot.actions.sight import possible
from bot.actions.styles.library import StyleLibrary
from bot.actions.styles.names import folded, ordered
from bot.actions.styles.naming import checked_name
from bot.actions.styles.stopping import let_go_of_ended
from bot.errors import Refusal
from bot.text.styles import keeping as text
from generation.adapter_files.account import check_fits, of_stored
from generation.process.queue import Queue
from generation.protocol.options import ModelCard
from generation.requests.refused import Refused
from storage.errors import Missing, NameTaken
from storage.store import Store
from storage.style_records import Style, StyleOrigin, StyleScope, StyleState

FILE = "file"
"""Key of the account of an added file in what is stored with a style."""
PREVIEW = "preview"
"""Key of how its preview was painted."""
MOST_LOOKED_AT = 1000
"""Styles among which a name is looked for; the one that it names is among the first."""
MOST_LICENCE = 200
"""Characters of a licence."""

_BY_ID = re.compile(r"#(\d{1,19})")
"""A style by its id, as autocompletion of `/style` fills it in; no name begins like that."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StyleRights:
    """What a member may do with a style that they see."""

    rename: bool = False
    share: bool = False
    """Share it with anyone, or no longer."""
    unshare: bool = False
    """Take it away from the server."""
    delete: bool = False
    export: bool = False


class StyleKeeping:
    """Looks up and changes styles, under rules that are checked again each time.

    A style that the member does not see is refused in the same words as one that does not exist.
    """

    def __init__(
        self,
        *,
        store: Store,
        rules: Rules,
        styles: StyleLibrary,
        queue: Queue,
        model: Callable[[], ModelCard | None],
    ) -> None:
        self._store = store
        self._queue = queue
        self._rules = rules
        self._styles = styles
        self._model = model

    async def listed(self, asker: Asker) -> list[Style]:
        """Return the styles that a member may use here, their own first."""
        seen = await self._store.styles.seen(asker.server_id, asker.member_id)
        return [style for style in seen if self._sees(asker, style)]

    async def matching(self, asker: Asker, typed: str, most: int) -> list[Style]:
        """Return the styles that match what was typed, best first; for hosts, of all members."""
        if self._rules.is_host(asker) and asker.server_id != DIRECT_MESSAGES:
            styles = await self._store.styles.of_server(asker.server_id)
        else:
            styles = await self.listed(asker)
        return ordered(typed, styles, asker.member_id, ())[:most]

    async def find(self, asker: Asker, typed: str) -> Style:
        """Return the style of a name, or of `#` and an id; `Refusal` unless they see it."""
        if by_id := _BY_ID.fullmatch(typed.strip()):
            return await self.get(asker, int(by_id[1]))
        for style in await self.matching(asker, typed, MOST_LOOKED_AT):
            if folded(style.name) == folded(typed):
                return style
        raise Refusal(text.NO_SUCH_STYLE)

    async def get(self, asker: Asker, style_id: int) -> Style:
        """Return a style by its id; `Refusal` unless the member sees it."""
        style = await self._store.styles.get(style_id) if possible(style_id) else None
        if style is None or not (self._sees(asker, style) or self._hosts(asker, style)):
            raise Refusal(text.NO_SUCH_STYLE)
        return style

    def rights(self, asker: Asker, style: Style) -> StyleRights:
        """Return what a member may do with a style that they see."""
        own = style.owner_id == asker.member_id or self._hosts(asker, style)
        shared = style.scope is StyleScope.SERVER and asker.server_id != DIRECT_MESSAGES
        moderates = shared and asker.manages_server
        ready = style.state is StyleState.READY
        return StyleRights(
            rename=own,
            share=own and ready and asker.server_id != DIRECT_MESSAGES,
            unshare=shared and (own or moderates),
            delete=own or moderates,
            export=own and ready,
        )

    async def rename(self, asker: Asker, style_id: int, typed: str) -> Style:
        """Rename a style; `Refusal` unless it is theirs, and the name is free."""
        style = await self.get(asker, style_id)
        if not self.rights(asker, style).rename:
            raise Refusal(text.NOT_YOURS)
        name = checked_name(typed)
        try:
            return await self._store.styles.rename(style.id, name)
        except NameTaken:
            raise Refusal(text.NAME_TAKEN, name=name) from None
        except Missing:
            raise Refusal(text.NO_SUCH_STYLE) from None

    async def allow_sharing(self, asker: Asker, style_id: int) -> Style:
        """Return a style of which the member may say who uses it; `Refusal` otherwise."""
        style = await self.get(asker, style_id)
        rights = self.rights(asker, style)
        if rights.share or rights.unshare:
            return style
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(text.NOT_SHARED_IN_DIRECT)
        if style.state is StyleState.WITHDRAWN and rights.delete:
            raise Refusal(text.WITHDRAWN, name=style.name)
        raise Refusal(text.NOT_YOURS)

    async def share(self, asker: Asker, style_id: int, scope: StyleScope) -> Style:
        """Say who may use a style; admins may take one away from their server."""
        style = await self.allow_sharing(asker, style_id)
        if scope is StyleScope.SERVER and style.scope is not StyleScope.SERVER:
            if not self.rights(asker, style).share:
                raise Refusal(text.NOT_YOURS)
            if not style.licence:
                raise Refusal(text.LICENCE_FIRST)
        try:
            return await self._store.styles.share(style.id, scope)
        except NameTaken:
            raise Refusal(text.NAME_TAKEN_IN_SERVER, name=style.name) from None
        except Missing:
            raise Refusal(text.NO_SUCH_STYLE) from None

    async def allow_delete(self, asker: Asker, style_id: int) -> Style:
        """Return a style that a member may delete; `Refusal` otherwise."""
        style = await self.get(asker, style_id)
        if not self.rights(asker, style).delete:
            raise Refusal(text.NOT_YOURS)
        return style

    async def delete(self, asker: Asker, style_id: int) -> Style:
        """Delete a style, and its file unless another style has it, too; stop painting with it."""
        style = await self.allow_delete(asker, style_id)
        if not await self._store.styles.delete(style.id):
            raise Refusal(text.NO_SUCH_STYLE)
        await let_go_of_ended(self._store, self._queue)
        return style

    async def allow_export(self, asker: Asker, style_id: int) -> Style:
        """Return a style whose file a member may take away; `Refusal` otherwise."""
        style = await self.get(asker, style_id)
        if style.state is StyleState.WITHDRAWN:
            raise Refusal(text.WITHDRAWN, name=style.name)
        if not self.rights(asker, style).export:
            raise Refusal(text.NOT_YOURS)
        return style

    async def say_licence(self, asker: Asker, style_id: int, licence: str) -> Style:
        """Note under which licence a style is, where its file does not say."""
        style = await self.get(asker, style_id)
        if not self.rights(asker, style).rename:
            raise Refusal(text.NOT_YOURS)
        words = " ".join(licence.split())[:MOST_LICENCE]
        if not words:
            raise Refusal(text.LICENCE_EMPTY)
        if style.licence:
            raise Refusal(text.LICENCE_SAID, licence=style.licence)
        try:
            return await self._store.styles.adjust(style.id, licence=words)
        except Missing:
            raise Refusal(text.NO_SUCH_STYLE) from None

    async def allow_use(self, asker: Asker, style_id: int) -> Style:
        """Return a style to paint with; `Refusal` if it is withdrawn or fits another model."""
        style = await self.get(asker, style_id)
        if not self._sees(asker, style):
            raise Refusal(text.NO_SUCH_STYLE)
        if style.state is StyleState.WITHDRAWN:
            raise Refusal(text.WITHDRAWN, name=style.name)
        card, base = self._model(), self.misfit(style)
        if base is not None and card is not None:
            raise Refusal(text.FITS_ANOTHER, name=style.name, base=base, model=card.name)
        return style

    def misfit(self, style: Style) -> str | None:
        """Return the model that a style is for, if it is known not to fit the loaded one."""
        card = self._model()
        if card is None:
            return None
        if (account := of_stored(style.evaluation.get(FILE))) is not None:
            try:
                check_fits(account, card, style.name)
            except Refused:
                return account.base_title or style.base_model or style.architecture or "?"
            return None
        return self._styles.made_for(style)

    def _sees(self, asker: Asker, style: Style) -> bool:
        if style.server_id != asker.server_id:
            return False
        if style.owner_id == asker.member_id:
            return True
        if asker.server_id == DIRECT_MESSAGES:
            # Direct messages have no server to share with: there, only the host gives to all.
            return style.scope is StyleScope.SERVER and style.origin is StyleOrigin.HOST
        if style.scope is StyleScope.PRIVATE:
            return asker.member_id in style.contributors
        return style.scope is StyleScope.SERVER

    def _hosts(self, asker: Asker, style: Style) -> bool:
        """Return True for the host, who rules over all styles of the place that they are in."""
        return self._rules.is_host(asker) and style.server_id == asker.server_id
