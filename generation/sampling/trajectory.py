"""Denoising trajectories of images, and one step for many of them in a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from diffusers import SchedulerMixin
from torch import Tensor

from generation.fabric.blending import Group
from generation.fabric.reference_cache import NoiseLevel, ReferenceCache
from generation.fabric.steering import Half, WeightedReference
from generation.fabric.unet import ReferenceAttention
from generation.models.adapters.acting import Strengths
from generation.models.model import Model
from generation.models.noise import draw, moved
from generation.models.schedulers import draws_noise
from generation.sampling.guidance import Guidance, GuidanceRow
from generation.sampling.init_image import EncodedSource, InitLatents
from generation.sampling.tiling import TiledPrediction


class Trajectory:
    """The denoising of one image, indexed by UNet call.

    All its noise comes from its own CPU generator, so other images in the batch change nothing.
    """

    def __init__(
        self,
        model: Model,
        guidance: Guidance,
        scheduler: SchedulerMixin,
        *,
        seed: int,
        like: Tensor,
        source: EncodedSource | None = None,
        image_latents: Tensor | None = None,
        tile: tuple[int, int] | None = None,
    ) -> None:
        """`like` has the shape (1, c, h, w), device and dtype of the latents.

        source: an init image, of which only its share of the schedule is run.
        image_latents: an image to edit, as encoded by `Model.image_latents`.
        tile: height and width in latents of the UNet's tiles; None to process the whole image.
        """
        self.guidance = guidance
        self.seed = seed
        self.call = 0
        self.turn = 0
        """The turn in which it was last advanced, as counted by the caller."""
        self.tiles = 1
        """Number of its tiles in the next call; a whole image counts as one."""
        self._scheduler = scheduler
        self._generator = torch.Generator().manual_seed(seed)
        self._init = source and InitLatents(source, scheduler, self._generator, like)
        first = self._init.first if self._init else 0
        self._timesteps = scheduler.timesteps[first:]
        self.calls = len(self._timesteps)
        self.timesteps: list[float] = self._timesteps.float().tolist()
        # A compiled UNet would be compiled anew for every other set of adapters.
        self._adapted = model.compiled is not None and bool(guidance.adapters.unet)
        self._parameterization = model.parameterization
        self.levels = self._parameterization.sampling_levels(scheduler)[first:]
        # Rounded, so that schedulers that compute levels in different ways share states.
        rounded = (round(level, 5) for level in self.levels.tolist())
        edits = image_latents is not None
        self.noise_levels = [
            NoiseLevel(*pair, edits, guidance.adapters.wordless)
            for pair in zip(self.timesteps, rounded, strict=True)
        ]
        self._randomness = {"generator": self._generator} if draws_noise(scheduler) else {}
        self._device_timesteps = moved(self._timesteps.float(), like.device)
        if self._init:
            self.latents = self._init.latents
        else:
            self.latents = draw(like.shape, self._generator, like=like) * scheduler.init_noise_sigma
        self._image_latents = image_latents
        self._tiled = TiledPrediction(like, tile) if tile else None
        self.sample_size = tile or (like.shape[-2], like.shape[-1])
        """Height and width in latents that the UNet processes at once."""
        self._last: tuple[Tensor, Tensor, int] | None = None

    @property
    def tiles_left(self) -> int:
        """Number of tiles that the UNet has not processed yet in this step."""
        return self._tiled.left if self._tiled else 1

    @property
    def done(self) -> bool:
        """True if every UNet call has been made."""
        return self.call == self.calls

    @property
    def rows(self) -> int:
        """Number of UNet rows per tile."""
        return len(self.guidance.rows)

    @property
    def batch_key(self) -> tuple[object, ...]:
        """Trajectories with an equal value can share a call."""
        return self.kind, self.guidance.trained, self._adapted

    @property
    def kind(self) -> tuple[object, ...]:
        """Rows of an equal value take about as long."""
        edits = self._image_latents is not None
        return (edits, self.sample_size, self.guidance.positive.states.shape)

    def input(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the inputs of the UNet's next call.

        Its sample (tiles, c, h, w), the same for a row that is not to see the picture that is
        edited, and their timesteps (tiles,), float32.
        """
        sample, source = self._scaled(), self._image_latents
        if self._tiled:
            sample = self._tiled.next(sample, self.tiles)
            source = source if source is None else self._tiled.next(source, self.tiles)
        timesteps = self._device_timesteps[self.call : self.call + 1].expand(len(sample))
        if source is None:
            return sample, sample, timesteps
        blind = torch.cat([sample, torch.zeros_like(source)], dim=1)
        return torch.cat([sample, source], dim=1), blind, timesteps

    def step(self, output: Tensor) -> None:
        """Apply the guided `output` for `input`; the step is made once every tile has one."""
        if self._tiled:
            self._tiled.take(output)
            if self._tiled.left:
                return
            output = self._tiled.blended()
        timestep = self._timesteps[self.call]
        self._last = self._scaled(), output, self.call
        self.latents = self._scheduler.step(
            output, timestep, self.latents, return_dict=False, **self._randomness
        )[0]
        self.call += 1
        if self._init:
            self.latents = self._init.hold_to_source(self.latents, self._scheduler, self.call)

    def _scaled(self) -> Tensor:
        return self._scheduler.scale_model_input(self.latents, self._timesteps[self.call])

    def estimate(self) -> Tensor:
        """Return the clean latents (1, c, h, w) implied by the last prediction."""
        if self._last is None:
            return self.latents
        sample, output, call = self._last
        return self._parameterization.clean_estimate(sample, output, self.levels[call])


