"""Denoising trajectories of images, and one step for many of them in a batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
from diffusers import SchedulerMixin
from torch import Tensor

from generation.fabric.blending import Group
from generation.fabric.reference_cache import NoiseLevel, ReferenceCache
from generation.fabric.steering import Half, Pull, Steering
from generation.fabric.unet import ReferenceAttention
from generation.models.conditioning import Condition
from generation.models.model import Model
from generation.models.schedulers import draw, draws_noise, moved, signal_levels
from generation.sampling.guidance import by_words_and_picture, classifier_free, clean_estimate
from generation.sampling.init_image import EncodedSource, InitLatents
from generation.sampling.tiling import TiledPrediction


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One of an image's rows in a UNet call.

    reads: the half whose references it reads, if any; sees: True if it is given the latents of the
    image to be edited, if there is one.
    """

    told: Condition
    reads: Half | None
    sees: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """Conditions that every picture of a request shares.

    positive: what the row of the prompt is told; negative: what the row is told that guidance
    leads away from, None where there is none; image_guidance: the guidance by a picture that is
    edited, None where none is.
    """

    positive: Condition
    negative: Condition | None
    guidance: float
    steering: Steering
    image_guidance: float | None = None
    adapters: tuple[tuple[str, float], ...] = ()
    """Names and strengths of the adapters that are on, which the caller switches."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, one for each prediction that `guided` takes, in its order.

        In an edit, text guidance points from the second of three rows to the third, so dislikes act
        on the second, like on the unconditional row otherwise.
        """
        wanted = Row(told=self.positive, reads=Half.LIKED)
        if self.negative is None:
            return (wanted,)
        left = Row(told=self.negative, reads=Half.DISLIKED)
        if self.image_guidance is None:
            return left, wanted
        return Row(told=self.negative, reads=None, sees=False), left, wanted

    def guided(self, predictions: Sequence[Tensor]) -> Tensor:
        """Combine the predictions of all rows by guidance."""
        *away, wanted = predictions
        if not away:
            return wanted
        if self.image_guidance is None:
            return classifier_free(away[0], wanted, self.guidance)
        return by_words_and_picture(away[0], away[1], wanted, self.guidance, self.image_guidance)


