"""Adding styles from files: fetched, checked in a process of its own, and stored."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import re
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.rules import Rules
from bot.actions.styles.keeping import FILE, MOST_LICENCE
from bot.actions.styles.naming import checked_name, name_for, numbered
from bot.actions.training.rights import TrainingRules
from bot.errors import Refusal, problems_told
from bot.settings import Settings
from bot.text import refusals
from bot.text.styles import keeping as text
from generation.adapter_files.account import AdapterAccount, as_stored, check_fits
from generation.adapter_files.kinds import MAX_BYTES
from generation.adapter_files.sandbox import examine_untrusted
from generation.catalog.bases import EMBEDDED
from generation.catalog.entries import ModelUnavailable
from generation.protocol.options import ModelCard
from storage.errors import NameTaken
from storage.store import Store
from storage.style_records import NewStyle, Style, StyleKind, StyleOrigin, StyleScope

MAX_STRENGTH = 2.0
MOST_TRIGGER = 200
MOST_NUMBERED = 50
"""Styles of one name that are told apart by numbers."""
EXAMINED_AT_ONCE = 2

_HUB_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}(:[\w ./()+-]{1,200}\.safetensors)?")

Folder = Callable[[], AbstractAsyncContextManager[Path]]
"""A temporary folder."""
Fetch = Callable[[Path], Awaitable[None]]
"""Writes the file to a path."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a member says of a style that they add; None for what the file says."""

    name: str | None = None
    trigger: str | None = None
    strength: float = 1.0
    licence: str | None = None
    scope: StyleScope = StyleScope.MINE


class StyleAdding:
    """Adds files as styles, for trainers and hosts."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        rules: Rules,
        model: Callable[[], ModelCard | None],
        folder: Folder,
    ) -> None:
        """`folder` makes temporary folders, which go with what was not adopted from them."""
        self._settings = settings
        self._store = store
        self._rules = rules
        self._training_rules = TrainingRules(rules)
        self._model = model
        self._folder = folder
        self._storing = asyncio.Lock()
        self._examining = asyncio.Semaphore(EXAMINED_AT_ONCE)

    async def allow(self, asker: Asker) -> None:
        """Raise `Refusal` unless the member may add styles: the host, and trainers of a server."""
        if self._rules.is_host(asker):
            return
        rights = await self._store.training_rights.get(asker.server_id)
        if not self._training_rules.is_trainer(asker, rights):
            raise Refusal(text.NOT_A_TRAINER)

    async def upload(self, asker: Asker, title: str, fetch: Fetch, wishes: Wishes) -> Style:
        """Add a member's file, which `fetch` brings and which is called `title`."""
        await self.allow(asker)
        return await self._add(asker, title, fetch, wishes, StyleOrigin.UPLOADED)

    async def take(self, asker: Asker, source: str, wishes: Wishes) -> Style:
        """Add a file of this machine, or of the hub, for a host."""
        await self.allow(asker)
        if not self._rules.is_host(asker):
            raise Refusal(text.HOSTS_ONLY)
        path = await self._located(source.strip())

        async def fetch(target: Path) -> None:
            await asyncio.to_thread(_copy, path, target)

        return await self._add(asker, path.name, fetch, wishes, StyleOrigin.HOST)

    async def _located(self, source: str) -> Path:
        """Return the file that a path or a hub id names; `Refusal` if there is none."""
        if source.startswith(("/", "~")) or Path(source).is_absolute():
            path = await asyncio.to_thread(_file_at, source)
            if path is None:
                raise Refusal(text.SOURCE_UNKNOWN, source=source)
            return path
        if not _HUB_ID.fullmatch(source) or ".." in source:
            raise Refusal(text.SOURCE_UNKNOWN, source=source)
        try:
            return await asyncio.to_thread(_downloaded, source)
        except ModelUnavailable as error:
            raise Refusal(text.SOURCE_NOT_FETCHED, reason=str(error)) from error

    async def _add(
        self, asker: Asker, title: str, fetch: Fetch, wishes: Wishes, origin: StyleOrigin
    ) -> Style:
        name = name_for(title) if wishes.name is None else checked_name(wishes.name)
        if not (math.isfinite(wishes.strength) and abs(wishes.strength) <= MAX_STRENGTH):
            raise Refusal(text.STRENGTH_RANGE, given=wishes.strength)
        hosts = self._rules.is_host(asker) and origin is StyleOrigin.HOST
        direct = asker.server_id == DIRECT_MESSAGES
        if direct and wishes.scope is not StyleScope.MINE and not hosts:
            raise Refusal(text.NOT_SHARED_IN_DIRECT)
        card = self._model()
        if card is None:
            raise Refusal(refusals.STILL_LOADING, model=self._settings.model)
        async with self._folder() as folder:
            file = folder / "adapter"
            await fetch(file)
            async with self._examining:
                with problems_told():
                    account = await examine_untrusted(file, name)
                    check_fits(account, card, name)
            digest = await asyncio.to_thread(self._store.files.settle, file)
            style = _style(asker, name, digest, account, wishes, origin)
            if account.context_width or account.text_widths:
                style = _for_embedded(style, card)
            if style.scope is StyleScope.SERVER and not style.licence:
                # It is asked first: see `StyleKeeping.share`.
                style = dataclasses.replace(style, scope=StyleScope.MINE)
            # One at a time: the same file may be on its way twice.
            async with self._storing:
                await self._refuse_twin(asker, digest)
                return await self._stored(style, file, chosen=wishes.name is not None)

    async def _refuse_twin(self, asker: Asker, digest: str) -> None:
        """Raise `Refusal` if the member has this very file here."""
        twin = await self._store.styles.of_digest(asker.server_id, asker.member_id, digest)
        if twin is not None and twin.owner_id == asker.member_id:
            raise Refusal(text.ALREADY_HERE, name=twin.name)

    async def _stored(self, style: NewStyle, file: Path, *, chosen: bool) -> Style:
        """Store a style and its file."""
        await asyncio.to_thread(self._store.files.adopt, file, style.digest)
        added = await self._named(style, chosen=chosen)
        # Another style's end may have taken the file along before this one owned it.
        if not self._store.files.size(style.digest):
            await asyncio.to_thread(self._store.files.adopt, file, style.digest)
        return added

    async def _named(self, style: NewStyle, *, chosen: bool) -> Style:
        """Store a style, under a name with a number where nobody chose one and it is taken."""
        for number in range(1, MOST_NUMBERED):
            name = style.name if number == 1 else numbered(style.name, number)
            try:
                return await self._store.styles.add(dataclasses.replace(style, name=name))
            except NameTaken:
                if chosen:
                    break
        raise Refusal(text.NAME_TAKEN, name=style.name)


