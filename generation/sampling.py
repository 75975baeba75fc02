"""Pictures being denoised, and one step for many of them at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
from diffusers import SchedulerMixin
from torch import Tensor

from generation.attention import Group, ReferenceAttention
from generation.feedback import Half, Pull, Steering
from generation.guidance import classifier_free, clean_estimate
from generation.models import Model
from generation.references import ReferenceStates
from generation.schedulers import EulerAncestral, draw, signal_levels


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What every picture of a request shares.

    conditional, unconditional: (1, tokens, width); the latter None where guidance is 1.
    """

    conditional: Tensor
    unconditional: Tensor | None
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
    ) -> None:
        """`like` has the shape (1, 4, h, w), device and precision of the latents."""
        self.conditions = conditions
        self.seed = seed
        self.call = 0
        self.turn = 0
        """When it was last advanced, in turns of whoever advances it."""
        self.calls = len(scheduler.timesteps)
        self.timesteps: list[float] = scheduler.timesteps.float().tolist()
        self.signal = signal_levels(scheduler)
        self._scheduler = scheduler
        self._generator = torch.Generator().manual_seed(seed)
        ancestral = isinstance(scheduler, EulerAncestral)
        self._randomness = {"generator": self._generator} if ancestral else {}
        self._velocity = model.predicts_velocity
        self._device_timesteps = scheduler.timesteps.float().to(like.device)
        self.latents = draw(like.shape, self._generator, like=like) * scheduler.init_noise_sigma
        self._last: tuple[Tensor, Tensor, int] | None = None

    @property
    def done(self) -> bool:
        """Whether every UNet call has been made."""
        return self.call == self.calls

    @property
    def rows(self) -> int:
        """Rows that it takes in a call of the UNet."""
        return 1 if self.conditions.unconditional is None else 2

    @property
    def company(self) -> tuple[object, ...]:
        """Trajectories that agree in this can share a call."""
        return (self.latents.shape, self.conditions.conditional.shape)

    def input(self) -> tuple[Tensor, Tensor]:
        """The UNet's next sample (1, 4, h, w) and its timestep (1,), float32."""
        timestep = self._scheduler.timesteps[self.call]
        sample = self._scheduler.scale_model_input(self.latents, timestep)
        return sample, self._device_timesteps[self.call : self.call + 1]

    def step(self, sample: Tensor, output: Tensor) -> None:
        """Take the guided `output` of the UNet for `sample`, both (1, 4, h, w)."""
        timestep = self._scheduler.timesteps[self.call]
        self._last = sample, output, self.call
        self.latents = self._scheduler.step(
            output, timestep, self.latents, return_dict=False, **self._randomness
        )[0]
        self.call += 1

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
    at this call.  Rows are laid out as all unconditional ones, then all conditional ones.
    """
    guided = [t for t in trajectories if t.conditions.unconditional is not None]
    inputs = {id(t): t.input() for t in trajectories}
    rows = [*guided, *trajectories]
    texts = [
        *(t.conditions.unconditional for t in guided if t.conditions.unconditional is not None)
    ]
    texts += [t.conditions.conditional for t in trajectories]
    groups = [
        *_groups(guided, Half.DISLIKED, 0, states),
        *_groups(trajectories, Half.LIKED, len(guided), states),
    ]
    with attention.reading(groups):
        outputs = model.unet(
            torch.cat([inputs[id(t)][0] for t in rows]).contiguous(
                memory_format=torch.channels_last
            ),
            torch.cat([inputs[id(t)][1] for t in rows]),
            encoder_hidden_states=torch.cat(texts),
            return_dict=False,
        )[0].contiguous()
    answers = iter(outputs.split(1))
    unconditional = {id(t): next(answers) for t in guided}
    for trajectory, conditional in zip(trajectories, answers, strict=True):
        output = conditional
        if id(trajectory) in unconditional:
            scale = trajectory.conditions.guidance
            output = classifier_free(unconditional[id(trajectory)], conditional, scale)
        trajectory.step(inputs[id(trajectory)][0], output)


def _groups(
    trajectories: Sequence[Trajectory], half: Half, first_row: int, states: ReferenceStates
) -> list[Group]:
    """Rows that read the same references with the same weights at the same timestep."""
    rows: dict[tuple[tuple[Pull, ...], float], list[int]] = {}
    for row, trajectory in enumerate(trajectories, first_row):
        steering = trajectory.conditions.steering
        pulls = steering.pulls(half, trajectory.call, trajectory.calls)
        if pulls:
            rows.setdefault((pulls, trajectory.timesteps[trajectory.call]), []).append(row)
    return [states.group(pulls, timestep, members) for (pulls, timestep), members in rows.items()]
