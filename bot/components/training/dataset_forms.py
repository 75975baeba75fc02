"""Forms of data sets: the start of a training, pictures that are added, and what is changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord

from bot.actions.asker import Asker
from bot.actions.training.choice import REMOVED, describable
from bot.actions.training.plans import (
    CAPTIONS,
    METHODS,
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
)
from bot.components.answers import show, show_pictured
from bot.components.forms import Form, Values
from bot.components.training.form_fields import (
    CONSENT,
    MOST_FIELD,
    PICTURES,
    consent_field,
    text_field,
    upload_field,
)
from bot.components.training.handing_over import HandedOver, hand_over
from bot.components.training.sheets import received
from bot.components.training.submitted import files_in, is_ticked
from bot.context import of_interaction
from bot.errors import Refusal
from bot.jobs.channel import Upload
from bot.services import services_of
from bot.text import refusals
from bot.text.training import datasets as text
from bot.views.page import Page, note
from storage.training_records import Dataset


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
            self.add_item(upload_field(locale, choice.method))
        self.add_item(text_field(locale, "name"))
        if choice.method == "edit":
            self.add_item(text_field(locale, "instructions"))
        elif choice.method != "taste":
            needed = choice.method == "dreambooth"
            self.add_item(text_field(locale, "trigger", required=False))
            self.add_item(text_field(locale, "class", required=needed))
        if choice.source != "thread":
            plan = Plan(method=choice.method, name="", source=choice.source)
            self.add_item(consent_field(locale, plan))

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
        self.add_item(upload_field(locale, plan.method))
        if plan.method == "edit":
            self.add_item(text_field(locale, "instructions"))
        self.add_item(consent_field(locale, plan))

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
            first, *_ = await services.datasets.add(asker, about, handed.pictures, agreed)
            await services.dataset_cards.refresh(about)
            services.dataset_captions.begin(about)
            return await received(asker, handed, agreed, folder, first.number)

        async with services.uploads.folder() as folder:
            await show_pictured(interaction, added(folder))


class ChangeForm(Form):
    """The form in which name, words, captions and left-out pictures are changed."""

    verb = "dataset-change-form"

    def __init__(self, prepared: Preparation, locale: str) -> None:
        super().__init__(prepared.dataset.id, title=text.CHANGE_TITLE.plain(locale))
        plan = prepared.plan
        self.add_item(text_field(locale, "name", default=plan.name))
        if plan.trigger:
            needed, trigger = plan.method == "dreambooth", plan.trigger.strip("<>")
            self.add_item(text_field(locale, "trigger", default=trigger, required=False))
            self.add_item(text_field(locale, "class", default=plan.class_word, required=needed))
        captions = captions_of(prepared)
        if captions:
            self.add_item(text_field(locale, "captions", default=captions, required=False))
        out = [picture.number for picture, why in prepared.pictures if why == REMOVED]
        left_out = ", ".join(map(str, out))
        self.add_item(text_field(locale, "left_out", default=left_out, required=False))

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
            services.dataset_captions.begin(about)
            return note(text.CHANGED(asker.locale))

        await show(interaction, changed())


DATASET_FORMS: tuple[type[Form], ...] = (StartForm, AddForm, ChangeForm)
"""All of them, which the client finds by their custom ids."""


def captions_of(prepared: Preparation) -> str:
    """Return the captions of a data set for a form: a line for each picture, after its number.

    There are as many as there is room for; those without a line keep their caption.  So do those
    that are still to be described, whose captions may come while the form is open.
    """
    waiting = {picture.id for picture in prepared.undescribed}
    lines = [
        f"{picture.number}: {picture.caption}"
        for picture, _ in prepared.pictures
        if describable(prepared.plan, picture) and picture.id not in waiting
    ]
    while len("\n".join(lines)) > MOST_FIELD:
        lines.pop()
    return "\n".join(lines)


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
        await services.dataset_cards.begin(dataset)
    except Exception:
        await services.store.datasets.close(dataset.id)
        raise
    services.dataset_captions.begin(dataset.id)
    if plan.source != "upload":
        return note(text.BEGUN(asker.locale)), ()
    return await received(asker, handed, agreed, folder)


def _lines(values: Values) -> list[str]:
    written = values.get("instructions", "")
    return [line.strip() for line in written.splitlines() if line.strip()]