def _style(
    asker: Asker,
    name: str,
    digest: str,
    account: AdapterAccount,
    wishes: Wishes,
    origin: StyleOrigin,
) -> NewStyle:
    trigger = account.trigger if wishes.trigger is None else " ".join(wishes.trigger.split())
    said = " ".join((wishes.licence or "").split())
    return NewStyle(
        server_id=asker.server_id,
        owner_id=asker.member_id,
        name=name,
        kind=StyleKind.EMBEDDING if account.embedding else StyleKind.LORA,
        digest=digest,
        base_model=account.base_model,
        base_hash=account.base_hash,
        architecture=account.base or account.architecture,
        trigger=trigger[:MOST_TRIGGER],
        strength=1.0 if account.embedding else wishes.strength,
        scope=wishes.scope,
        origin=origin,
        # What the file says goes before what anyone says of it.
        licence=(account.licence or said)[:MOST_LICENCE],
        evaluation={FILE: as_stored(account)},
    )


def _for_embedded(style: NewStyle, card: ModelCard) -> NewStyle:
    """Note of a style with the widths of the embedded model that it fits no other."""
    return dataclasses.replace(style, base_model=EMBEDDED) if card.name == EMBEDDED else style


def _downloaded(hub_id: str) -> Path:
    """Fetch an adapter from the hub; loads the hub's client, for which no start should wait."""
    from generation.catalog.download import fetch_adapter

    return fetch_adapter(hub_id)


def _file_at(source: str) -> Path | None:
    """Return the file of a path, which may begin with the home folder; blocks."""
    try:
        path = Path(source).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _copy(source: Path, target: Path) -> None:
    """Copy a file of the host's, which stays theirs; no more of it than is examined."""
    with source.open("rb") as reader, target.open("xb") as writer:
        if source.stat().st_size > MAX_BYTES:
            # The examination says so; there is no need to copy it for that.
            writer.truncate(MAX_BYTES + 1)
            return
        shutil.copyfileobj(reader, writer, 1 << 20)
