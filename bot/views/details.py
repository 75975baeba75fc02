"""The private panel of one picture: the picture, what can be done with it, folded details."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from discord import MediaGalleryItem, ui

from bot.actions.parameters import MAX_PROMPT, Parameters, feedback_of
from bot.text import messages as text
from bot.text.markdown import mention, quoted
from bot.views import press
from bot.views.header import styles_line
from bot.views.page import Page, described
from bot.views.round import explored, leaves_prompt, origin_line, weight_line
from bot.views.shown import SourceLine, Steered, picture_name
from bot.views.tree import Branch, tree_lines
from generation.catalog.entries import public_name
from generation.protocol.requests import Feedback
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
    mine: int
    """The viewer's own rating: 1, -1 or 0."""
    steered: Sequence[Steered]
    origin: SourceLine | None = None
    tree: Sequence[Branch] = ()
    made_from: int | None = None
    """The picture that it was made from, if that may be shown."""
    copied: bool = False
    """True if Discord is sent a JPEG copy, as the PNG is too large."""


def details_page(
    locale: str, details: Details, *, pictured: bool = False, unfolded: bool = False
) -> Page:
    """Return the panel in the viewer's language: the picture, its actions, what is said of it.

    pictured: with the picture attached; unfolded: with its settings and its history.
    """
    image = details.image
    container: ui.Container[Page] = ui.Container()
    if pictured:
        name = picture_name(image, copied=details.copied)
        picture = MediaGalleryItem(
            f"attachment://{name}",
            description=described(locale, image.position + 1, str(image.parameters["prompt"])),
            spoiler=image.flagged,
        )
        container.add_item(ui.MediaGallery(picture))
    container.add_item(ui.TextDisplay(_heading(locale, details)))
    first: list[press.Button] = []
    if not image.withheld:
        first += press.rate_in_panel(image.id, details.likes, details.dislikes, details.mine)
    if details.made_from is not None:
        first.append(press.back(details.made_from, locale))
    if first:
        container.add_item(ui.ActionRow(*first))
    for row in () if image.withheld else press.go_on_rows(image.id, locale):
        container.add_item(row)
    container.add_item(ui.ActionRow(press.details(image.id, locale, unfolded=unfolded)))
    if unfolded:
        container.add_item(ui.Separator())
        for said in _details(locale, details):
            container.add_item(ui.TextDisplay(said))
    return Page(container)


def _heading(locale: str, details: Details) -> str:
    """Return which picture it is, and what has to be known of it."""
    image = details.image
    lines: list[str] = [text.PANEL(locale, number=image.position + 1, round=details.round.number)]
    if image.flagged:
        lines.append(f"-# {text.FLAGGED(locale)}")
    return "\n".join(lines)


def _details(locale: str, details: Details) -> list[str]:
    """Return the picture's settings, what steered it, its prompts and its history."""
    image = details.image
    stored = image.parameters  # of alternatives and of values, those that this picture took
    parameters, feedback = Parameters.of(stored), feedback_of(stored)
    lines: list[str] = [
        text.DETAILS(
            locale,
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
        ),
        *([] if (styles := styles_line(locale, stored)) is None else [styles]),
        *_origins(locale, details),
        *_steering(locale, details, feedback),
    ]
    tail = (text.DOWNLOAD_COPY if details.copied else text.DOWNLOAD)(locale)
    tree = _tree(locale, details)
    room = MESSAGE - len(_heading(locale, details)) - len(tail) - len(tree)
    room -= sum(len(line) + 1 for line in lines)
    said = ["\n".join(lines), _prompts(locale, parameters, room), f"-# {tail}", tree]
    return [each for each in said if each]


def _origins(locale: str, details: Details) -> list[str]:
    """Return lines that name the round and the picture that it goes on from."""
    lines: list[str] = []
    if details.parent is not None:
        if details.parent_owner is None:
            lines.append(text.FOLLOWS(locale, number=details.parent.number))
        else:
            owner = mention(details.parent_owner)
            lines.append(text.FOLLOWS_ANOTHER(locale, number=details.parent.number, owner=owner))
    if details.origin is not None:
        lines.append(text.MADE_FROM(locale, origin=origin_line(locale, details.origin)))
    return lines


def _steering(locale: str, details: Details, feedback: Feedback) -> list[str]:
    """Return lines about the pictures that it follows or keeps away from, with their weights."""
    image, steered, lines = details.image, details.steered, list[str]()
    liked = sum(steer.value > 0 for steer in steered)
    if explores(feedback, 0, 1, liked):
        lines.append(explored(feedback)(locale, numbers=image.position + 1))
        if not feedback.explore_avoid:
            steered = [steer for steer in steered if steer.value < 0]
    if steered:
        lines.append(text.STEERED_IN_DETAIL(locale))
        lines += [weight_line(locale, steer) for steer in steered]
    if leaves_prompt(image.parameters):
        lines.append(text.DROPPED(locale, numbers=image.position + 1))
    return lines


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
