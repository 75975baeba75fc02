"""The private panel of a round, behind ⋯: its pictures, 👎, and what concerns the whole round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.actions.parameters import Parameters, feedback_of
from bot.text import messages as text
from bot.text import rounds
from bot.text.markdown import quoted
from bot.views import press
from bot.views.header import styles_line
from bot.views.page import Page, titled
from bot.views.round import SIDE_BY_SIDE, explored, explorers_of, in_rows, weight_line
from bot.views.shown import Shown
from generation.catalog.entries import public_name
from generation.protocol.samplers import SAMPLERS
from storage.records import Image

PROMPT_ROOM = 1200
"""The most characters that each of the two prompts takes with its escapes."""


def panel_page(locale: str, shown: Shown) -> Page:
    """Return the panel in the viewer's language, in at most 40 components.

    `shown` is the whole round; its `hidden` pictures the viewer may not see.
    """
    lines = [_title(locale, shown)]
    if _reached(shown):
        lines.append(f"-# {rounds.OPENS_A_PICTURE(locale)}")
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(lines)))
    for row in _picture_rows(shown):
        container.add_item(ui.ActionRow(*row))
    for row in _control_rows(locale, shown):
        container.add_item(ui.ActionRow(*row))
    return Page(container)


def settings_page(locale: str, shown: Shown) -> Page:
    """Return what a round was made with, and the way back to its panel."""
    lines = [_title(locale, shown), *_settings(locale, shown), *_weights(locale, shown)]
    return Page(
        ui.Container(
            ui.TextDisplay("\n".join(lines)),
            ui.ActionRow(press.back_to_round(shown.round.id, locale)),
        )
    )


def deletion_page(locale: str, shown: Shown) -> Page:
    """Return the question if a round should be deleted."""
    round_, count = shown.round, len(shown.images)
    return Page(
        ui.Container(
            ui.TextDisplay(rounds.DELETE_ASKED(locale, number=round_.number, count=count)),
            ui.ActionRow(press.delete_now(round_.id, locale), press.keep(round_.id, locale)),
        )
    )


def _reached(shown: Shown) -> Sequence[Image]:
    """Return the pictures that the member can do something with from here."""
    if shown.compares:  # They have pages of their own.
        return ()
    return [each for each in shown.images if not each.withheld and each.id not in shown.hidden]


def _title(locale: str, shown: Shown) -> str:
    prompt = str(shown.round.parameters["prompt"])
    return f"{rounds.PANEL(locale, number=shown.round.number)}\n{titled(locale, prompt)}"


def _picture_rows(shown: Shown) -> list[list[ui.Item[Any]]]:
    """Return 🖼️ and 👎 for each picture, and 🪄 where there are too many for the message.

    For 🔍 there is no room then: it is in the panel that 🖼️ opens.
    """
    images, alone = _reached(shown), len(shown.images) == 1
    rows = in_rows([press.more_numbered(image, alone=alone) for image in images])
    rows += in_rows(
        [
            press.dislike_numbered(image, shown.votes.get(image.id, (0, 0))[1], alone=alone)
            for image in images
        ]
    )
    if len(images) > SIDE_BY_SIDE:
        rows += in_rows([press.vary_numbered(image, alone=alone) for image in images])
    return rows


def _control_rows(locale: str, shown: Shown) -> list[list[ui.Item[Any]]]:
    """Return the buttons for the whole round; five with words on them take two rows."""
    about = shown.round.id
    telling: list[ui.Item[Any]] = [press.settings(about, locale)]
    acting: list[ui.Item[Any]] = [press.reset(about, locale), press.delete(about, locale)]
    if not shown.compares:
        telling.append(press.change_prompt(about, locale))
    if shown.steered and not shown.compares:
        return [telling, [press.plain(about, locale), *acting]]
    return [[*telling, *acting]]


def _settings(locale: str, shown: Shown) -> list[str]:
    stored, first = shown.round.parameters, shown.images[0]
    parameters = Parameters.of(stored)
    settings = rounds.SETTINGS_OF(
        locale,
        seed=stored["seed"],
        model=public_name(str(stored["model"])),
        width=first.width,
        height=first.height,
        steps=parameters.steps,
        scheduler=SAMPLERS[parameters.scheduler].title,
        guidance=parameters.guidance,
    )
    negative = quoted(parameters.negative_prompt, PROMPT_ROOM, PROMPT_ROOM)
    styles = styles_line(locale, stored)
    said = [settings] if styles is None else [settings, styles]
    return [*said, *([text.NEGATIVE_PROMPT(locale, negative=negative)] if negative else [])]


def _weights(locale: str, shown: Shown) -> list[str]:
    """Return each picture that steered with its weight, the newest first as on the strip."""
    if not shown.steered:
        return []
    halves = [[each for each in shown.steered if each.value == value] for value in (1, -1)]
    lines: list[str] = [text.STEERED_IN_DETAIL(locale)]
    lines += [weight_line(locale, steer) for half in halves for steer in reversed(half)]
    if numbers := explorers_of(shown.round, len(halves[0])):
        feedback = feedback_of(shown.round.parameters)
        lines.append(explored(feedback)(locale, numbers=", ".join(map(str, numbers))))
    return lines
