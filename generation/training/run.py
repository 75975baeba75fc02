"""One training from its request to its result, as a generator of small steps.

Every `next()` is one quantum: a picture encoded, an optimizer step, a call of the denoiser for a
sample.  Whoever drives it does other work in between, outside inference mode.
"""

from __future__ import annotations

import dataclasses
import shutil
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from generation.images.sheets import as_bytes
from generation.models.model import Model
from generation.protocol.events import (
    CheckpointSaved,
    Event,
    Stage,
    Trained,
    TrainProgress,
    TrainRemark,
)
from generation.protocol.problems import Code
from generation.protocol.training import Action, Train
from generation.requests.recipes import completed, name_of
from generation.requests.refused import Refused
from generation.training.checkpoints import load_json, put_folder, save_json
from generation.training.controls import Controls
from generation.training.curve import Curve
from generation.training.data.folders import Example
from generation.training.evaluation.judges import judge_of
from generation.training.evaluation.probe import Evaluated, PaintAll, Probe, evaluate, probe_of
from generation.training.evaluation.record import (
    MOST_REFERENCES,
    best_of,
    load_row,
    load_rows,
    report,
    save_evaluated,
)
from generation.training.evaluation.scores import Judge
from generation.training.loop import TrainingTask, TrainState, fit
from generation.training.methods.beginning import begin, read
from generation.training.results import digest, named_settings, settings_of, weights_hash
from generation.training.samples import grid, paint, presentable, sampling_of, shown

RESUME, CHECKPOINTS, CURVE, RESULT = "resume.pt", "checkpoints", "curve.jsonl", "result.json"
"""Names in the folder that a request names."""
UNTOUCHED = "untouched"
"""Folder of what the untouched model paints, in the request's."""


