"""Pictures being denoised, and one step for many of them at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import torch
from diffusers import SchedulerMixin
from torch import Tensor

from generation.attention import Group, ReferenceAttention
from generation.conditions import Condition
from generation.feedback import Half, Pull, Steering
from generation.guidance import classifier_free, clean_estimate
from generation.models import Model
from generation.origins import Beginning, Origin
from generation.references import Moment, ReferenceStates
from generation.schedulers import draw, draws_noise, moved, signal_levels
from generation.tiles import Mosaic


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What every picture of a request shares.

    positive: what the row of the prompt is told; negative: what the row is told that guidance
    leads away from, None where there is none.
    """

    positive: Condition
    negative: Condition | None
    guidance: float
    steering: Steering


class Trajectory:
    """One picture on its way from noise, indexed by UNet call.

    Everything random comes from its own CPU generator, so the company it is denoised in
    changes nothing.
    """

    def __init__(
        self,
        model: Model,
        conditions: Conditions,
        scheduler: SchedulerMixin,
        *,
        seed: int,
        like: Tensor,
        origin: Origin | None = None,
        tile: tuple[int, int] | None = None,
    ) -> None:
        """`like` has the shape (1, 4, h, w), device and precision of the latents.

        origin: a picture to begin from; then only its share of the schedule is called.
        tile: height and width in latents of the tiles that the UNet is shown; None: it is
        shown the whole.
        """
        self.conditions = conditions
        self.seed = seed
        self.call = 0
        self.turn = 0
        """When it was last advanced, in turns of whoever advances it."""
        self.share = 1
        """How many of its tiles it has in the next call; a whole picture counts as one."""
        self._scheduler = scheduler
        self._generator = torch.Generator().manual_seed(seed)
        self._beginning = origin and Beginning(origin, scheduler, self._generator, like)
        first = self._beginning.first if self._beginning else 0
        self._timesteps = scheduler.timesteps[first:]
        self.calls = len(self._timesteps)
        self.timesteps: list[float] = self._timesteps.float().tolist()
        self.signal = signal_levels(scheduler)[first:]
        # Rounded, so that schedulers which compute ᾱ in different ways share states.
        levels = (round(level, 5) for level in self.signal.tolist())
        self.moments = [Moment(*pair) for pair in zip(self.timesteps, levels, strict=True)]
        self._randomness = {"generator": self._generator} if draws_noise(scheduler) else {}
        self._velocity = model.predicts_velocity
        self._device_timesteps = moved(self._timesteps.float(), like.device)
        if self._beginning:
            self.latents = self._beginning.latents
        else:
            self.latents = draw(like.shape, self._generator, like=like) * scheduler.init_noise_sigma
        self._mosaic = Mosaic(like, tile) if tile else None
        self.shown = tile or (like.shape[-2], like.shape[-1])
        """Height and width in latents of what the UNet is shown of it at once."""
        self._last: tuple[Tensor, Tensor, int] | None = None

    @property
    def tiles_left(self) -> int:
        """How many tiles the UNet has not been shown yet at this call."""
        return self._mosaic.left if self._mosaic else 1

    @property
    def done(self) -> bool:
        """Whether every UNet call has been made."""
        return self.call == self.calls

    @property
    def rows(self) -> int:
        """Rows that each of its tiles takes in a call of the UNet."""
        return 1 if self.conditions.negative is None else 2

    @property
    def company(self) -> tuple[object, ...]:
        """Trajectories that agree in this can share a call."""
        return (self.shown, self.conditions.positive.states.shape)

    def input(self) -> tuple[Tensor, Tensor]:
        """The UNet's next sample (share, 4, h, w) and its timesteps (share,), float32."""
        sample = self._scaled()
        if self._mosaic:
            sample = self._mosaic.next(sample, self.share)
        return sample, self._device_timesteps[self.call : self.call + 1].expand(len(sample))

    def step(self, output: Tensor) -> None:
        """Take the guided `output` of the UNet for its `input`; the step is taken when it is
        known of every tile."""
        if self._mosaic:
            self._mosaic.take(output)
            if self._mosaic.left:
                return
            output = self._mosaic.blended()
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
        """What the picture would be if the last prediction were right: (1, 4, h, w)."""
        if self._last is None:
            return self.latents
        sample, output, call = self._last
        return clean_estimate(sample, output, self.signal[call], velocity=self._velocity)


@torch.inference_mode()
def advance(
    model: Model,
    trajectories: Sequence[Trajectory],
    attention: ReferenceAttention,
    states: ReferenceStates,
) -> None:
    """One denoising step for all of them, in one call of the UNet.

    They agree in `company`, none is `done`, and `states` holds what their references need
    at this call.  All unconditional rows come first, then all conditional ones; within
    each, those that read the same references are neighbours.
    """
    guided = _by_reading([t for t in trajectories if t.rows == 2], Half.DISLIKED)
    painted = _by_reading(trajectories, Half.LIKED)
    unconditional, conditional = _in_order(guided), _in_order(painted)
    inputs = {id(t): t.input() for t in trajectories}
    rows = [*unconditional, *conditional]
    below = sum(t.share for t in unconditional)
    groups = [*_groups(guided, 0, states), *_groups(painted, below, states)]
    told = [
        condition
        for condition, t in (
            *((t.conditions.negative, t) for t in unconditional),
            *((t.conditions.positive, t) for t in conditional),
        )
        for _ in range(t.share)
        if condition is not None
    ]
    with attention.reading(groups):
        outputs = model.predict(
            torch.cat([inputs[id(t)][0] for t in rows]),
            torch.cat([inputs[id(t)][1] for t in rows]),
            told,
            compiled=not groups,  # it would be compiled anew for every other set of references
        )
    answers = iter(outputs.split([t.share for t in rows]))
    against = {id(t): next(answers) for t in unconditional}
    for trajectory, output in zip(conditional, answers, strict=True):
        if id(trajectory) in against:
            scale = trajectory.conditions.guidance
            output = classifier_free(against[id(trajectory)], output, scale)
        trajectory.step(output)


_Readers = dict[tuple[tuple[Pull, ...], Moment], list[Trajectory]]
"""Trajectories by what this half of them reads at their next call, and its moment."""


def _by_reading(trajectories: Sequence[Trajectory], half: Half) -> _Readers:
    readers: _Readers = {}
    for t in trajectories:
        pulls = t.conditions.steering.pulls(half, t.call, t.calls)
        readers.setdefault((pulls, t.moments[t.call]), []).append(t)
    return readers


def _in_order(readers: _Readers) -> list[Trajectory]:
    return [trajectory for together in readers.values() for trajectory in together]


def _groups(readers: _Readers, first: int, states: ReferenceStates) -> Iterator[Group]:
    """The groups of a half whose rows begin at `first`."""
    for (pulls, moment), together in readers.items():
        end = first + sum(t.share for t in together)
        if pulls:
            yield states.group(pulls, moment, slice(first, end))
        first = end
