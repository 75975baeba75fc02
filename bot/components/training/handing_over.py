"""Pictures that members hand over in a form: fetched, cleaned and measured, or said why not."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord

from bot.errors import Refusal
from bot.services import Services
from bot.text.markdown import Markup
from bot.text.training import datasets as text
from bot.uploads import check_upload
from storage.training_records import NewDatasetPicture

AT_ONCE = 10
"""Files of a form, by Discord's own limit."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver:
    """The pictures of a form, and the files that are none, each with the reason."""

    pictures: Sequence[NewDatasetPicture]
    unusable: Sequence[tuple[str, Refusal]] = ()


async def hand_over(
    services: Services,
    member_id: int,
    files: Sequence[discord.Attachment],
    folder: Path,
    instructions: Sequence[str] | None = None,
) -> HandedOver:
    """Fetch, clean and measure the files of a form into a folder; `Refusal` if none is usable.

    instructions: of pairs for edit training, of which each needs two files.
    """
    if not files:
        raise Refusal(text.NO_FILES)
    if instructions is not None and 2 * len(instructions) != len(files):
        raise Refusal(text.UNEVEN_PAIRS, pictures=len(files), lines=len(instructions))
    fetched = await asyncio.gather(
        *(
            _fetched(services, file, folder / f"{place}")
            for place, file in enumerate(files[:AT_ONCE])
        )
    )
    unusable = [
        (file.filename, each)
        for file, each in zip(files, fetched, strict=False)
        if isinstance(each, Refusal)
    ]
    if (instructions is not None and unusable) or len(unusable) == len(fetched):
        name, refusal = unusable[0]
        raise NotUsable(name, refusal)
    paths = [each for each in fetched if isinstance(each, Path)]
    measured = await services.uploads.measure(paths)
    pictures = [
        NewDatasetPicture(
            digest=await asyncio.to_thread(services.store.files.settle, path),
            path=path,
            member_id=member_id,
            facts=facts,
        )
        for path, facts in zip(paths, measured, strict=True)
    ]
    if instructions is not None:
        pictures = paired(pictures, instructions)
    return HandedOver(pictures=pictures, unusable=unusable)


class NotUsable(Refusal):
    """No file can be used; says why for the first."""

    def __init__(self, name: str, why: Refusal) -> None:
        super().__init__(text.UNREADABLE, file=name, why=str(why))
        self._name, self._why = name, why

    def said(self, locale: str) -> str:
        """Return the sentence in a member's language."""
        return unusable_line(locale, self._name, self._why)


def unusable_line(locale: str, name: str, why: Refusal) -> str:
    """Return the sentence about a file that cannot be used."""
    return text.UNREADABLE(locale, file=name, why=Markup(why.said(locale)))


def paired(
    pictures: Sequence[NewDatasetPicture], instructions: Sequence[str]
) -> list[NewDatasetPicture]:
    """Return pictures as pairs for edit training: before, after, before, after, …"""
    found = []
    for place, picture in enumerate(pictures):
        side = "after" if place % 2 else "before"
        if side == "before":
            pair = uuid.uuid4().hex
        facts: dict[str, Any] = {**picture.facts, "pair": pair, "side": side}
        caption = instructions[place // 2] if place % 2 else ""
        found.append(dataclasses.replace(picture, facts=facts, caption=caption))
    return found


async def _fetched(services: Services, file: discord.Attachment, path: Path) -> Path | Refusal:
    try:
        check_upload(file)
        return await services.uploads.fetch(file, path)
    except Refusal as refusal:
        return refusal
