"""Previews of styles: pictures at fixed seeds, which are also the last check of a file.

They are painted through the queue behind what members ask for, belong to no round, and count on
nobody's limits.  What the painter refuses is no style: it is removed again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from bot.actions.rules import paints_no_adult_pictures
from bot.actions.styles.keeping import FILE, PREVIEW
from bot.actions.styles.stopping import preview_job
from bot.errors import Refusal
from bot.jobs.background import Background
from bot.jobs.trouble import PAUSES, passes, persist
from bot.settings import Settings
from bot.text.problems import said
from bot.text.styles import keeping as text
from generation.adapter_files.account import check_fits, of_stored
from generation.catalog.bases import EMBEDDED
from generation.catalog.entries import find, usual
from generation.process.queue import Queue
from generation.protocol.events import Event, Failed, Finished, Reason
from generation.protocol.options import ModelCard
from generation.protocol.requests import Adapter, Filter, Paint
from generation.requests.refused import Refused
from storage.errors import Missing
from storage.store import Store
from storage.style_records import Style, StyleKind, StyleOrigin, StyleState

log = logging.getLogger(__name__)

PICTURES = 4
SEED = 1
"""The first of the seeds, the same for all styles, so that they can be compared."""
SUBJECTS = {EMBEDDED: "a red star on a blue background"}
SUBJECT = "a house by a lake"
"""What styles without trigger words are painted with."""
MOST_WORDS = 200

_SYNTAX = re.compile(r"[{}|<>\\()\[\]:]+")

Kept = tuple[Style | None, Callable[[str], str] | None]
"""The style with its preview, or None and why it was removed, by a locale."""
Told = Callable[[Style | None, Callable[[str], str] | None], Awaitable[None]]
"""Is told of what was kept."""


class StylePreviews:
    """Paints previews of styles, one job each, and removes styles that cannot be painted with."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        queue: Queue,
        background: Background,
        model: Callable[[], ModelCard | None],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._settings = settings
        self._store = store
        self._queue = queue
        self._background = background
        self._model = model
        self._pauses = pauses

    def begin(self, style: Style, told: Told | None = None) -> None:
        """Have a style's preview painted, unless that is under way."""
        name = preview_job(style.id)
        if not self._background.runs(name):
            self._background.spawn(self._paint(style, told), name)

    def is_painting(self, style: Style) -> bool:
        """Return True if a style's preview is under way."""
        return self._background.runs(preview_job(style.id))

    def resume(self) -> None:
        """Paint what an earlier run did not live to paint."""
        self._background.spawn(self._resume(), "previews of an earlier run")

    async def _resume(self) -> None:
        for style in await self._store.styles.without_preview():
            if style.origin is not StyleOrigin.TRAINED and style.state is StyleState.READY:
                self.begin(style)

    async def _paint(self, style: Style, told: Told | None) -> None:
        kept: Kept = (style, None)
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                outcome, kept = await self._try(style)
            except OSError as error:
                if not passes(error):
                    raise
                log.warning("the preview of %d cannot be painted yet: %s", style.id, error)
            else:
                if not (isinstance(outcome, Failed) and outcome.reason is Reason.INTERNAL):
                    break  # Else it may have been a full disk.
        if told is not None:
            await told(*kept)

    async def _try(self, style: Style) -> tuple[Event | None, Kept]:
        """Paint a style's preview once, and keep what comes of it."""
        folder = await asyncio.to_thread(self._store.files.scratch)
        try:
            events = self._queue.resubmit(style.owner_id, self._request(style, folder))
            outcome = await _outcome(events)
            kept = await persist(
                lambda: self._keep(style, outcome), f"the preview of {style.id}", self._pauses
            )
        finally:
            await asyncio.to_thread(self._store.files.clear, folder)
        return outcome, kept

    def _request(self, style: Style, folder: Path) -> Paint:
        embedding = style.kind is StyleKind.EMBEDDING
        model = self._settings.model
        defaults = usual(model)
        adapter = Adapter(
            path=self._store.files.path(style.digest).absolute(),
            digest=style.digest,
            strength=1.0 if embedding else style.strength,
            name=style.name,
            embedding=embedding,
        )
        return Paint(
            job=preview_job(style.id),
            model=model,
            prompt=self.prompt_for(style),
            count=PICTURES,
            seed=SEED,
            steps=defaults.steps,
            guidance=defaults.guidance,
            scheduler=defaults.scheduler,
            adapters=(adapter,),
            filter=Filter.WITHHOLD,
            grid=True,
            previews=False,
            unattended=True,
            out=folder.absolute(),
        )

    def prompt_for(self, style: Style) -> str:
        """Return a prompt that shows a style: its words, and something to see it on."""
        if style.kind is StyleKind.EMBEDDING:
            return style.name
        known = find(self._settings.model)
        subject = SUBJECTS.get("" if known is None else known.name, SUBJECT)
        trigger = " ".join(_SYNTAX.sub(" ", style.trigger).split())[:MOST_WORDS]
        return f"{trigger}, {subject}" if trigger else subject

    async def _keep(self, style: Style, outcome: Event | None) -> Kept:
        """Store a preview, or remove the style; return what is to be told."""
        match outcome:
            case Finished(sheet=Path() as sheet):
                return await self._store_preview(style, sheet), None
            case Failed(reason=Reason.INVALID, problem=problem, detail=detail) if self._fits(style):
                await self._store.styles.delete(style.id)
                reason = detail if problem is None else lambda locale: said(problem, locale)
                removed = Refusal(text.REMOVED_AGAIN, name=style.name, reason=reason)
                return None, removed.said
            case Failed(reason=Reason.CRASHED):
                await self._store.styles.delete(style.id)
                return None, Refusal(text.REMOVED_DEADLY, name=style.name).said
            case _:
                log.warning("style %d has no preview: %s", style.id, outcome)
                return await self._store.styles.get(style.id), None

    def _fits(self, style: Style) -> bool:
        """Return True if nothing but its layers can be wrong: the host may load another model."""
        account, card = of_stored(style.evaluation.get(FILE)), self._model()
        if account is None or card is None:
            return False
        try:
            check_fits(account, card, style.name)
        except Refused:
            return False
        return True

    async def _store_preview(self, style: Style, sheet: Path) -> Style | None:
        now = await self._store.styles.get(style.id)
        if now is None or now.state is StyleState.WITHDRAWN:
            return now
        digest = await asyncio.to_thread(self._store.files.settle, sheet)
        await asyncio.to_thread(self._store.files.adopt, sheet, digest)
        try:
            return await self._store.styles.replace_file(
                now.id,
                now.digest,
                preview_digest=digest,
                evaluation={**now.evaluation, PREVIEW: self._about()},
            )
        except Missing:
            return None

    def _about(self) -> dict[str, Any]:
        """Return what is remembered of how a preview was painted."""
        model, card = self._settings.model, self._model()
        checked = paints_no_adult_pictures(model) or (card is not None and card.has_safety_checker)
        return {"seed": SEED, "model": model, "checked": checked}


async def _outcome(events: AsyncIterator[Event]) -> Event | None:
    last = None
    async for event in events:
        last = event
    return last
