"""The message of a finished round: its pictures, what steered it, and at most three rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from bot.actions.parameters import Parameters, feedback_of
from bot.actions.references import reference_name
from bot.actions.sizes import size_warning
from bot.actions.source_options import SourceOptions
from bot.text import messages as text
from bot.text import rounds
from bot.text.markdown import Markup, mention, quoted
from bot.text.phrases import Phrase
from bot.text.problems import said
from bot.text.styles import painting
from bot.views import press
from bot.views.comparison import axes_lines, sheet_items
from bot.views.header import header_lines, is_true_to_record, source_line
from bot.views.page import Page, described
from bot.views.shown import Shown, SourceLine, Steered, picture_name, sheet_name, strip_name
from generation.protocol.requests import Feedback
from generation.requests.feedback import PUBLISHED, explores
from storage.records import Image, Round

MODEL_SHOWN = 60

SIDE_BY_SIDE = 4
"""The most pictures whose buttons fit into a row together with one more."""


def round_page(shown: Shown) -> Page:
    """Return the message of a part of a round, in at most 40 components."""
    container: ui.Container[Page] = ui.Container()
    if shown.is_first:
        container.add_item(ui.TextDisplay("\n".join(_above(shown))))
    if shown.is_sheet:
        for item in sheet_items(shown, sheet_name(shown.round)):
            container.add_item(item)
    if items := [_picture(shown, image) for image in shown.visible]:
        container.add_item(ui.MediaGallery(*items))
    if lines := _about_pictures(shown):
        container.add_item(ui.TextDisplay("\n".join(lines)))
    if shown.is_last:
        for item in _steering(shown):
            container.add_item(item)
        if shown.round.sheet_digest is not None and not shown.is_sheet:
            container.add_item(ui.File(f"attachment://{sheet_name(shown.round)}"))
    for row in _rows(shown):
        container.add_item(ui.ActionRow(*row))
    if shown.is_last:
        if warning := _size_warning(shown):
            container.add_item(ui.TextDisplay(warning))
        if lines := _hints(shown):
            container.add_item(ui.TextDisplay("\n".join(lines)))
    return Page(container)


def _above(shown: Shown) -> list[str]:
    """Return the header, and the axes of a comparison."""
    axes = Parameters.of(shown.round.parameters).labelled(shown.locale)
    return [*header_lines(shown), *axes_lines(shown.locale, axes)]


def _picture(shown: Shown, image: Image) -> MediaGalleryItem:
    prompt = str(shown.round.parameters["prompt"])
    return MediaGalleryItem(
        f"attachment://{picture_name(image, copied=image.id in shown.copied)}",
        description=described(shown.locale, image.position + 1, prompt),
        spoiler=image in shown.veiled,
    )


def _about_pictures(shown: Shown) -> list[str]:
    """Return which pictures of a part are withheld, behind spoilers, or shown as copies."""
    locale, lines = shown.locale, list[str]()
    if withheld := [image for image in shown.here if image.withheld]:
        lines.append(rounds.WITHHELD(locale, count=len(withheld), numbers=numbers_of(withheld)))
    if shown.veiled:
        lines.append(f"-# {text.BEHIND_SPOILER(locale, numbers=numbers_of(shown.veiled))}")
    if copied := [image for image in shown.here if image.id in shown.copied]:
        lines.append(f"-# {text.COPIED(locale, numbers=numbers_of(copied))}")
    return lines


def numbers_of(images: Sequence[Image]) -> str:
    """Return the numbers of pictures in their round, for a sentence."""
    return ", ".join(str(image.position + 1) for image in images)


def _rows(shown: Shown) -> list[list[ui.Item[Any]]]:
    """Return the rows of buttons: to like, to vary and to enlarge, and for the whole round."""
    controls = _controls(shown) if shown.is_last else []
    images, alone = shown.visible, len(shown.images) == 1
    if not images:
        return [controls] if controls else []
    if len(images) > SIDE_BY_SIDE:
        return [*like_rows(shown, images), *([controls] if controls else [])]
    makers: tuple[Callable[[Image], press.Button], ...] = (
        lambda image: _like(shown, image, alone=alone),
        lambda image: press.vary_numbered(image, alone=alone),
        lambda image: press.upscale_numbered(image, alone=alone),
    )
    return [
        [*(make(image) for image in images), *([] if control is None else [control])]
        for make, control in itertools.zip_longest(makers, controls)
    ]


def like_rows(shown: Shown, images: Sequence[Image]) -> list[list[ui.Item[Any]]]:
    """Return the buttons 👍 of many pictures, four in a row."""
    return in_rows([_like(shown, image, alone=False) for image in images])


def in_rows(buttons: Sequence[ui.Item[Any]]) -> list[list[ui.Item[Any]]]:
    """Return the buttons of pictures, four in a row as the pictures are."""
    return [
        list(buttons[first : first + SIDE_BY_SIDE])
        for first in range(0, len(buttons), SIDE_BY_SIDE)
    ]


def _like(shown: Shown, image: Image, *, alone: bool) -> press.Button:
    likes, _ = shown.votes.get(image.id, (0, 0))
    return press.like_numbered(image, likes, alone=alone)


def _controls(shown: Shown) -> list[ui.Item[Any]]:
    about, locale = shown.round.id, shown.locale
    return [press.next_round(about, locale), press.reroll(about, locale), press.round_panel(about)]


def _steering(shown: Shown) -> list[ui.Item[Any]]:
    """Return the strip of the pictures that steered, and what is to be said of them."""
    items: list[ui.Item[Any]] = []
    if shown.steered and shown.round.steering_digest is not None:
        strip = MediaGalleryItem(
            f"attachment://{strip_name(shown.round)}",
            description=text.STEERING_STRIP(shown.locale),
        )
        items.append(ui.MediaGallery(strip))
    if lines := [f"-# {line}" for line in _steering_lines(shown)]:
        items.append(ui.TextDisplay("\n".join(lines)))
    return items


def _steering_lines(shown: Shown) -> list[Markup]:
    locale, parameters = shown.locale, shown.round.parameters
    if parameters.get("plain"):
        return [text.PLAIN_REPAINT(locale)]
    lines: list[Markup] = []
    if shown.steered:
        lines.append(steering_sentence(shown))
    if owners := _owners_elsewhere(shown):
        lines.append(rounds.FROM_ANOTHER_BOARD(locale, owners=Markup(", ".join(owners))))
    if left_out := parameters.get("left_out", 0):
        lines.append(text.LEFT_OUT(locale, count=left_out))
    if shown.steered:
        if dropped := [image for image in shown.images if leaves_prompt(image.parameters)]:
            lines.append(text.DROPPED(locale, numbers=numbers_of(dropped)))
    elif not left_out and _can_be_steered(shown):
        many = len(shown.visible) > SIDE_BY_SIDE
        lines.append((rounds.HOW_IT_GOES_ON_WITH_MANY if many else rounds.HOW_IT_GOES_ON)(locale))
    return lines


def steering_sentence(shown: Shown) -> Markup:
    """Return whose likes and dislikes a round follows, and which of its pictures do not."""
    locale = shown.locale
    liked = sum(steer.value > 0 for steer in shown.steered)
    disliked = len(shown.steered) - liked
    phrase = rounds.LIKED_AND_DISLIKED if disliked else rounds.LIKED
    ratings = (phrase if liked else rounds.DISLIKED)(
        locale, whose=_whose(shown), liked=liked, disliked=disliked
    )
    sentence = (rounds.FOLLOWS_RATINGS if liked else rounds.AVOIDS_RATINGS)(locale, ratings=ratings)
    preset = Parameters.of(shown.round.parameters).feedback_preset
    if preset not in PUBLISHED and len({steer.round_number for steer in shown.steered}) > 1:
        sentence = Markup(sentence + rounds.NEWEST_FIRST(locale))
    if explorers := explorers_of(shown.round, liked):
        numbers = ", ".join(map(str, explorers))
        wildcards = rounds.WILDCARDS(locale, numbers=numbers, count=len(explorers))
        sentence = Markup(sentence + wildcards)
    return sentence


def _whose(shown: Shown) -> Markup:
    """Return whose ratings steered a round: a fork may begin with those of another member.

    Nobody's name if they may be those of several, as in a picture that was recreated.
    """
    locale, inherited = shown.locale, _owners_elsewhere(shown)
    if shown.board.group:
        return rounds.THE_GROUPS(locale)
    if shown.rated_by_owner or not inherited:
        return rounds.MEMBERS(locale, member=mention(shown.board.owner_id))
    return rounds.MEMBERS(locale, member=inherited[0]) if len(inherited) == 1 else Markup()


def _owners_elsewhere(shown: Shown) -> list[Markup]:
    """Return the members on whose other boards the pictures are that steered a round."""
    owners = [steer.owner_id for steer in shown.steered if steer.owner_id is not None]
    return [mention(owner) for owner in dict.fromkeys(owners)]


def weight_line(locale: str, steer: Steered) -> Markup:
    """Return the line that names a picture that steered, as on the strip, and its weight."""
    name = Markup(reference_name(steer.round_number, steer.position))
    if steer.owner_id is not None:
        name = rounds.NAME_ELSEWHERE(locale, name=name, owner=mention(steer.owner_id))
    mark = "👍" if steer.value > 0 else "👎"
    return rounds.WEIGHT(locale, mark=mark, name=name, weight=steer.weight)


def _can_be_steered(shown: Shown) -> bool:
    """Return True for the first round of a board whose next one likes would bring closer."""
    parameters = shown.round.parameters
    options = SourceOptions.of(parameters)
    painted = options is None or options.painted
    edits = Parameters.of(parameters).image_guidance is not None
    return bool(shown.round.number == 1 and shown.visible and painted and not edits)


def explorers_of(round_: Round, liked: int) -> list[int]:
    """Return the numbers of the pictures that explored, without the likes."""
    if round_.parameters.get("axes"):
        return []
    feedback, count = feedback_of(round_.parameters), round_.parameters["count"]
    return [n + 1 for n in range(count) if explores(feedback, n, count, liked)]


def explored(feedback: Feedback) -> Phrase:
    """Return the line about the pictures that explored."""
    return text.EXPLORED_AWAY if feedback.explore_avoid else text.EXPLORED


def leaves_prompt(parameters: Mapping[str, Any]) -> bool:
    """Return True if a picture with these parameters was painted without its prompt."""
    return parameters.get("feedback_drop") == 1 and not parameters["prompt"]


def origin_line(locale: str, origin: SourceLine) -> Markup:
    """Return the line that names the source of a round, and its strength."""
    return Markup(f"{source_line(locale, origin)} · {_how(locale, origin)}")


def _how(locale: str, origin: SourceLine) -> Markup:
    if origin.fitted:
        return text.BY_FITTING(locale)
    if not origin.edits:
        return text.BY_STRENGTH(locale, amount=origin.strength)
    if origin.kept is None:
        return text.BY_EDITING_VARIED(locale)
    return text.BY_EDITING(locale, amount=origin.kept)


def _hints(shown: Shown) -> list[str]:
    """Return what is said of the prompt and of a record: what was pasted, and what is missing."""
    lines: list[str] = [f"-# {line}" for line in _replay_lines(shown)]
    lines += _style_notes(shown)
    lines += [said(remark, shown.locale) for remark in shown.remarks]
    if shown.hint is not None:
        lines.append(shown.hint(shown.locale, word=shown.hint_word))
    return lines


def _style_notes(shown: Shown) -> list[str]:
    """Return what has changed about the styles since the round before."""
    phrases = {
        "renamed": painting.RENAMED,
        "changed": painting.CHANGED,
        "edit": painting.EDITED_WITHOUT,
    }
    notes = shown.round.parameters.get("style_notes", ())
    return [phrases[kind](shown.locale, before=before, name=name) for kind, before, name in notes]


def _replay_lines(shown: Shown) -> list[str]:
    """Return lines saying that a picture was painted again, and what could not be kept."""
    locale, replayed = shown.locale, shown.round.parameters.get("replayed")
    if replayed is None:
        return []
    lines: list[str] = []
    if not is_true_to_record(replayed):
        model = quoted(replayed.get("elsewhere") or replayed.get("model") or "", MODEL_SHOWN)
        phrase = text.REPLAYED_OTHERWISE
        if "elsewhere" in replayed:
            phrase = text.REPLAYED_ELSEWHERE_WITH if model else text.REPLAYED_ELSEWHERE
        lines.append(phrase(locale, model=model))
    if lost := replayed.get("lost"):
        lines.append(text.REPLAYED_WITHOUT(locale, count=lost))
    return lines


def _size_warning(shown: Shown) -> str | None:
    """Return the warning about a size far from the model's own, once per board."""
    first = shown.images[0]
    native = first.parameters.get("native")
    if native is None or shown.round.number != 1:
        return None
    return size_warning(shown.locale, (first.width, first.height), (native[0], native[1]))
