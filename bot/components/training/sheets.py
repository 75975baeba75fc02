"""Private answers with a contact sheet: what was handed over, and what a data set holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import discord
from discord import ui

from bot.actions.asker import Asker
from bot.actions.training.choice import caption_of, describable
from bot.actions.training.plans import Plan
from bot.actions.training.preparations import Agreed
from bot.components.training.handing_over import HandedOver, unusable_line
from bot.jobs.channel import Upload
from bot.jobs.training.contact_sheet import write_sheet
from bot.services import Services
from bot.text.markdown import quoted
from bot.text.training import datasets as text
from bot.views.page import Page
from storage.training_records import DatasetPicture

SHEET = "konomi-pictures.jpg"
MOST_SHOWN = 160
"""Characters of a caption beside the pictures; the whole of it is in the form that changes it."""
ROOM = 3000
"""Characters of all captions together, of the 4,000 that a message has."""


async def received(
    asker: Asker, handed: HandedOver, agreed: Agreed | None, folder: Path, first: int = 1
) -> tuple[Page, Sequence[Upload]]:
    """Return the private answer to who handed over pictures: what came, and what did not.

    first: the number of the first of them in the data set.
    """
    locale = asker.locale
    lines: list[str] = [text.HANDED_OVER(locale, count=len(handed.pictures))]
    lines += [unusable_line(locale, name, why) for name, why in handed.unusable]
    if agreed is None:
        lines.append(text.CONSENT_NEEDED(locale))
    paths = [
        (number, picture.path, True)
        for number, picture in enumerate(handed.pictures, first)
        if picture.path is not None
    ]
    sheet = await asyncio.to_thread(write_sheet, paths, folder / SHEET)
    return sheet_page(locale, "\n".join(lines)), [Upload(name=SHEET, path=sheet)]


def sheet_page(locale: str, words: str) -> Page:
    """Return a page with the contact sheet that comes with it."""
    picture = discord.MediaGalleryItem(
        f"attachment://{SHEET}", description=text.SHEET_ALT.plain(locale)
    )
    return Page(ui.TextDisplay(words), ui.MediaGallery(picture))


async def sheet_of(
    services: Services, asker: Asker, about: int, folder: Path
) -> tuple[Page, Sequence[Upload]]:
    """Return the page with the pictures of a data set that a member may see, and their sheet."""
    dataset, pictures = await services.datasets.shown_to(asker, about)
    everything = await services.datasets.oversees(asker, dataset)
    phrase = text.SHEET if everything else text.SHEET_OWN
    plan = Plan.read(dataset.plan)
    words = "\n".join(
        [phrase(asker.locale, name=plan.name), *_captions(asker.locale, plan, pictures)]
    )
    paths = [
        (picture.number, services.store.files.path(picture.digest), why is None)
        for picture, why in pictures
    ]
    sheet = await asyncio.to_thread(write_sheet, paths, folder / SHEET)
    return sheet_page(asker.locale, words), [Upload(name=SHEET, path=sheet)]


def _captions(
    locale: str, plan: Plan, pictures: Sequence[tuple[DatasetPicture, str | None]]
) -> Iterator[str]:
    """Yield a line for each caption that pictures have of their own, as far as there is room."""
    captioned = [
        picture
        for picture, why in pictures
        if why is None and picture.caption and describable(plan, picture)
    ]
    room = ROOM
    for place, picture in enumerate(captioned):
        caption = quoted(caption_of(plan, picture), MOST_SHOWN)
        line = text.CAPTION_LINE(locale, number=picture.number, caption=caption)
        if len(line) > room:
            yield text.MORE_CAPTIONS(locale, count=len(captioned) - place)
            return
        room -= len(line) + 1
        yield line
