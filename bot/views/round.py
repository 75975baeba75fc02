"""The message of a finished round: pictures with their buttons, what steered it, what next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from bot.actions.parameters import Parameters, feedback_of
from bot.actions.sizes import size_warning
from bot.text import messages as text
from bot.text.markdown import Markup, alt, mention, quoted
from bot.text.phrases import Phrase
from bot.text.problems import said
from bot.views import press
from bot.views.comparison import axes_lines, sheet_items
from bot.views.page import Page, titled
from bot.views.shown import Shown, SourceLine, Steered, picture_name, sheet_name, strip_name
from generation.protocol.requests import Feedback
from generation.protocol.samplers import SAMPLERS
from generation.requests.feedback import explores
from storage.records import Image, Round

NEGATIVE_SHOWN = 120
MODEL_SHOWN = 60
WEIGHTS_SHOWN = 8


def round_page(shown: Shown) -> Page:
    """Return the message of a part of a round, in at most 40 components."""
    locale = shown.locale
    container: ui.Container[Page] = ui.Container()
    if shown.is_first:
        container.add_item(ui.TextDisplay(_header(shown)))
    if shown.is_sheet:
        for item in sheet_items(shown, sheet_name(shown.round)):
            container.add_item(item)
    for image in shown.here:
        for item in _picture(shown, image):
            container.add_item(item)
    if shown.veiled:
        numbers = ", ".join(str(image.position + 1) for image in shown.veiled)
        said = text.BEHIND_SPOILER(locale, numbers=numbers)
        container.add_item(ui.TextDisplay(f"-# {said}"))
    if shown.copied:
        numbers = ", ".join(
            str(image.position + 1) for image in shown.here if image.id in shown.copied
        )
        container.add_item(ui.TextDisplay(f"-# {text.COPIED(locale, numbers=numbers)}"))
    if shown.is_last:
        for item in _steering(shown):
            container.add_item(item)
        if shown.round.sheet_digest is not None and not shown.is_sheet:
            container.add_item(ui.File(f"attachment://{sheet_name(shown.round)}"))
        container.add_item(ui.ActionRow(*_controls(shown)))
        if warning := _size_warning(shown):
            container.add_item(ui.TextDisplay(warning))
        if lines := _hints(shown):
            container.add_item(ui.TextDisplay("\n".join(lines)))
    return Page(container)


def _hints(shown: Shown) -> list[str]:
    """Return what is said of the prompt: what was pasted, and what the model does not know."""
    lines: list[str] = [said(remark, shown.locale) for remark in shown.remarks]
    if shown.hint is not None:
        lines.append(shown.hint(shown.locale, word=shown.hint_word))
    return lines


def _header(shown: Shown) -> str:
    locale, parameters = shown.locale, shown.round.parameters
    board = text.GROUP_BOARD if shown.board.group else text.BOARD
    first = shown.images[0]
    line = (text.COMPARISON_LINE if shown.compares else text.ROUND_LINE)(
        locale,
        board=board,
        owner=mention(shown.board.owner_id),
        number=shown.round.number,
        seed=parameters["seed"],
        width=first.width,
        height=first.height,
        steps=parameters["steps"],
        scheduler=SAMPLERS[parameters["scheduler"]].title,
        guidance=parameters["guidance"],
    )
    lines = [titled(locale, parameters["prompt"]), f"-# {line}"]
    if negative := parameters.get("negative_prompt"):
        said = text.NEGATIVE(locale, negative=quoted(negative, NEGATIVE_SHOWN))
        lines.insert(1, f"-# {said}")
    lines += axes_lines(locale, Parameters.of(parameters).labelled(locale))
    if shown.origin is not None:
        lines.append(f"-# {origin_line(locale, shown.origin)}")
    if (replayed := parameters.get("replayed")) is not None:
        lines += [f"-# {line}" for line in _replay_lines(locale, replayed)]
    return "\n".join(lines)


def _replay_lines(locale: str, replayed: Mapping[str, Any]) -> list[str]:
    """Return lines saying that a picture was painted again, and what could not be kept."""
    model = quoted(replayed.get("elsewhere") or replayed.get("model") or "", MODEL_SHOWN)
    said = text.REPLAYED
    if "elsewhere" in replayed:
        said = text.REPLAYED_ELSEWHERE_WITH if model else text.REPLAYED_ELSEWHERE
    elif model:
        said = text.REPLAYED_OTHERWISE
    lines: list[str] = [said(locale, model=model)]
    if lost := replayed.get("lost"):
        lines.append(text.REPLAYED_WITHOUT(locale, count=lost))
    return lines


def origin_line(locale: str, origin: SourceLine) -> Markup:
    """Return the line that names the source of a round, and its strength."""
    how = _how(locale, origin)
    if origin.upload:
        return text.FROM_UPLOAD(locale, how=how)
    if origin.round_number is None:
        return text.FROM_DELETED(locale, how=how)
    where = {"number": origin.round_number, "position": origin.position + 1}
    if origin.owner_id is None:
        return text.FROM_PICTURE(locale, how=how, **where)
    owner = mention(origin.owner_id)
    return text.FROM_ANOTHERS_PICTURE(locale, how=how, owner=owner, **where)


def _how(locale: str, origin: SourceLine) -> Markup:
    if origin.fitted:
        return text.BY_FITTING(locale)
    if not origin.edits:
        return text.BY_STRENGTH(locale, amount=origin.strength)
    if origin.kept is None:
        return text.BY_EDITING_VARIED(locale)
    return text.BY_EDITING(locale, amount=origin.kept)


def _picture(shown: Shown, image: Image) -> list[ui.Item[Any]]:
    number = image.position + 1
    if image.withheld:
        return [ui.TextDisplay(text.WITHHELD(shown.locale, number=number))]
    prompt = shown.round.parameters["prompt"]
    described = alt(text.PICTURE.plain(shown.locale, number=number, prompt=prompt))
    item = MediaGalleryItem(
        f"attachment://{picture_name(image, copied=image.id in shown.copied)}",
        description=described,
        spoiler=image in shown.veiled,
    )
    likes, dislikes = shown.votes.get(image.id, (0, 0))
    return [
        ui.MediaGallery(item),
        ui.ActionRow(
            press.like(image.id, likes), press.dislike(image.id, dislikes), press.more(image.id)
        ),
    ]


def _steering(shown: Shown) -> list[ui.Item[Any]]:
    locale = shown.locale
    if shown.round.parameters.get("plain"):
        return [ui.TextDisplay(f"-# {text.PLAIN_REPAINT(locale)}")]
    left_out = shown.round.parameters.get("left_out", 0)
    aside = [f"-# {text.LEFT_OUT(locale, count=left_out)}"] if left_out else []
    if not shown.steered:
        if shown.compares and not aside:
            return []
        lines = aside or [f"-# {text.STEERED_BY_NOTHING(locale)}"]
        return [ui.TextDisplay("\n".join(lines))]
    items: list[ui.Item[Any]] = []
    if shown.round.steering_digest is not None:
        strip = MediaGalleryItem(
            f"attachment://{strip_name(shown.round)}", description=text.STEERING_STRIP(locale)
        )
        items.append(ui.MediaGallery(strip))
    liked = sum(steer.value > 0 for steer in shown.steered)
    sentence = text.STEERED_BY(
        locale, liked=liked, disliked=len(shown.steered) - liked, weights=weights(shown.steered)
    )
    lines = [f"-# {sentence}", *aside]
    if numbers := _explorers(shown.round, liked):
        said = explored(feedback_of(shown.round.parameters))
        lines.append(f"-# {said(locale, numbers=numbers)}")
    dropped = [image for image in shown.images if leaves_prompt(image.parameters)]
    if dropped:
        numbers = ", ".join(str(image.position + 1) for image in dropped)
        lines.append(f"-# {text.DROPPED(locale, numbers=numbers)}")
    return [*items, ui.TextDisplay("\n".join(lines))]


def _explorers(round_: Round, liked: int) -> str:
    """Return the numbers of the pictures that explored, without the likes."""
    if round_.parameters.get("axes"):
        return ""
    feedback, count = feedback_of(round_.parameters), round_.parameters["count"]
    return ", ".join(str(n + 1) for n in range(count) if explores(feedback, n, count, liked))


def explored(feedback: Feedback) -> Phrase:
    """Return the line about the pictures that explored."""
    return text.EXPLORED_AWAY if feedback.explore_avoid else text.EXPLORED


def leaves_prompt(parameters: Mapping[str, Any]) -> bool:
    """Return True if a picture with these parameters was painted without its prompt."""
    return parameters.get("feedback_drop") == 1 and not parameters["prompt"]


def _size_warning(shown: Shown) -> str | None:
    """Return the warning about a size far from the model's own, once per board."""
    first = shown.images[0]
    native = first.parameters.get("native")
    if native is None or shown.round.number != 1:
        return None
    return size_warning(shown.locale, (first.width, first.height), (native[0], native[1]))


def weights(steered: Sequence[Steered]) -> str:
    """Return the references in one line: 👍 round.picture, and each weight that is not 1."""
    shares = [
        f"{'👍' if steer.value > 0 else '👎'} {steer.round_number}.{steer.position + 1}"
        + (f" ×{steer.weight:g}" if steer.weight != 1 else "")
        for steer in steered[:WEIGHTS_SHOWN]
    ]
    return " · ".join(shares) + (" · …" if len(steered) > WEIGHTS_SHOWN else "")


def _controls(shown: Shown) -> list[ui.Item[Any]]:
    locale, about = shown.locale, shown.round.id
    controls: list[ui.Item[Any]] = [press.next_round(about, locale)]
    if shown.steered and not shown.compares:
        controls.append(press.plain(about, locale))
    if any(image.withheld for image in shown.images):
        controls.append(press.retry(about, locale))
    return [*controls, press.reset(about, locale), press.delete(about, locale)]
