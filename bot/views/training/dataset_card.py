"""Card of a data set: what there is to train on, what is left out and why, consent, and cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from discord import ButtonStyle, ui

from bot.actions.training.choice import DUPLICATE, REMOVED, SMALL, is_blurred
from bot.actions.training.preparations import Cost, Preparation, agreement, listed, mentions
from bot.text.markdown import Markup, mention, quoted
from bot.text.training import datasets as text
from bot.views import press
from bot.views.page import Page
from bot.views.press import Verb
from bot.views.training.revocation import take_back
from storage.training_records import DatasetPicture, DatasetState

FEW = 4
"""Pictures from which a subject can be learned."""
LEFT_OUT = {DUPLICATE: text.DUPLICATES, SMALL: text.SMALL, REMOVED: text.REMOVED}
MEGABYTE, GIGABYTE = 10**6, 10**9


def dataset_page(prepared: Preparation) -> Page:
    """Return the card, in the language of who prepares the training."""
    dataset, plan = prepared.dataset, prepared.plan
    locale, name = dataset.locale, quoted(plan.name)
    if dataset.state is DatasetState.USED:
        back = take_back(dataset.id, locale)
        return Page(ui.TextDisplay(text.STARTED(locale, name=name)), ui.ActionRow(back))
    if dataset.state is DatasetState.CLOSED:
        return Page(ui.TextDisplay(text.CLOSED(locale, name=name)))
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay("\n".join(_about(locale, prepared))),
        ui.TextDisplay("\n".join(_consent(locale, prepared))),
        ui.TextDisplay(cost_line(locale, prepared.cost)),
    )
    if plan.source == "thread":
        container.add_item(ui.TextDisplay(text.THREAD(locale)))
    for row in _rows(locale, prepared):
        container.add_item(ui.ActionRow(*row))
    return Page(container)


def _rows(locale: str, prepared: Preparation) -> Iterator[list[ui.Button[Any]]]:
    """Yield the rows of buttons; without everyone's consent, giving it comes first."""
    if prepared.missing:
        agree = text.AGREE(locale)
        yield [_button(Verb.DATASET_AGREE, prepared, agree, ButtonStyle.success)]
    yield list(_buttons(locale, prepared))
    if any(consent.stands for consent in prepared.consents):
        yield [take_back(prepared.dataset.id, locale)]


def _about(locale: str, prepared: Preparation) -> Iterator[str]:
    """Yield the lines about the training and its pictures."""
    plan, kept = prepared.plan, prepared.kept
    yield text.TITLE(
        locale,
        name=quoted(plan.name),
        method=text.METHODS[plan.method],
        member=mention(prepared.dataset.member_id),
    )
    if plan.trigger:
        yield text.WORDS(locale, trigger=plan.words)
    count = text.COUNT(locale, kept=len(kept), all=len(prepared.pictures))
    yield " · ".join([count, *_spread(locale, sizes_of(kept))])
    if plan.method == "taste":
        yield text.RATED(locale, liked=plan.liked, disliked=plan.disliked)
    elif plan.method == "edit":
        yield text.FEW_PAIRS(locale)
    elif len(kept) < FEW:
        yield text.FEW(locale)
    yield from _remarks(locale, prepared)


def _spread(locale: str, sizes: Sequence[str]) -> Iterator[str]:
    """Yield the smallest and the largest size, if any is known."""
    if len(sizes) > 1:
        yield text.SIZES(locale, least=sizes[0], most=sizes[-1])
    elif sizes:
        yield text.ONE_SIZE(locale, size=sizes[0])


def _remarks(locale: str, prepared: Preparation) -> Iterator[str]:
    """Yield the lines about pictures that are left out or that look wrong."""
    for why, phrase in LEFT_OUT.items():
        if out := [picture for picture, reason in prepared.pictures if reason == why]:
            yield phrase(locale, numbers=_numbers(locale, out), side=prepared.cost.side)
    if blurred := [picture for picture in prepared.kept if is_blurred(picture)]:
        yield text.BLURRED(locale, numbers=_numbers(locale, blurred))
    yield from _captions(locale, prepared)
    if prepared.uncaptioned:
        yield text.UNCAPTIONED(locale, numbers=listed(locale, prepared.uncaptioned))


def _captions(locale: str, prepared: Preparation) -> Iterator[str]:
    """Yield the lines about what the caption model does; its captions are not for everyone."""
    if prepared.undescribed:
        yield text.DESCRIBING(locale, left=len(prepared.undescribed))
    elif prepared.described:
        yield text.DESCRIBED(locale, count=len(prepared.described))
    if prepared.indescribable:
        yield text.INDESCRIBABLE(locale, numbers=listed(locale, prepared.indescribable))


def _consent(locale: str, prepared: Preparation) -> Iterator[str]:
    """Yield the lines about who agreed, and who did not yet."""
    given = [consent.member_id for consent in prepared.consents if consent.stands]
    if given:
        yield text.CONSENT_GIVEN(locale, members=mentions(locale, given))
    if prepared.missing:
        yield text.CONSENT_MISSING(locale, members=mentions(locale, prepared.missing))
        yield text.CONSENT_ASKED(locale, words=Markup(agreement(prepared.plan, locale).words))
    if not given and not prepared.missing:
        yield text.NOBODY_YET(locale)


def cost_line(locale: str, cost: Cost) -> str:
    """Return the line about what a training takes."""
    if cost.seconds is None or cost.bytes is None:
        return text.STEPS_ONLY(locale, steps=cost.steps)
    minutes = max(1, math.ceil(cost.seconds / 60))
    return text.COST(locale, steps=cost.steps, minutes=minutes, size=size_words(cost.bytes))


def size_words(count: int) -> Markup:
    """Return a number of bytes in words."""
    if count >= GIGABYTE:
        return Markup(f"{count / GIGABYTE:.1f} GB")
    return Markup(f"{math.ceil(count / MEGABYTE)} MB")


def sizes_of(pictures: Sequence[DatasetPicture]) -> list[str]:
    """Return the sizes of pictures, smallest first, each once."""
    sizes = {
        (each.facts["width"], each.facts["height"])
        for each in pictures
        if "width" in each.facts and "height" in each.facts
    }
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    return [f"{width} × {height}" for width, height in ordered]


def _numbers(locale: str, pictures: Sequence[DatasetPicture]) -> Markup:
    return listed(locale, [picture.number for picture in pictures])


def _buttons(locale: str, prepared: Preparation) -> Iterator[ui.Button[Any]]:
    start = ButtonStyle.secondary if prepared.missing else ButtonStyle.success
    yield _button(Verb.DATASET_START, prepared, text.START(locale), start)
    yield _button(Verb.DATASET_CHANGE, prepared, text.CHANGE(locale))
    if prepared.plan.source != "likes":
        yield _button(Verb.DATASET_ADD, prepared, text.ADD(locale))
    yield _button(Verb.DATASET_SHOW, prepared, text.SHOW(locale))
    yield _button(Verb.DATASET_CANCEL, prepared, text.CANCEL(locale), ButtonStyle.danger)


def _button(
    verb: Verb, prepared: Preparation, label: str, style: ButtonStyle = ButtonStyle.secondary
) -> ui.Button[Any]:
    about = press.custom_id(verb, prepared.dataset.id)
    return ui.Button(style=style, label=label, custom_id=about)