class Trajectory:
    """The denoising of one image, indexed by UNet call.

    All its noise comes from its own CPU generator, so other images in the batch change nothing.
    """

    def __init__(
        self,
        model: Model,
        conditions: Conditions,
        scheduler: SchedulerMixin,
        *,
        seed: int,
        like: Tensor,
        origin: EncodedSource | None = None,
        beside: Tensor | None = None,
        tile: tuple[int, int] | None = None,
    ) -> None:
        """`like` has the shape (1, 4, h, w), device and dtype of the latents.

        origin: an init image, of which only its share of the schedule is run.  beside: an image to
        edit, as encoded by `Model.beside`.  tile: height and width in latents of the UNet's tiles;
        None to process the whole image.
        """
        self.conditions = conditions
        self.seed = seed
        self.call = 0
        self.turn = 0
        """The turn in which it was last advanced, as counted by the caller."""
        self.tiles = 1
        """Number of its tiles in the next call; a whole image counts as one."""
        self._scheduler = scheduler
        self._generator = torch.Generator().manual_seed(seed)
        self._beginning = origin and InitLatents(origin, scheduler, self._generator, like)
        first = self._beginning.first if self._beginning else 0
        self._timesteps = scheduler.timesteps[first:]
        self.calls = len(self._timesteps)
        self.timesteps: list[float] = self._timesteps.float().tolist()
        self.signal = signal_levels(scheduler)[first:]
        # Rounded, so that schedulers which compute ᾱ in different ways share states.
        levels = (round(level, 5) for level in self.signal.tolist())
        edits = beside is not None
        self.moments = [
            NoiseLevel(*pair, edits, conditions.adapters)
            for pair in zip(self.timesteps, levels, strict=True)
        ]
        self._randomness = {"generator": self._generator} if draws_noise(scheduler) else {}
        self._velocity = model.predicts_velocity
        self._device_timesteps = moved(self._timesteps.float(), like.device)
        if self._beginning:
            self.latents = self._beginning.latents
        else:
            self.latents = draw(like.shape, self._generator, like=like) * scheduler.init_noise_sigma
        self._beside = beside
        self._tiled = TiledPrediction(like, tile) if tile else None
        self.shown = tile or (like.shape[-2], like.shape[-1])
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
        return len(self.conditions.rows)

    @property
    def batch_key(self) -> tuple[object, ...]:
        """Trajectories with an equal value can share a call."""
        return self.kind, self.conditions.adapters

    @property
    def kind(self) -> tuple[object, ...]:
        """Rows of an equal value take about as long."""
        edits = self._beside is not None
        return (edits, self.shown, self.conditions.positive.states.shape)

    def input(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return its input for the UNet's next call.

        Its sample (tiles, c, h, w), the same for a row that is not to see the picture that is
        edited, and their timesteps (tiles,), float32.
        """
        sample, beside = self._scaled(), self._beside
        if self._tiled:
            sample = self._tiled.next(sample, self.tiles)
            beside = beside if beside is None else self._tiled.next(beside, self.tiles)
        timesteps = self._device_timesteps[self.call : self.call + 1].expand(len(sample))
        if beside is None:
            return sample, sample, timesteps
        blind = torch.cat([sample, torch.zeros_like(beside)], dim=1)
        return torch.cat([sample, beside], dim=1), blind, timesteps

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
        if self._beginning:
            self.latents = self._beginning.brought_back(self.latents, self._scheduler, self.call)

    def _scaled(self) -> Tensor:
        return self._scheduler.scale_model_input(self.latents, self._timesteps[self.call])

    def estimate(self) -> Tensor:
        """Return the clean latents (1, 4, h, w) implied by the last prediction."""
        if self._last is None:
            return self.latents
        sample, output, call = self._last
        return clean_estimate(sample, output, self.signal[call], velocity=self._velocity)


@torch.inference_mode()
def advance(
    model: Model,
    trajectories: Sequence[Trajectory],
    attention: ReferenceAttention,
    states: ReferenceCache,
) -> None:
    """One denoising step for all of them, in one call of the UNet.

    They agree in `batch_key`, none is `done`, and `states` holds what their references need
    at this call.
    """
    seats, groups = _seated(trajectories, states)
    inputs = {id(t): t.input() for t in trajectories}
    with attention.reading(groups):
        outputs = model.predict(
            torch.cat([inputs[id(t)][0 if row.sees else 1] for t, row in seats]),
            torch.cat([inputs[id(t)][2] for t, _ in seats]),
            [row.told for t, row in seats for _ in range(t.tiles)],
            # It would be compiled anew for every other set of references or adapters.
            compiled=not groups and not trajectories[0].conditions.adapters,
        )
    predictions: dict[int, list[Tensor]] = {id(t): [] for t in trajectories}
    for (t, _), output in zip(seats, outputs.split([t.tiles for t, _ in seats]), strict=True):
        predictions[id(t)].append(output)
    for t in trajectories:
        t.step(t.conditions.guided(predictions[id(t)]))


_BatchRow = tuple[Trajectory, Row]
"""A row in a call; a trajectory in tiles has one for each tile of its share."""


def _seated(
    trajectories: Sequence[Trajectory], states: ReferenceCache
) -> tuple[list[_BatchRow], list[Group]]:
    """Return the order of all rows in a call, with rows that read the same next to each other.

    A trajectory's own rows keep the order of `Conditions.rows`.
    """
    seats: list[_BatchRow] = []
    groups: list[Group] = []
    first = 0
    for half in (None, Half.DISLIKED, Half.LIKED):
        for (pulls, moment), readers in _readers(trajectories, half).items():
            end = first + sum(t.tiles for t, _ in readers)
            if pulls:
                groups.append(states.group(pulls, moment, slice(first, end)))
            first = end
            seats += readers
    return seats, groups


def _readers(
    trajectories: Sequence[Trajectory], half: Half | None
) -> dict[tuple[tuple[Pull, ...], NoiseLevel], list[_BatchRow]]:
    """Return the rows of a half, grouped by the references and the timestep that they read."""
    readers: dict[tuple[tuple[Pull, ...], NoiseLevel], list[_BatchRow]] = {}
    for t in trajectories:
        pulls = t.conditions.steering.pulls(half, t.call, t.calls) if half else ()
        mine = [(t, row) for row in t.conditions.rows if row.reads is half]
        if mine:
            readers.setdefault((pulls, t.moments[t.call]), []).extend(mine)
    return readers
