"""Keeps what a training makes: checkpoints while it runs, the style or the model at its end."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.actions.styles.naming import numbered
from bot.actions.training.choice import kept
from bot.jobs.training.attempt_files import (
    OUT,
    UNTOUCHED,
    WrittenCheckpoint,
    checkpoints_in,
    curve_as_json,
    curve_in,
    keep_model,
    scores_in,
)
from bot.jobs.training.stored_plan import plan_of
from generation.catalog.headers import read_header
from generation.protocol.events import Trained
from generation.protocol.problems import Problem
from storage.errors import NameTaken, StaleAttempt
from storage.records import Job
from storage.store import Store
from storage.style_records import NewStyle, StyleKind, StyleOrigin, StyleScope
from storage.training_records import Training, TrainingCheckpoint

log = logging.getLogger(__name__)

MOST_SAME_NAMES = 100
SETTINGS = {"edit": "KONOMI_EDITOR"}
"""The setting for each kind of whole model; `KONOMI_MODEL` for the others."""


class TrainingOutcome:
    """What one attempt at a training leaves, stored for as long as it is the latest attempt."""

    def __init__(self, store: Store, models: Path, job: Job, training: Training) -> None:
        """`models` is the folder that whole models are kept in."""
        self._store = store
        self._models = models
        self._job = job
        self._training = training
        self._out = store.files.workspace(job.id) / OUT
        self._name = str(training.request["name"])
        self._adopted: dict[int, TrainingCheckpoint] = {}
        self._remarks: list[str] = [str(each) for each in training.result.get("remarks", ())]

    @property
    def method(self) -> str:
        """The method by the name that requests have it under."""
        return str(self._training.request["method"]["kind"])

    async def adopt(self, attempt: int) -> None:
        """Take the checkpoints into the store that are not there yet.

        Also those that were written while nobody listened.
        """
        stored = {each.step for each in await self._store.trainings.checkpoints(self._job.id)}
        for each in await asyncio.to_thread(checkpoints_in, self._out, self._name):
            if each.step not in self._adopted and each.step not in stored:
                self._adopted[each.step] = await self._adopt(attempt, each)

    async def _adopt(self, attempt: int, found: WrittenCheckpoint) -> TrainingCheckpoint:
        return await self._store.trainings.checkpoint(
            self._job.id,
            attempt,
            step=found.step,
            adapter=found.adapter,
            sheet=found.sheet,
            scores=found.scores,
        )

    async def remark(self, attempt: int, remark: Problem) -> None:
        """Note a remark on the pictures; each attempt makes the same ones again."""
        text = remark.dump()
        if text not in self._remarks:
            remarks = [*self._remarks, text]
            await self._store.trainings.note(self._job.id, attempt, {"remarks": remarks})
            self._remarks = remarks  # Only now: of an attempt that is over it is not taken.

    async def complete(self, attempt: int, trained: Trained) -> None:
        """End the training with its style, or with its model in the folder of models."""
        try:
            await self.adopt(attempt)
            result = await self._result(trained)
            if trained.result.is_dir():
                name = f"{self._name}-{self._job.id}"
                await asyncio.to_thread(keep_model, trained.result, self._models, name)
                setting = SETTINGS.get(self.method, "KONOMI_MODEL")
                result["model"] = {"setting": setting, "folder": name}
                await self._store.jobs.complete(self._job.id, attempt, result=result)
            else:
                await self._complete(attempt, await self._style(trained.step), result)
        except StaleAttempt as stale:
            # Cancelled at the last moment, or taken over by a later attempt.
            log.info("the result of a training was refused: %s", stale)

    async def _complete(self, attempt: int, style: NewStyle, result: Mapping[str, Any]) -> None:
        """Store the style, under another name if it has to be."""
        name = style.name
        for number in range(1, MOST_SAME_NAMES):
            try:
                await self._store.jobs.complete(self._job.id, attempt, style, result=result)
                return
            except NameTaken:
                style = dataclasses.replace(style, name=numbered(name, number + 1))
        raise NameTaken(f"there are {MOST_SAME_NAMES} styles called {name}")

    async def _result(self, trained: Trained) -> dict[str, Any]:
        curve = await asyncio.to_thread(curve_in, self._out)
        untouched = await asyncio.to_thread(scores_in, self._out / UNTOUCHED)
        pictures = await self._store.datasets.pictures(self._training.dataset_id)
        return {
            "steps": trained.steps,
            "seconds": round(trained.seconds, 1),
            "best": trained.step,
            "curve": curve_as_json(curve),
            "untouched": untouched,
            "pictures": len(kept(pictures)),
        }

    async def _style(self, step: int) -> NewStyle:
        """Return the style that the checkpoint of a step makes."""
        checkpoints = await self._store.trainings.checkpoints(self._job.id)
        checkpoint = next(each for each in checkpoints if each.step == step)
        if checkpoint.adapter_digest is None:
            raise FileNotFoundError(f"training {self._job.id} left no adapter of step {step}")
        dataset = await self._store.datasets.get(self._training.dataset_id)
        plan = plan_of(self._training, dataset)
        path = self._store.files.path(checkpoint.adapter_digest)
        about = await asyncio.to_thread(metadata_in, path)
        pictures = kept(await self._store.datasets.pictures(self._training.dataset_id))
        embedding = self.method == "textual-inversion"
        return NewStyle(
            server_id=self._job.server_id,
            owner_id=self._job.member_id,
            name=plan.name,
            kind=StyleKind.EMBEDDING if embedding else StyleKind.LORA,
            digest=checkpoint.adapter_digest,
            base_model=about.get("ss_sd_model_name", ""),
            base_hash=about.get("ss_new_sd_model_hash", ""),
            architecture=about.get("modelspec.architecture", "").partition("/")[0],
            trigger=plan.words or str(self._training.request.get("trigger", "")),
            scope=_scope(plan.scope),
            origin=StyleOrigin.TRAINED,
            licence=about.get("modelspec.license", ""),
            evaluation={**checkpoint.scores, "step": step},
            preview_digest=checkpoint.sheet_digest,
            job_id=self._job.id,
            contributors=tuple(sorted({each.member_id for each in pictures})),
        )


def metadata_in(adapter: Path) -> Mapping[str, str]:
    """Return what the header of an adapter's file says of it; blocks."""
    header = read_header(adapter)
    return {} if header is None else header.metadata


def _scope(named: str) -> StyleScope:
    try:
        return StyleScope(named)
    except ValueError:
        return StyleScope.MINE
