"""The message of a training: live while it is under way, and the card of its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from bot.text.markdown import Markup, mention, quoted
from bot.text.problems import said
from bot.text.training import progress as text
from bot.views.page import Page, note
from bot.views.press import Verb
from bot.views.progress import BAR
from bot.views.styles.buttons import button
from bot.views.training import buttons
from bot.views.training.card_data import Card
from bot.views.training.revocation import take_back
from bot.views.training.verdicts import verdicts
from generation.protocol.events import Reason, Stage
from generation.protocol.problems import Problem
from storage.records import JobState
from storage.style_records import Style, StyleState
from storage.training_records import TrainingCheckpoint

MOST_REMARKS = 3
MOST_CONTRIBUTORS = 10
MINUTE, HOUR = 60, 3600


def card_page(card: Card) -> Page:
    """Return the message of a training, whatever its state."""
    locale = card.job.locale
    match card.job.state:
        case JobState.QUEUED | JobState.RUNNING:
            return _live_page(card, locale)
        case JobState.DONE:
            return _finished_page(card, locale)
        case _:
            return Page(ui.Container(ui.TextDisplay(f"{_title(card, locale)}\n{ending(card)}")))


def refused_page(card: Card) -> Page:
    """Return the page that stands for a card which Discord does not take."""
    locale = card.job.locale
    return Page(ui.TextDisplay(f"{_title(card, locale)}\n{text.RESULT_REFUSED(locale)}"))


def told_page(card: Card) -> Page | None:
    """Return what tells whoever started a training of its end; None if that is nothing new to them.

    What became of a style that was to be made anew, the revocation's own message says.
    """
    job, style = card.job, card.style
    if job.state is JobState.DONE:
        if "model" in card.result:
            phrase = text.MODEL_READY
        elif style is None or style.state is not StyleState.READY:
            return None
        else:
            phrase = text.MADE_ANEW if card.training.retrains else text.READY
    elif job.state in (JobState.FAILED, JobState.DEAD) and not card.training.retrains:
        phrase = text.ENDED_BADLY
    else:
        return None
    name = card.name if style is None else style.name
    return note(phrase(job.locale, member=mention(job.member_id), name=name))


def checkpoint_page(
    locale: str, card: Card, checkpoint: TrainingCheckpoint, sheet: str | None
) -> Page:
    """Return the private page of a checkpoint, with the button that chooses it."""
    words: list[str] = [f"**{quoted(card.name)}** · {text.GRID_OF(locale, step=checkpoint.step)}"]
    earlier = _has_earlier(card, checkpoint.step)
    words += verdicts(locale, checkpoint.scores, card.result.get("untouched"), earlier=earlier)
    if card.training.chosen == checkpoint.step:
        words.append(text.CHOSEN(locale, step=checkpoint.step))
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(words)))
    if sheet is not None:
        container.add_item(_gallery(sheet, text.GRID(locale, step=checkpoint.step)))
    container.add_item(ui.ActionRow(buttons.use(card.job.id, checkpoint.step, locale)))
    return Page(container)


def cancel_page(locale: str, card: Card) -> Page:
    """Return the question if a training should be cancelled."""
    asked = text.CANCEL_ASKED(locale, name=card.name)
    row: ui.ActionRow[Page] = ui.ActionRow(buttons.cancel_now(card.job.id, locale))
    if card.step:
        row.add_item(buttons.stop(card.job.id, locale))
    return Page(ui.TextDisplay(asked), row)


def status_text(locale: str, card: Card) -> str:
    """Return how far a training is, in a line or two."""
    if card.waits_for is not None:
        waits = text.WAITS_FOR_MODEL(locale, model=card.waits_for, loaded=card.loaded)
        return f"{_bar(card, locale)}\n{waits}" if card.step else waits
    if card.training.stopped:
        return text.STOPPING(locale)
    if card.training.paused:
        phrase = text.PAUSED if card.granted else text.PAUSED_UNGRANTED
        return f"{_bar(card, locale)}\n{phrase(locale)}"
    standing = card.standing
    if standing.position is not None:
        ahead = standing.position - 1
        return text.PLACE(locale, ahead=ahead) if ahead else text.NEXT(locale)
    stage = standing.stage
    if stage is None or standing.progress is None:
        if standing.attempt > 1 or card.step:
            again = text.TRYING_AGAIN(locale, attempt=standing.attempt)
            return f"{_bar(card, locale)}\n{again}" if standing.attempt > 1 else _bar(card, locale)
        return text.STARTING(locale)
    if stage in text.STAGES:
        at = standing.progress
        line = text.STAGES[stage](locale, step=at.step, steps=at.steps)
        return f"{_bar(card, locale)}\n{line}" if card.step else line
    return _bar(card, locale)


def ending(card: Card) -> str:
    """Return why a training has no result, in words."""
    job, locale = card.job, card.job.locale
    if job.state is JobState.CANCELLED:
        return text.CANCELLED(locale)
    try:
        reason = Reason(job.reason)
    except ValueError:
        reason = Reason.INTERNAL
    if (problem := Problem.load(job.detail)) is not None:
        return text.FAILED(locale, detail=said(problem, locale))
    phrase = {
        Reason.INVALID: text.FAILED,
        Reason.MODEL: text.FAILED_MODEL,
        Reason.MEMORY: text.FAILED_MEMORY,
        Reason.CRASHED: text.FAILED_CRASHED,
        Reason.INTERNAL: text.FAILED_INTERNAL,
    }[reason]
    return phrase(locale, detail=job.detail, attempts=max(job.attempts, 1), job=job.id)


def time_taken(locale: str, seconds: float) -> Markup:
    """Return a length of time in words."""
    if seconds < MINUTE:
        return text.SECONDS(locale, count=max(1, round(seconds)))
    if seconds < HOUR:
        return text.MINUTES(locale, count=round(seconds / MINUTE))
    return text.HOURS(locale, count=round(seconds / HOUR))


def _live_page(card: Card, locale: str) -> Page:
    words = [_title(card, locale), status_text(locale, card)]
    if losses := _losses(card, locale):
        words.append(losses)
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(words)))
    if card.curve is not None:
        container.add_item(_gallery(card.curve, text.CURVE(locale)))
    if card.sheet is not None and card.sheet_step is not None:
        container.add_item(ui.TextDisplay(text.GRID_OF(locale, step=card.sheet_step)))
        container.add_item(_gallery(card.sheet, text.GRID(locale, step=card.sheet_step)))
    container.add_item(ui.TextDisplay("\n".join(_notes(card, locale))))
    job_id, row = card.job.id, ui.ActionRow[Page]()
    if not card.training.stopped:
        row.add_item((buttons.resume if card.training.paused else buttons.pause)(job_id, locale))
        if card.step:
            row.add_item(buttons.stop(job_id, locale))
    row.add_item(buttons.cancel(job_id, locale))
    row.add_item(take_back(card.training.dataset_id, locale))
    container.add_item(row)
    _add_choices(container, card, locale)
    return Page(container)


def _finished_page(card: Card, locale: str) -> Page:
    result, style = card.result, card.style
    phrase = text.STOPPED if card.training.stopped else text.FINISHED
    words: list[str] = [
        _title(card, locale),
        phrase(
            locale,
            steps=int(result.get("steps", card.step)),
            pictures=card.pictures,
            time=time_taken(locale, float(result.get("seconds", 0.0))),
        ),
    ]
    if (model := result.get("model")) is not None:
        words.append(
            text.MODEL_IS(locale, folder=model["folder"], place="models", setting=model["setting"])
        )
    elif style is not None and style.state is StyleState.READY:
        words += _about_style(card, style, locale)
    else:
        # A withdrawn style may be made anew, by a training with a card of its own.
        revoked = card.training.revoked or style is not None
        words.append((text.REVOKED if revoked else text.STYLE_GONE)(locale))
    container: ui.Container[Page] = ui.Container(ui.TextDisplay("\n".join(words)))
    if card.sheet is not None and card.sheet_step is not None:
        container.add_item(_gallery(card.sheet, text.GRID(locale, step=card.sheet_step)))
    if card.curve is not None:
        container.add_item(_gallery(card.curve, text.CURVE(locale)))
    container.add_item(ui.TextDisplay("\n".join(_notes(card, locale))))
    if style is not None and style.state is StyleState.READY:
        back = take_back(card.training.dataset_id, locale)
        show = button(Verb.STYLE, style.id, text.SHOW, locale)
        container.add_item(ui.ActionRow(buttons.paint(card.job.id, locale), show, back))
        _add_choices(container, card, locale)
    return Page(container)


def _has_earlier(card: Card, step: int) -> bool:
    """Return True if there still is a checkpoint from before a step."""
    return any(each.step < step for each in card.checkpoints)


def _about_style(card: Card, style: Style, locale: str) -> list[str]:
    words: list[str] = []
    if card.training.retrains:
        words.append(text.RETRAINED(locale, name=style.name))
    elif style.name != card.name:
        words.append(text.STYLE_NAMED(locale, name=style.name))
    step = style.evaluation.get("step")
    if step is not None:
        words.append(text.STYLE_IS(locale, step=int(step)))
    earlier = step is not None and _has_earlier(card, int(step))
    words += verdicts(locale, style.evaluation, card.result.get("untouched"), earlier=earlier)
    if style.trigger:
        words.append(text.TRIGGER(locale, trigger=style.trigger))
    words.append(text.SCOPES[style.scope.value](locale, owner=mention(style.owner_id)))
    if style.contributors:
        members = " ".join(mention(each) for each in style.contributors[:MOST_CONTRIBUTORS])
        words.append(text.CONTRIBUTORS(locale, members=Markup(members)))
    return words


def _add_choices(container: ui.Container[Any], card: Card, locale: str) -> None:
    """Add the select of the checkpoints, where there is a choice."""
    if not card.choices or (card.training.stopped and card.job.state is not JobState.DONE):
        return
    if card.job.state is JobState.DONE and len(card.choices) < 2:
        return
    container.add_item(ui.ActionRow(buttons.pick(card, locale)))


def _title(card: Card, locale: str) -> Markup:
    method = text.BASE_METHODS.get(card.method)
    return text.TITLE(
        locale, name=card.name, method=card.method if method is None else method(locale)
    )


def _bar(card: Card, locale: str) -> str:
    steps = max(card.steps, card.step, 1)
    share = card.step / steps
    bar = "▰" * round(BAR * share) + "▱" * (BAR - round(BAR * share))
    line = text.STEPS(locale, percent=round(100 * share), step=card.step, steps=steps)
    left = card.standing.seconds_left
    training = card.standing.stage is Stage.TRAINING and not card.training.paused
    if left is None or not training:
        return f"{bar}\n{line}"
    return f"{bar}\n{line} · {_left(locale, left)}"


def _left(locale: str, seconds: float) -> str:
    if seconds < MINUTE:
        return text.SECONDS_LEFT(locale)
    if seconds < HOUR:
        return text.MINUTES_LEFT(locale, count=round(seconds / MINUTE))
    return text.HOURS_LEFT(locale, count=round(seconds / HOUR))


def _losses(card: Card, locale: str) -> str | None:
    """Return the losses at the end of the curve that the card shows."""
    if not card.losses.training:
        return None
    _, loss = card.losses.training[-1]
    if not card.losses.validation:
        return text.LOSS(locale, loss=loss)
    _, validation = card.losses.validation[-1]
    return text.LOSSES(locale, loss=loss, validation=validation)


def _notes(card: Card, locale: str) -> Sequence[str]:
    remarks = [text.REMARK(locale, remark=said(each, locale)) for each in card.remarks]
    notes: list[str] = [f"-# {each}" for each in remarks[:MOST_REMARKS]]
    if more := len(remarks) - MOST_REMARKS:
        notes += [f"-# {text.MORE_REMARKS(locale, count=more)}"] if more > 0 else []
    live = card.job.state is not JobState.DONE
    if live and card.training.chosen is not None:
        notes.append(f"-# {text.CHOSEN(locale, step=card.training.chosen)}")
    elif live and card.choices:
        notes.append(f"-# {text.REACT(locale)}")
    if not live and len(card.choices) > 1:
        notes.append(f"-# {text.CHOOSE_ANOTHER(locale, days=card.checkpoint_days)}")
    notes.append(f"-# {text.STARTED_BY(locale, member=mention(card.job.member_id))}")
    return notes


def _gallery(name: str, description: Markup) -> ui.MediaGallery[Any]:
    return ui.MediaGallery(MediaGalleryItem(f"attachment://{name}", description=description))
