"""Cards of trainings: read from the store and the job's folder, drawn with their pictures."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.actions.rules import needs_age_restriction
from bot.actions.training.choice import kept
from bot.jobs.attachments import most_bytes, size_of
from bot.jobs.channel import Channels, Upload
from bot.jobs.training.attempt_files import OUT, curve_in, curve_of
from bot.jobs.training.stored_plan import plan_of
from bot.views.page import Page
from bot.views.training.card import card_page
from bot.views.training.card_data import Card, LossCurve, TrainingStanding
from bot.views.training.curve import draw_curve
from generation.catalog.entries import public_name
from generation.protocol.options import ModelCard
from storage.records import OPEN, Job, JobState
from storage.store import Store
from storage.training_records import Training, TrainingCheckpoint
from storage.trainings import CHECKPOINT_DAYS

CURVE_NAME, SHEET_NAME = "konomi-curve-", "konomi-samples-"
"""Beginnings of the names of a card's attachments."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CurveUpload(Upload):
    """A curve, drawn when it is sent."""

    path: Path = Path()
    curve: LossCurve

    def read(self) -> bytes:
        """Return the picture; blocks."""
        return draw_curve(self.curve)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A card as a message; `uploads` are its attachments."""

    page: Page
    card: Card
    uploads: Sequence[Upload]

    @property
    def attached(self) -> list[str]:
        """The names of the attachments."""
        return [each.name for each in self.uploads]


class TrainingCards:
    """Reads what the card of a training shows, and draws it; the same after any restart."""

    def __init__(
        self,
        store: Store,
        channels: Channels,
        *,
        model_name: str,
        model: Callable[[], ModelCard | None],
    ) -> None:
        """`model_name` is the model as it was asked for; `model` the loaded one's card."""
        self._store = store
        self._channels = channels
        self._model_name = model_name
        self._model = model

    async def read(self, job_id: int, standing: TrainingStanding | None = None) -> Card | None:
        """Read a training's card, without its pictures; None if there is none."""
        job = await self._store.jobs.get(job_id)
        training = await self._store.trainings.of_job(job_id)
        if job is None or training is None:
            return None
        dataset = await self._store.datasets.get(training.dataset_id)
        pictures = await self._store.datasets.pictures(training.dataset_id)
        style = await self._store.styles.of_job(job_id)
        rights = await self._store.training_rights.get(job.server_id)
        if style is not None and style.server_id != job.server_id:
            style = None
        return Card(
            job=job,
            training=training,
            name=plan_of(training, dataset).name,
            trigger=str(training.request.get("trigger", "")),
            checkpoints=await self._store.trainings.checkpoints(job_id),
            standing=standing or TrainingStanding(),
            style=style,
            dataset_message_id=None if dataset is None else dataset.message_id,
            pictures=int(training.result.get("pictures", len(kept(pictures)))),
            checkpoint_days=round(CHECKPOINT_DAYS),
            waits_for=self.waits_for(training) if job.state in OPEN else None,
            loaded=public_name(self._model_name),
            granted=rights.granted,
        )

    def waits_for(self, training: Training) -> str | None:
        """Return the model that a training was begun with, if another one is loaded."""
        wanted, card = str(training.request.get("model", "")), self._model()
        loaded = {"", self._model_name, public_name(self._model_name)}
        if wanted in loaded or (card is not None and wanted == card.name):
            return None
        return wanted

    async def draw(self, job_id: int, standing: TrainingStanding | None = None) -> Drawn | None:
        """Draw a training's card with its pictures; None if there is none."""
        card = await self.read(job_id, standing)
        if card is None:
            return None
        uploads: list[Upload] = []
        if card.job.state in OPEN or card.job.state is JobState.DONE:
            curve = await self._curve(card, card.step)
            card = dataclasses.replace(card, losses=curve)
            if curve:
                name = f"{CURVE_NAME}{job_id}-{card.step}.png"
                uploads.append(CurveUpload(name=name, curve=curve))
                card = dataclasses.replace(card, curve=name)
            if (sheet := self._sheet(card)) is not None and self.may_show_in_channel(card.job):
                upload = await asyncio.to_thread(self.sheet_upload, sheet)
                if upload is not None:
                    uploads.append(upload)
                    card = dataclasses.replace(card, sheet=upload.name, sheet_step=sheet.step)
        return Drawn(page=card_page(card), card=card, uploads=uploads)

    async def redraw(
        self, job_id: int, attached: Sequence[str], standing: TrainingStanding | None = None
    ) -> Page | None:
        """Draw a card with the pictures that are attached to its message already.

        Its losses are those at the end of the curve there, however far the training is by now.
        """
        card = await self.read(job_id, standing)
        if card is None:
            return None
        curve = next((each for each in attached if each.startswith(CURVE_NAME)), None)
        sheet = next((each for each in attached if each.startswith(SHEET_NAME)), None)
        losses = await self._curve(card, card.step if curve is None else _step_in(curve))
        card = dataclasses.replace(
            card,
            curve=curve,
            losses=losses,
            sheet=sheet,
            sheet_step=None if sheet is None else _step_in(sheet),
        )
        return card_page(card)

    def sheet_upload(self, checkpoint: TrainingCheckpoint) -> Upload | None:
        """Return a checkpoint's samples, to attach; None if there are none any more.  Blocks."""
        if checkpoint.sheet_digest is None:
            return None
        path, most = self._store.files.path(checkpoint.sheet_digest), most_bytes(1)
        if not (size := size_of(path)):
            return None
        copied = size > most
        ending = "jpg" if copied else "png"
        name = f"{SHEET_NAME}{checkpoint.job_id}-{checkpoint.step}.{ending}"
        return Upload(name=name, path=path, most=most if copied else None)

    def may_show_in_channel(self, job: Job) -> bool:
        """Return True if samples may be shown where a training's card stands.

        A model that may paint adult content with no checker is for age-restricted channels.
        """
        channel = self._channels.known(job.channel_id)
        asks = getattr(channel, "is_nsfw", None)
        return self.may_show(age_restricted=bool(asks()) if callable(asks) else False)

    def may_show(self, *, age_restricted: bool) -> bool:
        """Return True if samples may be shown in such a channel."""
        card = self._model()
        if age_restricted:
            return True
        return card is not None and not needs_age_restriction(self._model_name, card)

    async def _curve(self, card: Card, until: int) -> LossCurve:
        if (stored := card.result.get("curve")) is not None:
            return curve_of(stored)
        if card.job.state not in OPEN:
            return LossCurve()
        # Only looked into: it may be discarded just now, and is not to come again.
        out = self._store.files.work / str(card.job.id) / OUT
        return await asyncio.to_thread(curve_in, out, until)

    def _sheet(self, card: Card) -> TrainingCheckpoint | None:
        """Return the checkpoint whose samples the card shows: the style's, or the newest."""
        shown = [each for each in card.checkpoints if each.sheet_digest is not None]
        if card.job.state is JobState.DONE:
            style = card.style
            if style is None:
                return shown[-1] if shown and card.result.get("model") else None
            if style.preview_digest is not None:
                return TrainingCheckpoint(
                    job_id=card.job.id,
                    step=int(style.evaluation.get("step", 0)),
                    adapter_digest=style.digest,
                    sheet_digest=style.preview_digest,
                    scores={},
                )
            return None
        return shown[-1] if shown else None


def _step_in(attached: str) -> int:
    """Return the step in the name of an attachment; 0 for a name that is not ours."""
    step = attached.rpartition("-")[2].partition(".")[0]
    return int(step) if step.isdecimal() else 0