def run(model: Model, request: Train, controls: Controls) -> Iterator[Event]:
    """Train, and yield what happens; the last event is `Trained`.

    Goes on from the last checkpoint in the request's folder.  Raises `Refused` for a request or
    data that cannot be trained on, and if the training fails for good.
    """
    began = time.monotonic()
    request = completed(request)
    if (ended := load_json(request.out / RESULT)) is not None:
        if ended.pop("request", None) != settings_of(request):
            raise Refused(Code.TRAIN_OTHER_RUN, folder=request.out.name)
        yield _ended(request, ended)
        return
    examples, remarks = read(request)
    for remark in remarks:
        yield TrainRemark(job=request.job, remark=remark)
    about = settings_of(request) | {
        "base": weights_hash(model.unet),
        "pictures": [[each.name, each.digest, each.caption] for each in examples],
    }
    task = yield from begin(model, request, examples)
    state, curve = TrainState(task, request.recipe), Curve(request.out / CURVE)
    state.load(request.out / RESUME, about)
    curve.forget_after(state.step)
    if state.first_validation is None:
        state.first_validation = yield from _validated(request, state)
        curve.write(step=0, validation=state.first_validation)
        yield _progress(request, state)
    evaluation = Evaluation.of(request, task, examples)
    yield from untouched(model, request, evaluation)
    steps, every = request.recipe.steps or 0, request.checkpoints.every
    for loss in fit(state, request.recipe, steps):
        curve.write(step=state.step, loss=loss)
        yield _progress(request, state)
        if controls.take(Action.SAMPLE):
            yield from sampled(request, state, evaluation)
        last = state.step == steps or controls.stop
        if last or state.step % every == 0 or controls.take(Action.SAVE):
            yield from checkpoint(request, state, curve, about, evaluation)
        if last:
            break
    yield _ended(request, _result(request, state, curve, evaluation, time.monotonic() - began))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What the checkpoints of a training are judged by."""

    probe: Probe
    judge: Judge = dataclasses.field(default_factory=Judge)
    references: Sequence[Image.Image] = ()
    sources: Sequence[Tensor] = ()
    """What each picture edits; edits are not judged, as they have no subject to be like."""

    @classmethod
    def of(cls, request: Train, task: TrainingTask, examples: Sequence[Example]) -> Evaluation:
        """Return the evaluation of a request on these examples."""
        probe = probe_of(request, task.prompts, in_order=bool(task.sources))
        if task.sources:
            return cls(probe=probe, sources=task.sources)
        return cls(
            probe=probe,
            judge=judge_of(request.model),
            references=[each.open() for each in examples[:MOST_REFERENCES]],
        )


def untouched(
    model: Model, request: Train, evaluation: Evaluation
) -> Generator[TrainProgress, None, None]:
    """Paint and score what the untouched model paints, once."""
    folder = request.out / UNTOUCHED
    if load_row(folder) is None and not evaluation.sources:
        folder.mkdir(exist_ok=True)
        save_evaluated(folder, (yield from _evaluated(model, request, evaluation)))


def checkpoint(
    request: Train,
    state: TrainState,
    curve: Curve,
    about: dict[str, Any],
    evaluation: Evaluation,
) -> Generator[Event, None, None]:
    """Write the result as it is now with samples of it, and what is needed to go on from here."""
    folder = request.out / CHECKPOINTS
    partial, place = folder / "partial", folder / f"step-{state.step:06}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with state.averaged():
        state.task.save(partial)
    validation = yield from _validated(request, state)
    curve.write(step=state.step, validation=validation)
    found = yield from _evaluated(state.task.model, request, evaluation, state.averaged)
    sheet = grid(presentable(state.task.model, found.pictures))
    (partial / "samples.png").write_bytes(as_bytes(sheet, "PNG"))
    save_evaluated(partial, found, step=state.step, validation=validation)
    put_folder(partial, place)
    state.save(request.out / RESUME, about)
    _prune(request, state.step)
    yield CheckpointSaved(
        job=request.job,
        step=state.step,
        folder=place,
        validation=validation,
        sheet=place / "samples.png",
        fidelity=found.scores.fidelity,
        following=found.scores.following,
    )


def sampled(
    request: Train, state: TrainState, evaluation: Evaluation
) -> Generator[Event, None, None]:
    """Paint the sample grid of the weights as they are."""
    prompts, seeds = zip(*evaluation.probe.wishes, strict=True)
    paint_all = _painter(state.task.model, request, evaluation, state.averaged)
    pictures = yield from paint_all(prompts, seeds)
    sheet = request.out / f"samples-{state.step:06}.png"
    sheet.write_bytes(as_bytes(grid(presentable(state.task.model, pictures)), "PNG"))
    yield TrainProgress(
        job=request.job,
        stage=Stage.SAMPLING,
        step=len(pictures),
        steps=len(pictures),
        loss=state.loss,
        sheet=sheet,
    )


def _evaluated(
    model: Model,
    request: Train,
    evaluation: Evaluation,
    weights: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Generator[TrainProgress, None, Evaluated]:
    """Paint the probe, from seeds that are always the same, and score the pictures."""
    paint_all = _painter(model, request, evaluation, weights)
    probe, references, judge = evaluation.probe, evaluation.references, evaluation.judge
    return (yield from evaluate(paint_all, probe, references, judge))


def _painter(
    model: Model,
    request: Train,
    evaluation: Evaluation,
    weights: Callable[[], AbstractContextManager[None]],
) -> PaintAll[TrainProgress]:
    given, sampling = evaluation.sources, sampling_of(request)

    def paint_all(
        prompts: Sequence[str], seeds: Sequence[int]
    ) -> Generator[TrainProgress, None, list[Image.Image]]:
        sources = [given[place % len(given)] for place in range(len(prompts)) if given]
        # The average is put in place for each call alone: a step must not be taken from it.
        painting = paint(model, prompts, seeds, sampling, weights, sources)
        return (yield from shown(painting, request, Stage.SAMPLING, 0, len(prompts)))

    return paint_all


def _validated(request: Train, state: TrainState) -> Generator[TrainProgress, None, float]:
    """Return the mean of the fixed losses; other work goes on between them."""
    losses: list[float] = []
    # As for the samples: the average is never in place where this yields.
    with state.averaged(), torch.no_grad():
        validation = state.task.validation()
    while True:
        with state.averaged():
            loss = next(validation, None)
        if loss is None:
            return statistics.fmean(losses)
        losses.append(loss)
        progress = _progress(request, state)
        yield dataclasses.replace(progress, stage=Stage.EVALUATING)


def _progress(request: Train, state: TrainState) -> TrainProgress:
    return TrainProgress(
        job=request.job,
        stage=Stage.TRAINING,
        step=state.step,
        steps=request.recipe.steps or 0,
        loss=state.loss,
    )


def _result(
    request: Train, state: TrainState, curve: Curve, evaluation: Evaluation, seconds: float
) -> dict[str, Any]:
    """Choose the best checkpoint, write down how the training ended, and return it."""
    folders = (request.out / CHECKPOINTS).glob("step-*")
    rows = load_rows([request.out / UNTOUCHED, *folders])
    best = best_of(load_rows([request.out / UNTOUCHED, *_checkpoints(request)]))
    step = state.step if best is None else best
    result, last = _written(request, step), _written(request, state.step)
    page = report(
        request.out,
        rows,
        title=f"{request.name}: {name_of(request.method)} on {request.model}",
        references=evaluation.references,
        probe=evaluation.probe,
        curve=curve.read(),
        settings=dict(named_settings(settings_of(request))),
    )
    values = {
        "result": str(result),
        "digest": digest(result),
        "step": step,
        "last": str(last),
        "steps": state.step,
        "seconds": seconds,
        "report": str(page),
    }
    save_json(request.out / RESULT, values | {"request": settings_of(request)})
    return values


def _prune(request: Train, last: int) -> None:
    """Delete whole models of checkpoints that are neither the best nor the last.

    Each is as large as the base; adapters stay, which are small.
    """
    folders = _checkpoints(request)
    best = best_of(load_rows([request.out / UNTOUCHED, *folders]))
    kept = {_written(request, step) for step in (best, last) if step is not None}
    for model in (folder / request.name for folder in folders):
        if model.is_dir() and model not in kept:
            shutil.rmtree(model)


def _checkpoints(request: Train) -> list[Path]:
    """Return the folders of the checkpoints whose results are there."""
    folders = (request.out / CHECKPOINTS).glob("step-*")
    return [each for each in folders if _result_in(each, request.name).exists()]


def _written(request: Train, step: int) -> Path:
    """Return the result in a checkpoint's folder."""
    return _result_in(request.out / CHECKPOINTS / f"step-{step:06}", request.name)


def _result_in(folder: Path, name: str) -> Path:
    file = folder / f"{name}.safetensors"
    return file if file.is_file() else folder / name


def _ended(request: Train, values: dict[str, Any]) -> Trained:
    paths = {name: Path(values[name]) for name in ("result", "last", "report")}
    if not paths["result"].exists():
        raise Refused(Code.TRAIN_OTHER_RUN, folder=request.out.name)
    return Trained(job=request.job, **{**values, **paths})
