"""Forms of data sets: the start of a training, pictures that are added, and what is changed."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
from discord import ui

from bot.actions.asker import Asker
from bot.actions.training.plans import (
    CAPTIONS,
    METHODS,
    MOST_CLASS,
    MOST_NAME,
    MOST_TRIGGER,
    SOURCES,
    Plan,
    captions_in,
    numbers_in,
    planned,
)
from bot.actions.training.preparations import (
    Agreed,
    Preparation,
    agreement,
    consent_label,
    describable,
)
from bot.components.answers import show, show_pictured
from bot.components.forms import Form, Values
from bot.components.training.handing_over import HandedOver, hand_over, unusable_line
from bot.components.training.submitted import files_in, is_ticked
from bot.context import of_interaction
from bot.errors import Refusal
from bot.jobs.channel import Upload
from bot.jobs.training.contact_sheet import write_sheet
from bot.services import Services, services_of
from bot.text import refusals
from bot.text.phrases import Phrase
from bot.text.training import datasets as text
from bot.views.page import Page, note
from storage.records import Dataset

MOST_FIELD = 4000
"""Characters of a field of a form."""
SHEET = "konomi-pictures.jpg"
PICTURES, CONSENT = "pictures", "consent"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What a command says of a training before its form, as one number for a custom id."""

    method: str
    source: str = "upload"
    captions: str = "template"
    steps: int | None = None

    def number(self) -> int:
        """Return the number that stands for the choice."""
        places = (
            METHODS.index(self.method),
            SOURCES.index(self.source),
            CAPTIONS.index(self.captions),
        )
        return (self.steps or 0) * 1000 + places[0] * 100 + places[1] * 10 + places[2]

    @classmethod
    def of(cls, number: int) -> Choice:
        """Return the choice of a number; `Refusal` if it stands for none."""
        steps, rest = divmod(number, 1000)
        try:
            return cls(
                method=METHODS[rest // 100],
                source=SOURCES[rest // 10 % 10],
                captions=CAPTIONS[rest % 10],
                steps=steps or None,
            )
        except IndexError:
            raise Refusal(refusals.FORM_INCOMPLETE) from None


class StartForm(Form):
    """The one form that a training begins with."""

    verb = "train-form"

    def __init__(self, locale: str, choice: Choice) -> None:
        super().__init__(choice.number(), title=text.FORM_TITLES[choice.method].plain(locale))
        if choice.source == "upload":
            self.add_item(_upload(locale, choice.method))
        self.add_item(_line(locale, "name", text.NAME, text.NAME_IS, MOST_NAME))
        if choice.method == "edit":
            self.add_item(_instructions(locale))
        elif choice.method != "taste":
            needed = choice.method == "dreambooth"
            for field in (
                _line(locale, "trigger", text.TRIGGER, text.TRIGGER_IS, MOST_TRIGGER, needed=False),
                _line(locale, "class", text.CLASS, text.CLASS_IS, MOST_CLASS, needed=needed),
            ):
                self.add_item(field)
        if choice.source != "thread":
            self.add_item(_consent(locale, choice.source))

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Take the pictures, and post the data set's card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        choice = Choice.of(about)
        await services.datasets.allow(
            asker, choice.method, choice.source, in_thread=asker.parent_channel_id is not None
        )
        plan = planned(
            method=choice.method,
            name=values["name"],
            trigger=values.get("trigger", ""),
            class_word=values.get("class", ""),
            captions=choice.captions,
            source=choice.source,
            steps=choice.steps,
        )
        await services.datasets.check_new(asker, plan)
        agreed = agreement(plan, asker.locale) if is_ticked(interaction, CONSENT) else None
        async with services.uploads.folder() as folder:
            await show_pictured(
                interaction, _begun(interaction, asker, plan, agreed, folder, _lines(values))
            )


class AddForm(Form):
    """The form by which more pictures come into a data set."""

    verb = "dataset-add-form"

    def __init__(self, dataset: Dataset, locale: str) -> None:
        super().__init__(dataset.id, title=text.ADD_TITLE.plain(locale))
        plan = Plan.read(dataset.plan)
        self.add_item(_upload(locale, plan.method))
        if plan.method == "edit":
            self.add_item(_instructions(locale))
        self.add_item(_consent(locale, plan.source))

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Take the pictures, and show what there is now."""
        services, asker = services_of(interaction), of_interaction(interaction)
        files = files_in(interaction, PICTURES)
        dataset = await services.datasets.allow_adding(asker, about, len(files))
        plan = Plan.read(dataset.plan)
        agreed = agreement(plan, asker.locale) if is_ticked(interaction, CONSENT) else None
        instructions = _lines(values) if plan.method == "edit" else None

        async def added(folder: Path) -> tuple[Page, Sequence[Upload]]:
            handed = await hand_over(services, asker.member_id, files, folder, instructions)
            await services.datasets.add(asker, about, handed.pictures, agreed)
            await services.dataset_cards.refresh(about)
            return await _received(asker, handed, agreed, folder)

        async with services.uploads.folder() as folder:
            await show_pictured(interaction, added(folder))


class ChangeForm(Form):
    """The form in which name, words, captions and left-out pictures are changed."""

    verb = "dataset-change-form"

    def __init__(self, prepared: Preparation, locale: str) -> None:
        super().__init__(prepared.dataset.id, title=text.CHANGE_TITLE.plain(locale))
        plan = prepared.plan
        self.add_item(_line(locale, "name", text.NAME, text.NAME_IS, MOST_NAME, default=plan.name))
        if plan.trigger:
            shown = plan.trigger.strip("<>")
            for field in (
                _line(
                    locale,
                    "trigger",
                    text.TRIGGER,
                    text.TRIGGER_IS,
                    MOST_TRIGGER,
                    default=shown,
                    needed=False,
                ),
                _line(
                    locale,
                    "class",
                    text.CLASS,
                    text.CLASS_IS,
                    MOST_CLASS,
                    default=plan.class_word,
                    needed=plan.method == "dreambooth",
                ),
            ):
                self.add_item(field)
        captions = captions_of(prepared)
        if captions and len(captions) <= MOST_FIELD:
            self.add_item(_paragraph(locale, "captions", text.CAPTIONS, text.CAPTIONS_IS, captions))
        out = ", ".join(
            str(number) for number, (_, why) in enumerate(prepared.pictures, 1) if why == "removed"
        )
        self.add_item(
            _line(
                locale,
                "left_out",
                text.LEFT_OUT,
                text.LEFT_OUT_IS,
                MOST_FIELD,
                default=out,
                needed=False,
            )
        )

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Change what was entered."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def changed() -> Page:
            await services.datasets.change(
                asker,
                about,
                name=values["name"],
                trigger=values.get("trigger", ""),
                class_word=values.get("class", ""),
                captions=captions_in(values.get("captions", "")),
                left_out=numbers_in(values.get("left_out", "")),
            )
            await services.dataset_cards.refresh(about)
            return note(text.CHANGED(asker.locale))

        await show(interaction, changed())


DATASET_FORMS: tuple[type[Form], ...] = (StartForm, AddForm, ChangeForm)
"""All of them, which the client finds by their custom ids."""


def captions_of(prepared: Preparation) -> str:
    """Return the captions of a data set for a form: a line for each picture, after its number."""
    return "\n".join(
        f"{number}: {picture.caption}"
        for number, (picture, _) in enumerate(prepared.pictures, 1)
        if describable(prepared.plan, picture)
    )


async def _begun(
    interaction: discord.Interaction[Any],
    asker: Asker,
    plan: Plan,
    agreed: Agreed | None,
    folder: Path,
    lines: Sequence[str],
) -> tuple[Page, Sequence[Upload]]:
    """Open the data set with what the form brings, post its card, and return a private answer."""
    services = services_of(interaction)
    handed = HandedOver(pictures=())
    if plan.source == "upload":
        instructions = lines if plan.method == "edit" else None
        files = files_in(interaction, PICTURES)
        handed = await hand_over(services, asker.member_id, files, folder, instructions)
    if plan.source == "likes":
        dataset = await services.datasets.begin_from_likes(asker, plan, agreed)
    else:
        dataset = await services.datasets.begin(asker, plan, handed.pictures, agreed)
    try:
        await services.dataset_cards.post(dataset)
    except Exception:
        await services.store.datasets.close(dataset.id)
        raise
    if plan.source != "upload":
        return note(text.BEGUN(asker.locale)), ()
    return await _received(asker, handed, agreed, folder)


async def _received(
    asker: Asker, handed: HandedOver, agreed: Agreed | None, folder: Path
) -> tuple[Page, Sequence[Upload]]:
    """Return the private answer to who handed over pictures: what came, and what did not."""
    locale = asker.locale
    lines: list[str] = [text.HANDED_OVER(locale, count=len(handed.pictures))]
    lines += [unusable_line(locale, name, why) for name, why in handed.unusable]
    if agreed is None:
        lines.append(text.CONSENT_NEEDED(locale))
    paths = [
        (number, picture.path, True)
        for number, picture in enumerate(handed.pictures, 1)
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
    words = phrase(asker.locale, name=Plan.read(dataset.plan).name)
    paths = [
        (number, services.store.files.path(picture.digest), why is None)
        for number, picture, why in pictures
    ]
    sheet = await asyncio.to_thread(write_sheet, paths, folder / SHEET)
    return sheet_page(asker.locale, words), [Upload(name=SHEET, path=sheet)]


def _lines(values: Values) -> list[str]:
    written = values.get("instructions", "")
    return [line.strip() for line in written.splitlines() if line.strip()]


def _upload(locale: str, method: str) -> ui.Label[Any]:
    meaning = text.PAIRS_IS if method == "edit" else text.PICTURES_IS
    least = 2 if method == "edit" else 1
    return ui.Label(
        text=text.PICTURES.plain(locale),
        description=meaning.plain(locale),
        component=ui.FileUpload(custom_id=PICTURES, min_values=least, max_values=10),
    )


def _consent(locale: str, source: str) -> ui.Label[Any]:
    label, sentence = consent_label(Plan(method="lora", name="", source=source), locale)
    return ui.Label(text=label, description=sentence, component=ui.Checkbox(custom_id=CONSENT))


def _instructions(locale: str) -> ui.Label[Any]:
    return _paragraph(locale, "instructions", text.INSTRUCTIONS, text.INSTRUCTIONS_IS, None)


def _paragraph(
    locale: str, name: str, label: Phrase, meaning: Phrase, default: str | None
) -> ui.Label[Any]:
    return ui.Label(
        text=label.plain(locale),
        description=meaning.plain(locale),
        component=ui.TextInput(
            custom_id=name,
            style=discord.TextStyle.paragraph,
            default=default,
            required=default is None,
            max_length=MOST_FIELD,
        ),
    )


def _line(
    locale: str,
    name: str,
    label: Phrase,
    meaning: Phrase,
    most: int,
    *,
    default: str | None = None,
    needed: bool = True,
) -> ui.Label[Any]:
    return ui.Label(
        text=label.plain(locale),
        description=meaning.plain(locale),
        component=ui.TextInput(
            custom_id=name, default=default or None, required=needed, max_length=most
        ),
    )
