"""Paint a few pictures while a model is trained: sample grids and pictures of a class."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from PIL import Image
from torch import Tensor

from generation.catalog.entries import usual, usual_editing
from generation.fabric.steering import Steering
from generation.images.sheets import contact_sheet
from generation.images.tensors import to_pixels
from generation.models.model import Model
from generation.protocol.events import Stage, TrainProgress
from generation.protocol.requests import Feedback
from generation.protocol.training import EditTraining, Train
from generation.sampling.guidance import Guidance
from generation.sampling.trajectory import Trajectory

TOGETHER = 4
"""Pictures that share a call of the denoiser."""
WITHHELD = "#4e5058"
"""Colour that stands for a picture which the safety checker withholds."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sampling:
    """Settings of the pictures that are painted while a model is trained."""

    steps: int
    guidance: float
    scheduler: str
    image_guidance: float | None = None
    """Of an edit; None to paint."""


UNSTEERED = Steering(liked=(), disliked=(), feedback=Feedback())


def paint(
    model: Model,
    prompts: Sequence[str],
    seeds: Sequence[int],
    sampling: Sampling,
    weights: Callable[[], AbstractContextManager[None]] = nullcontext,
    sources: Sequence[Tensor] = (),
) -> Generator[int, None, list[Image.Image]]:
    """Paint one picture of each prompt from its seed; yield how many calls were made, after each.

    As a request with these settings paints them, without references and without the filter.  The
    context of `weights` is entered for each call alone, and never held where this yields.

    sources: the picture that each edits, as `Model.image_latents`; none to paint.
    """
    # Text encoders that are trained must not recall what they read some steps ago.
    texts = model.text_encoders.with_encoders(list(model.text_encoders.encoders))
    model = dataclasses.replace(model, text_encoders=texts)
    edited: Sequence[Tensor | None] = sources or [None] * len(prompts)
    wanted = list(zip(prompts, seeds, edited, strict=True))
    pictures: list[Image.Image] = []
    calls = 0
    for first in range(0, len(prompts), TOGETHER):
        with weights(), torch.inference_mode():
            group = [
                _trajectory(model, *each, sampling) for each in wanted[first : first + TOGETHER]
            ]
        while not all(each.done for each in group):
            with weights(), torch.inference_mode():
                _advance(model, [each for each in group if not each.done])
            calls += 1
            yield calls
        for each in group:
            with torch.inference_mode():
                pixels = to_pixels(model.decode(each.latents))[0].cpu().numpy()
            pictures.append(Image.fromarray(pixels))
            yield calls
    return pictures


def sampling_of(request: Train) -> Sampling:
    """Return the request's settings, or those that suit the model."""
    editing = usual_editing(request.model) if isinstance(request.method, EditTraining) else None
    defaults, asked = editing or usual(request.model), request.checkpoints
    return Sampling(
        steps=asked.sample_steps or defaults.steps,
        guidance=defaults.guidance if asked.guidance is None else asked.guidance,
        scheduler=defaults.scheduler,
        image_guidance=None if editing is None else editing.image_guidance,
    )


def shown(
    painting: Generator[int, None, list[Image.Image]],
    request: Train,
    stage: Stage,
    done: int,
    total: int,
) -> Generator[TrainProgress, None, list[Image.Image]]:
    """Turn the calls of a painting into progress: `done` pictures of `total` were there before."""
    while True:
        try:
            next(painting)
        except StopIteration as end:
            pictures: list[Image.Image] = end.value
            return pictures
        yield TrainProgress(job=request.job, stage=stage, step=done, steps=total)


def _trajectory(
    model: Model, prompt: str, seed: int, source: Tensor | None, sampling: Sampling
) -> Trajectory:
    width, height = model.card.width, model.card.height
    scale = sampling.guidance
    positive, negative = model.encode_prompt(prompt, "", scale, width, height)
    rows = Guidance(
        positive=positive,
        negative=negative,
        scale=scale,
        steering=UNSTEERED,
        image_scale=sampling.image_guidance,
    )
    return Trajectory(
        model,
        rows,
        model.scheduler(sampling.scheduler, sampling.steps, seed),
        seed=seed,
        like=model.empty_latents(width, height),
        image_latents=source,
    )


def _advance(model: Model, group: Sequence[Trajectory]) -> None:
    """One denoising step of each trajectory, in one call; prompts of one length share it."""
    alike = [each for each in group if each.batch_key == group[0].batch_key]
    counts = [len(each.guidance.rows) for each in alike]
    rows = [(each.input(), row) for each in alike for row in each.guidance.rows]
    output = model.predict(
        torch.cat([seen if row.sees_source else blind for (seen, blind, _), row in rows]),
        torch.cat([times for (_, _, times), _ in rows]),
        [row.condition for _, row in rows],
        compiled=False,
    )
    for each, predictions in zip(alike, output.split(counts), strict=True):
        each.step(each.guidance.combined(predictions.split(1)))


def presentable(model: Model, pictures: Sequence[Image.Image]) -> list[Image.Image]:
    """Return the pictures, with a grey one for each that the model's safety checker flags.

    Sample grids are shown where the training was started, whatever the filter of that place.
    """
    if model.safety is None:
        return list(pictures)
    with torch.inference_mode():
        return [
            Image.new("RGB", picture.size, WITHHELD) if model.safety.flags(picture) else picture
            for picture in pictures
        ]


def grid(pictures: Sequence[Image.Image]) -> Image.Image:
    """Return the sample grid: two in a row, as large as Discord shows them whole."""
    side = max(max(picture.size) for picture in pictures) * 2
    return contact_sheet(pictures, min(side, 2048), columns=2)
