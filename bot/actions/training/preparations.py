"""Data sets as they stand: what members are shown of one before its training starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bot.actions.training.choice import uncaptioned, undescribed
from bot.actions.training.plans import Plan
from bot.text.markdown import Markup, mention
from bot.text.training import datasets as text
from storage.training_records import DESCRIBED, Consent, Dataset, DatasetPicture


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """The words that a member agreed to, as they were shown, and their language."""

    words: str
    locale: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """About what a training takes; None where that is not known before the model is loaded."""

    steps: int
    seconds: float | None = None
    bytes: int | None = None
    side: int | None = None
    """The model's side in pixels."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Preparation:
    """A data set as it stands; each picture comes with why it is not trained on, if it is not."""

    dataset: Dataset
    plan: Plan
    pictures: Sequence[tuple[DatasetPicture, str | None]]
    consents: Sequence[Consent]
    missing: Sequence[int]
    """The members without whose consent it does not start."""
    cost: Cost

    @property
    def kept(self) -> list[DatasetPicture]:
        """The pictures that are trained on, by position."""
        return [picture for picture, why in self.pictures if why is None]

    @property
    def uncaptioned(self) -> list[int]:
        """The numbers of the pictures whose captions are still to be written."""
        return [picture.number for picture in uncaptioned(self.plan, self.kept)]

    @property
    def undescribed(self) -> list[DatasetPicture]:
        """The pictures that the caption model is still to be asked about."""
        agreed = {consent.member_id for consent in self.consents if consent.stands}
        return undescribed(self.plan, self.pictures, agreed)

    @property
    def described(self) -> list[DatasetPicture]:
        """The pictures to train on that have a caption after what the caption model said."""
        return [each for each in self.kept if each.facts.get(DESCRIBED) and each.caption]

    @property
    def indescribable(self) -> list[int]:
        """The numbers of those without a caption because the caption model had none for them."""
        return [
            picture.number
            for picture in self.kept
            if picture.facts.get(DESCRIBED) == "" and not picture.caption
        ]


def consent_label(plan: Plan, locale: str) -> tuple[str, str]:
    """Return the two texts at the checkbox by which a member agrees."""
    if plan.source == "likes":
        return text.CONSENT_LIKES.plain(locale), text.CONSENT_LIKES_IS.plain(locale)
    return text.CONSENT.plain(locale), text.CONSENT_IS.plain(locale)


def agreement(plan: Plan, locale: str) -> Agreed:
    """Return what a consent is recorded as: the words that are shown, in their language."""
    label, sentence = consent_label(plan, locale)
    words = text.CONSENT_WORDS.plain(locale, label=label, sentence=sentence)
    return Agreed(words=words, locale=locale)


def mentions(locale: str, members: Sequence[int]) -> Markup:
    """Return the mentions of members, in a row."""
    return Markup(text.AND(locale).join(mention(member) for member in members))


def listed(locale: str, numbers: Sequence[int]) -> Markup:
    """Return numbers in a row."""
    return Markup(text.AND(locale).join(map(str, numbers)))
