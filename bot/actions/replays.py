"""Replays: turn the generation data in a picture's file into an order, within members' rights."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.actions.asker import Asker
from bot.actions.parameters import MAX_SEED, Parameters, check
from bot.actions.sight import Sight, sees
from bot.actions.source_options import SourceOptions
from bot.actions.styles.chosen import ChosenStyle
from bot.actions.styles.library import StyleLibrary
from bot.errors import Refusal, problems_told
from bot.settings import Settings
from bot.text import invalid, refusals
from bot.text.phrases import Phrase
from generation.catalog.entries import public_name
from generation.metadata.a1111 import ForeignRecord
from generation.metadata.record import Record, read_file
from generation.metadata.replay import (
    MissingFiles,
    digests_of,
    request_like,
    request_of,
    steering_digests,
    without,
)
from generation.protocol.options import ModelCard
from generation.protocol.requests import Paint
from storage.records import Holding, NewSource, Round, Steer
from storage.store import Store

Told = Record | ForeignRecord
"""What a file says of how its picture was made."""


class Incomplete(Refusal):
    """A picture cannot be repeated exactly, but something close to it can, if wanted."""

    def __init__(self, phrase: Phrase, **values: object) -> None:
        super().__init__(phrase, **{"anyway": invalid.CHOOSE_ANYWAY, **values})
        self._incomplete = phrase, values

    def by_button(self) -> Refusal:
        """Return the same refusal, worded for a button instead of the command's option."""
        phrase, values = self._incomplete
        return Refusal(phrase, anyway=invalid.PRESS_ANYWAY, **values)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """Everything needed to replay a picture; `told` is the note about it on the message."""

    parameters: Parameters
    told: Mapping[str, Any]
    steers: tuple[Steer, ...] = ()
    source_options: SourceOptions | None = None
    source: NewSource | None = None


