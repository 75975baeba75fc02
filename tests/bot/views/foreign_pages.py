"""Every page that shows foreign text, filled with the same words wherever such text can stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.actions.parameters import Parameters
from bot.actions.replays import Incomplete
from bot.actions.rules import Rules
from bot.commands import about, admin
from bot.jobs.results import ending
from bot.playground.world import welcome_page
from bot.settings import Settings
from bot.text import invalid
from bot.views import cells, details, offers, page, progress, queue, round_panel, tree
from bot.views.hints import hint_for
from bot.views.page import Page
from bot.views.round import round_page
from bot.views.shown import Shown, SourceLine, Steered
from generation.protocol.events import Reason
from generation.protocol.options import ModelCard
from generation.protocol.requests import Axis
from storage.gestures import SHEET
from storage.records import Board, Image, Job, JobKind, JobState, Round, Server

DIGEST = "0" * 64
MEMBER = 10**17
BOARD = Board(
    id=1,
    server_id=1,
    channel_id=1,
    owner_id=MEMBER,
    group=False,
    since_round=1,
    forked_from=None,
    created_at=0.0,
)
BESIDE = SourceLine(strength=0.5, round_number=2, position=1, owner_id=MEMBER + 1)
STEERED = Steered(round_number=1, position=0, value=1, weight=0.5)

Build = Callable[[str, str], Page]
"""From a language and foreign words to a page."""


def stored(words: str, **change: Any) -> dict[str, Any]:
    parameters = Parameters(prompt=words, negative_prompt=words, count=4)
    return parameters.stored(seed=7, model="shapes") | change


def picture(parameters: Mapping[str, Any], position: int = 0, **change: Any) -> Image:
    image = Image(
        id=position + 1,
        round_id=1,
        position=position,
        digest=DIGEST,
        seed=7,
        width=96,
        height=96,
        parameters={**parameters, "native": [512, 512], "chosen": position == 1},
        parent_id=None,
        created_at=0.0,
    )
    return dataclasses.replace(image, **change)


def shown(locale: str, words: str, *, part: int = 0, **change: Any) -> Shown:
    parameters = stored(words, locale=locale, **change)
    round_ = Round(
        id=1,
        board_id=1,
        number=1,
        parent_id=None,
        parameters=parameters,
        steering_digest=DIGEST,
        sheet_digest=DIGEST,
        created_at=0.0,
    )
    hint = hint_for(round_, model="shapes")
    return Shown(
        round=round_,
        board=BOARD,
        part=part,
        images=[picture(parameters, position) for position in range(4)],
        votes={},
        steered=[STEERED],
        origin=BESIDE,
        hint=None if hint is None else hint[0],
        hint_word="" if hint is None else hint[1],
    )


def axes(words: str) -> list[dict[str, Any]]:
    values = ["a star", words]
    return [dataclasses.asdict(Axis(parameter="prompt", values=tuple(values)))] * 2


def a_round(locale: str, words: str) -> Page:
    return round_page(dataclasses.replace(shown(locale, words), hint=None))


def one_from_elsewhere(locale: str, words: str) -> Page:
    of = shown(locale, words, replayed={"elsewhere": words, "lost": 2})
    return round_page(dataclasses.replace(of, hint=None))


def one_with_another_model(locale: str, words: str) -> Page:
    of = shown(locale, words, replayed={"model": words})
    return round_page(dataclasses.replace(of, hint=None))


def a_sheet(locale: str, words: str) -> Page:
    return round_page(
        dataclasses.replace(shown(locale, words, part=SHEET, axes=axes(words)), hint=None)
    )


def single_pictures(locale: str, words: str) -> Page:
    return cells.cells_page(locale, shown(locale, words, axes=axes(words)))


def a_panel(locale: str, words: str) -> Page:
    of = shown(locale, words)
    here, *others = of.images
    above = tree.Branch(round_number=1, images=[dataclasses.replace(here, id=9)])
    below = [dataclasses.replace(each, parent_id=9) for each in (here, *others)]
    return details.details_page(
        locale,
        details.Details(
            image=here,
            round=of.round,
            parent=of.round,
            parent_owner=MEMBER,
            likes=1,
            dislikes=0,
            mine=1,
            steered=[STEERED],
            origin=BESIDE,
            tree=[above, tree.Branch(round_number=2, images=below)],
        ),
        pictured=True,
        unfolded=True,
    )


def a_rounds_panel(locale: str, words: str) -> Page:
    return round_panel.panel_page(locale, shown(locale, words))


def a_rounds_settings(locale: str, words: str) -> Page:
    return round_panel.settings_page(locale, shown(locale, words))


def under_way(locale: str, words: str) -> Page:
    at = progress.Standing(share=0.5)
    return progress.progress_page(locale, job_id=1, prompt=words, owner_id=MEMBER, at=at)


def failed(locale: str, words: str) -> Page:
    job = Job(
        id=1,
        kind=JobKind.PAINT,
        server_id=1,
        channel_id=1,
        member_id=MEMBER,
        message_id=None,
        round_id=1,
        locale=locale,
        state=JobState.FAILED,
        attempts=1,
        reason=Reason.MODEL.value,
        detail=words,
        delivered=False,
        created_at=0.0,
    )
    sentence, _ = ending(job)
    return progress.ended_page(locale, prompt=words, sentence=sentence, retry=1)


def a_queue(locale: str, words: str) -> Page:
    mine = [queue.Mine(job_id=n, prompt=words, position=n or None) for n in range(10)]
    return queue.queue_page(locale, mine, 10)


def an_offer(locale: str, words: str) -> Page:
    refusal = Incomplete(invalid.OTHER_MODEL, model=words, loaded=words).by_button()
    return offers.repaint_page(locale, refusal.said(locale), 1)


def card(words: str) -> ModelCard:
    return ModelCard(
        name=words, licence=words, width=512, height=512, has_safety_checker=False, device="cpu"
    )


def an_about(locale: str, words: str) -> Page:
    return page.note(about.describe(locale, card(words), words))


def an_about_while_loading(locale: str, words: str) -> Page:
    return page.note(about.describe(locale, None, words))


def a_servers_settings(locale: str, words: str) -> Page:
    server = Server(id=1, channels=(MEMBER,))
    rules = Rules(Settings(data_dir=Path()), ())
    return page.note(admin.describe(locale, server, rules, card(words)))


def a_welcome(_: str, words: str) -> Page:
    return welcome_page(card(words))


PAGES: tuple[Build, ...] = (
    a_round,
    one_from_elsewhere,
    one_with_another_model,
    a_sheet,
    single_pictures,
    a_panel,
    a_rounds_panel,
    a_rounds_settings,
    under_way,
    failed,
    a_queue,
    an_offer,
    an_about,
    an_about_while_loading,
    a_servers_settings,
    a_welcome,
)


def texts_of(built: Page) -> Iterator[tuple[str, str]]:
    """Every text on a page, with the name of its field: only a `content` is Markdown."""

    def walk(item: Any) -> Iterator[tuple[str, str]]:
        if isinstance(item, list):
            for each in item:
                yield from walk(each)
        elif isinstance(item, dict):
            for name, value in item.items():
                if name in ("content", "description", "label", "placeholder") and value:
                    yield name, value
                else:
                    yield from walk(value)

    yield from walk(built.to_components())
