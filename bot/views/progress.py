"""The message of a request on its way: place in the queue, bar, preview, Cancel."""

from __future__ import annotations

import dataclasses

from discord import MediaGalleryItem, ui

from bot.text import messages as text
from bot.text.markdown import mention
from bot.views import press
from bot.views.page import Page, titled

BAR = 12
"""Characters of the bar: more would take two lines on a phone."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Progress of a job: waiting at `position`, or painted to `share` (0 to 1)."""

    position: int | None = None
    share: float | None = None
    attempt: int = 1


def progress_page(
    locale: str,
    *,
    job_id: int,
    prompt: str,
    owner_id: int,
    at: Standing,
    preview: str | None = None,
) -> Page:
    """Return the page of a job that waits or is being painted; `preview` names an attachment."""
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay(f"{titled(locale, prompt)}\n{_line(locale, at)}")
    )
    if preview is not None:
        picture = MediaGalleryItem(f"attachment://{preview}", description=text.PREVIEW(locale))
        container.add_item(ui.MediaGallery(picture))
    asked = text.ASKED_BY(locale, member=mention(owner_id))
    container.add_item(ui.TextDisplay(f"-# {asked}"))
    container.add_item(ui.ActionRow(press.cancel(job_id, locale)))
    return Page(container)


def ended_page(
    locale: str,
    *,
    prompt: str,
    sentence: str,
    retry: int | None = None,
    show_again: int | None = None,
) -> Page:
    """Return the page of a job without pictures to show.

    retry: the round to offer with another seed.  show_again: the round whose pictures are there.
    """
    container: ui.Container[Page] = ui.Container(
        ui.TextDisplay(f"{titled(locale, prompt)}\n{sentence}")
    )
    if retry is not None:
        container.add_item(ui.ActionRow(press.retry(retry, locale)))
    if show_again is not None:
        container.add_item(ui.ActionRow(press.show_again(show_again, locale)))
    return Page(container)


def _line(locale: str, at: Standing) -> str:
    if at.share is not None:
        done = round(BAR * at.share)
        bar = "▰" * done + "▱" * (BAR - done)
        return f"{bar}\n{text.PAINTING(locale, percent=round(100 * at.share))}"
    if at.position is not None:
        return text.PLACE_IN_QUEUE(locale, position=at.position)
    return text.TRYING_AGAIN(locale) if at.attempt > 1 else text.STARTING(locale)
