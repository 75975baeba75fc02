"""The private panel of one picture: seed, model, parameters, where it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from discord import MediaGalleryItem, ui

from bot.actions.parameters import MAX_PROMPT, Parameters, feedback_of
from bot.text import messages as text
from bot.text.markdown import mention, quoted
from bot.views import press
from bot.views.page import Page
from bot.views.round import explored, leaves_prompt, origin_line
from bot.views.shown import SourceLine, Steered, picture_name
from bot.views.tree import Branch, tree_lines
from generation.catalog.entries import public_name
from generation.protocol.samplers import SAMPLERS
from generation.requests.feedback import explores
from storage.records import Image, Round

MESSAGE = 3900
"""A little less than the 4,000 characters of a message; escaping can double a prompt, which yields.
"""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """Everything that the panel shows."""

    image: Image
    round: Round
    parent: Round | None
    parent_owner: int | None
    """The owner of the parent's board, if that is another board."""
    likes: int
    dislikes: int
    steered: Sequence[Steered]
    origin: SourceLine | None = None
    tree: Sequence[Branch] = ()
    made_from: int | None = None
    """The picture that it was made from, if that may be shown."""
    copied: bool = False
    """True if Discord is sent a JPEG copy, as the PNG is too large."""


def details_page(locale: str, details: Details, *, pictured: bool = False) -> Page:
    """Return the panel in the viewer's language; `pictured` with the picture attached."""
    image = details.image
    stored = image.parameters  # of alternatives and of values, those that this picture took
    parameters, feedback = Parameters.of(stored), feedback_of(stored)
    lines: list[str] = [
        text.DETAILS(
            locale,
            number=image.position + 1,
            round=details.round.number,
            seed=image.seed,
            model=public_name(stored["model"]),
            width=image.width,
            height=image.height,
            steps=parameters.steps,
            scheduler=SAMPLERS[parameters.scheduler].title,
            guidance=parameters.guidance,
            start=feedback.start,
            end=feedback.end,
            strength=feedback.strength,
        )
    ]
    if details.parent is not None:
        if details.parent_owner is None:
            lines.append(text.FOLLOWS(locale, number=details.parent.number))
        else:
            owner = mention(details.parent_owner)
            lines.append(text.FOLLOWS_ANOTHER(locale, number=details.parent.number, owner=owner))
    if details.origin is not None:
        lines.append(text.MADE_FROM(locale, origin=origin_line(locale, details.origin)))
    lines.append(text.RATED(locale, likes=details.likes, dislikes=details.dislikes))
    if image.flagged:
        lines.append(text.FLAGGED(locale))
    steered = details.steered
    liked = sum(steer.value > 0 for steer in steered)
    if explores(feedback, 0, 1, liked):
        lines.append(explored(feedback)(locale, numbers=image.position + 1))
        if not feedback.explore_avoid:
            steered = [steer for steer in steered if steer.value < 0]
    if steered:
        lines.append(text.STEERED_IN_DETAIL(locale))
        lines += [_steer(locale, steer) for steer in steered]
    if leaves_prompt(stored):
        lines.append(text.DROPPED(locale, numbers=image.position + 1))
    tail = (text.DOWNLOAD_COPY if details.copied else text.DOWNLOAD)(locale)
    tree = _tree(locale, details)
    room = MESSAGE - len(tail) - len(tree) - len(text.GO_ON(locale))
    room -= sum(len(line) + 1 for line in lines)
    container: ui.Container[Page] = ui.Container()
    if pictured:
        name = picture_name(image, copied=details.copied)
        picture = MediaGalleryItem(f"attachment://{name}", spoiler=image.flagged)
        container.add_item(ui.MediaGallery(picture))
    said: list[ui.TextDisplay[Page]] = [
        ui.TextDisplay("\n".join(lines)),
        ui.TextDisplay(_prompts(locale, parameters, room)),
        ui.TextDisplay(f"-# {tail}"),
        *([ui.TextDisplay(tree)] if tree else []),
    ]
    for item in said:
        container.add_item(item)
    if not image.withheld:
        container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay(text.GO_ON(locale)))
        for row in press.go_on_rows(image.id, locale):
            container.add_item(row)
    if details.made_from is not None:
        container.add_item(ui.ActionRow(press.back(details.made_from, locale)))
    return Page(container)


def _prompts(locale: str, parameters: Parameters, room: int) -> str:
    """Return both prompts in so many characters; the negative one leaves the other most of them."""
    negative = ""
    if parameters.negative_prompt:
        words = quoted(parameters.negative_prompt, MAX_PROMPT // 3, room // 3)
        negative = f"\n{text.NEGATIVE_PROMPT(locale, negative=words)}"
    room -= len(text.PROMPT(locale, prompt="")) + len(negative)
    return text.PROMPT(locale, prompt=quoted(parameters.prompt, MAX_PROMPT, room) or "–") + negative


def _tree(locale: str, details: Details) -> str:
    if not details.tree:
        return ""
    return "\n".join([text.TREE(locale), *tree_lines(locale, details.tree, details.image.id)])


def _steer(locale: str, steer: Steered) -> str:
    return text.STEER_LINE(
        locale,
        mark="👍" if steer.value > 0 else "👎",
        position=steer.position + 1,
        number=steer.round_number,
        weight=steer.weight,
    )
