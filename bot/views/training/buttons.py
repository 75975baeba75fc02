"""Buttons of a training's card, and the select of its checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ButtonStyle, SelectOption, ui

from bot.text.training import progress as text
from bot.views.press import Button, Verb, custom_id
from bot.views.training.card_data import Card
from storage.training_records import TrainingCheckpoint

MOST_OPTIONS = 25
"""Choices of a select in Discord."""


def pause(job_id: int, locale: str) -> Button:
    """Return the button that has a training wait."""
    return _button(Verb.TRAIN_PAUSE, job_id, text.PAUSE.plain(locale))


def resume(job_id: int, locale: str) -> Button:
    """Return the button that has a paused training go on."""
    return _button(Verb.TRAIN_RESUME, job_id, text.RESUME.plain(locale), ButtonStyle.primary)


def stop(job_id: int, locale: str) -> Button:
    """Return the button that ends a training and keeps what there is."""
    return _button(Verb.TRAIN_STOP, job_id, text.STOP.plain(locale))


def cancel(job_id: int, locale: str) -> Button:
    """Return the button that asks if a training should be cancelled."""
    return _button(Verb.TRAIN_CANCEL, job_id, text.CANCEL.plain(locale))


def cancel_now(job_id: int, locale: str) -> Button:
    """Return the button that cancels a training."""
    return _button(Verb.TRAIN_CANCEL_NOW, job_id, text.CANCEL_NOW.plain(locale), ButtonStyle.danger)


def paint(job_id: int, locale: str) -> Button:
    """Return the button to the form that paints with the style of a training."""
    return _button(Verb.TRAIN_PAINT, job_id, text.PAINT.plain(locale), ButtonStyle.primary)


def use(job_id: int, step: int, locale: str) -> Button:
    """Return the button that chooses a checkpoint."""
    return ui.Button(
        style=ButtonStyle.primary,
        label=text.USE.plain(locale),
        custom_id=f"{Verb.TRAIN_USE}:{job_id}:{step}",
    )


def pick(card: Card, locale: str) -> ui.Select[Any]:
    """Return the select that shows a checkpoint; of more than there is room for, some."""
    chosen, suggested = card.training.chosen, card.suggested
    marked = suggested if chosen is None else chosen
    phrase = text.STEP_SUGGESTED if chosen is None else text.STEP_CHOSEN
    return ui.Select(
        custom_id=custom_id(Verb.TRAIN_PICK, card.job.id),
        placeholder=text.PICK.plain(locale),
        options=[
            SelectOption(
                label=(phrase if each.step == marked else text.STEP).plain(locale, step=each.step),
                description=_described(each, locale),
                value=str(each.step),
                emoji="👍" if each.step == chosen else None,
            )
            for each in shown_checkpoints(card.choices, marked)
        ],
    )


def shown_checkpoints(
    checkpoints: Sequence[TrainingCheckpoint], marked: int | None, most: int = MOST_OPTIONS
) -> list[TrainingCheckpoint]:
    """Return at most so many checkpoints, evenly spread, with the last and the marked one."""
    if len(checkpoints) <= most:
        return list(checkpoints)
    last = len(checkpoints) - 1
    places = {round(place * last / (most - 2)) for place in range(most - 1)}
    places |= {place for place, each in enumerate(checkpoints) if each.step == marked}
    return [checkpoints[place] for place in sorted(places)]


def _described(checkpoint: TrainingCheckpoint, locale: str) -> str | None:
    scores = checkpoint.scores
    fidelity, following = scores.get("fidelity"), scores.get("following")
    if fidelity is not None and following is not None:
        return text.SCORED.plain(locale, fidelity=fidelity, following=following)
    if fidelity is not None:
        return text.SCORES.plain(locale, fidelity=fidelity)
    validation = scores.get("validation")
    return None if validation is None else text.VALIDATED.plain(locale, validation=validation)


def _button(
    verb: Verb, about: int, label: str, style: ButtonStyle = ButtonStyle.secondary
) -> Button:
    return ui.Button(style=style, label=label, custom_id=custom_id(verb, about))