class Replays:
    """Reads the records in pictures, and finds the files that they name among the member's."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        sight: Sight,
        styles: StyleLibrary,
        model: Callable[[], ModelCard | None],
    ) -> None:
        """`model` is the loaded model's card."""
        self._settings = settings
        self._store = store
        self._sight = sight
        self._styles = styles
        self._model = model

    async def of_file(self, asker: Asker, path: Path, *, anyway: bool) -> Replay:
        """Return how to replay the picture in a file of ours, as `of_record` does."""
        try:
            with problems_told():
                told = await asyncio.to_thread(read_file, path)
        except OSError as error:
            raise Refusal(refusals.PICTURE_GONE) from error
        return await self.of_record(asker, told, anyway=anyway)

    async def of_record(self, asker: Asker, told: Told, *, anyway: bool) -> Replay:
        """Return how to replay a picture with this record; `Refusal` says what is missing.

        anyway: continue without missing references, and with another model if necessary.
        """
        if isinstance(told, ForeignRecord):
            return await self._like(told)
        return await self._again(asker, told, anyway=anyway)

    async def _like(self, foreign: ForeignRecord) -> Replay:
        """Return how to paint another program's picture, as closely as this model can."""
        model, card = self._settings.model, self._model()
        if foreign.seed is not None and foreign.seed > MAX_SEED:
            foreign = dataclasses.replace(foreign, seed=None)
        like = request_like(foreign, model=model, card=card, seed=0, out=Path())
        parameters = dataclasses.replace(Parameters.again(like), seed=foreign.seed)
        await asyncio.to_thread(check, parameters, model, card, again=True)
        return Replay(parameters=parameters, told={"elsewhere": foreign.model or ""})

    async def _again(self, asker: Asker, record: Record, *, anyway: bool) -> Replay:
        model, card = self._settings.model, self._model()
        loaded = public_name(model)
        if record.model != loaded and not anyway:
            raise Incomplete(invalid.OTHER_MODEL, model=record.model, loaded=loaded)
        held = await self._held(asker, digests_of(record))
        steering = set(steering_digests(record))
        # Only pictures of ours steer; the init image of another round is not one.
        lost = {each for each in steering if each not in held or held[each].image_id is None}
        files = {each: self._store.files.path(each) for each in held.keys() - lost}
        styles = await self._styles_of(asker, record)
        # An adapter is a style or nothing, whatever else has the digest that a record says.
        for digest in {adapter.digest for adapter in record.adapters}:
            files.pop(digest, None)
        files |= {style.digest: self._store.files.path(style.digest) for style in styles}
        if anyway:
            record = without(record, lost)
        if lost and anyway and not (record.prompt or record.liked or record.source):
            raise Refusal(invalid.NOTHING_LEFT)
        try:
            request = request_of(record, model=model, files=files, out=Path())
        except MissingFiles as error:
            if error.source:
                raise Refusal(invalid.SOURCE_LOST) from error
            if error.adapters:
                raise Refusal(invalid.ADAPTERS_LOST) from error
            raise Incomplete(invalid.STEERING_LOST, count=error.steering) from error
        if request.source is not None:
            await self._sight.allow_source(asker, request.source.digest)
        replay = self._replay(request, held, styles)
        await asyncio.to_thread(
            check,
            replay.parameters,
            model,
            card,
            source_options=replay.source_options,
            again=True,
        )
        other = {} if record.model == loaded else {"model": record.model}
        return dataclasses.replace(replay, told={**other, "lost": len(lost) if anyway else 0})

    async def _styles_of(self, asker: Asker, record: Record) -> tuple[ChosenStyle, ...]:
        """Return the styles of a record that the member may use, as strong as it says.

        The words that call them are in its prompt, under the names that they had then.
        """
        styles = []
        for adapter in record.adapters:
            style = await self._styles.of_digest(asker, adapter.digest)
            if style is not None:
                chosen = ChosenStyle.of(style, adapter.strength)
                styles.append(
                    dataclasses.replace(
                        chosen,
                        word=adapter.name,
                        text_strength=adapter.text_strength,
                        trigger="",
                    )
                )
        return tuple(styles)

    def _replay(
        self,
        request: Paint,
        held: Mapping[str, Holding],
        styles: tuple[ChosenStyle, ...],
    ) -> Replay:
        halves = ((1, request.liked), (-1, request.disliked))
        steers = tuple(
            Steer(image_id=image_id, value=value, weight=reference.weight)
            for value, half in halves
            for reference in half
            if (image_id := held[reference.digest].image_id) is not None
        )
        origin = request.source
        tiled = origin is not None and origin.in_tiles
        if request.tiled is not tiled:
            # Only the command line can ask for that.
            raise Refusal(invalid.RECORD_UNREADABLE, field="tiled")
        parameters = dataclasses.replace(Parameters.again(request), styles=styles)
        if origin is None:
            return Replay(parameters=parameters, told={}, steers=steers)
        image_id = held[origin.digest].image_id
        source_options = SourceOptions(
            strength=origin.strength,
            anew=origin.anew,
            within=origin.within,
            times=origin.times,
            mend=origin.mend,
            upload=image_id is None,
        )
        path = origin.path if image_id is None else None
        source = NewSource(path=path, mask=origin.mask, image_id=image_id)
        return Replay(
            parameters=parameters,
            told={},
            steers=steers,
            source_options=source_options,
            source=source,
        )

    async def _held(self, asker: Asker, digests: set[str]) -> dict[str, Holding]:
        """Return which of these files the member may use: those of rounds that they see.

        Files that they may not use look the same from outside as files that do not exist.
        """
        held: dict[str, Holding] = {}
        for holding in await self._store.boards.holding(asker.server_id, digests):
            if sees(asker, holding.place):
                held.setdefault(holding.digest, holding)
        return held


def repeats_record(round_: Round) -> bool:
    """Return True for a picture that was recreated from a record, and for Rerolls of it."""
    return bool({"replayed", "repeats_record"} & round_.parameters.keys())


def is_steered_by_record(round_: Round) -> bool:
    """Return True if what steered a round is said by a record rather than by ratings."""
    return bool({"replayed", "steered_by_record"} & round_.parameters.keys())