def _none_act(rows: Sequence[Strengths]) -> AbstractContextManager[None]:
    """Let no adapters act on a call in which none should."""
    if any(rows):
        raise ValueError("there are no adapters")
    return nullcontext()


@torch.inference_mode()
def advance(
    model: Model,
    trajectories: Sequence[Trajectory],
    attention: ReferenceAttention,
    states: ReferenceCache,
    acting: Callable[[Sequence[Strengths]], AbstractContextManager[None]] = _none_act,
) -> None:
    """One denoising step for all of them, in one call of the UNet.

    They agree in `batch_key`, none is `done`, and `states` holds what their references need
    at this call.  `acting` lets adapters act on the rows of a call.
    """
    rows, groups = _batch(trajectories, states)
    inputs = {id(t): t.input() for t in trajectories}
    adapters = [t.guidance.adapters.unet for t, _ in rows for _ in range(t.tiles)]
    plain = not any(adapters) and trajectories[0].guidance.trained is None
    with attention.reading(groups), acting(adapters):
        outputs = model.predict(
            torch.cat([inputs[id(t)][0 if row.sees_source else 1] for t, row in rows]),
            torch.cat([inputs[id(t)][2] for t, _ in rows]),
            [row.condition for t, row in rows for _ in range(t.tiles)],
            # It would be compiled anew for every other set of references or adapters.
            compiled=not groups and plain,
        )
    predictions: dict[int, list[Tensor]] = {id(t): [] for t in trajectories}
    for (t, _), output in zip(rows, outputs.split([t.tiles for t, _ in rows]), strict=True):
        predictions[id(t)].append(output)
    for t in trajectories:
        t.step(t.guidance.combined(predictions[id(t)]))


_BatchRow = tuple[Trajectory, GuidanceRow]
"""A row in a call; a trajectory in tiles has one for each tile of its share."""


def _batch(
    trajectories: Sequence[Trajectory], states: ReferenceCache
) -> tuple[list[_BatchRow], list[Group]]:
    """Return the order of all rows in a call, with rows that read the same next to each other.

    Those with the same adapters are neighbours, too.  A trajectory's own rows keep the order of
    `Guidance.rows`.
    """
    rows: list[_BatchRow] = []
    groups: list[Group] = []
    first = 0
    for alike in _by_adapters(trajectories):
        for half in (None, Half.DISLIKED, Half.LIKED):
            for (references, noise_level), readers in _readers(alike, half).items():
                end = first + sum(t.tiles for t, _ in readers)
                if references:
                    groups.append(states.group(references, noise_level, slice(first, end)))
                first = end
                rows += readers
    return rows, groups


def _by_adapters(trajectories: Sequence[Trajectory]) -> Iterable[list[Trajectory]]:
    """Return the trajectories by the adapters that act on their rows."""
    alike: dict[Strengths, list[Trajectory]] = {}
    for t in trajectories:
        alike.setdefault(t.guidance.adapters.unet, []).append(t)
    return alike.values()


def _readers(
    trajectories: Sequence[Trajectory], half: Half | None
) -> dict[tuple[tuple[WeightedReference, ...], NoiseLevel], list[_BatchRow]]:
    """Return the rows of a half, grouped by the references and the timestep that they read."""
    readers: dict[tuple[tuple[WeightedReference, ...], NoiseLevel], list[_BatchRow]] = {}
    for t in trajectories:
        references = t.guidance.steering.references(half, t.call, t.calls) if half else ()
        mine = [(t, row) for row in t.guidance.rows if row.reads is half]
        if mine:
            readers.setdefault((references, t.noise_levels[t.call]), []).extend(mine)
    return readers
