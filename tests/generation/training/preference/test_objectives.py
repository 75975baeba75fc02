"""The preference losses against their formulas, written out in float64."""

from __future__ import annotations

import math
from random import Random

import pytest
import torch

from generation.training.preference.objectives import dpo_loss, kto_loss, reference_point


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def drawn(seed: int, count: int = 6) -> tuple[list[float], list[float]]:
    random = Random(seed)
    return tuple([random.uniform(0, 2) for _ in range(count)] for _ in range(2))


def as_tensor(values: list[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("beta", [0.5, 4.0])
@pytest.mark.parametrize("seed", range(4))
def test_kto_is_the_utility_of_each_vote_beside_the_reference_point(seed: int, beta: float) -> None:
    errors, base = drawn(seed)
    liked = [place % 2 == 0 for place in range(6)]

    losses = kto_loss(as_tensor(errors), as_tensor(base), torch.tensor(liked), beta)

    rewards = [beta * (b - e) for e, b in zip(errors, base, strict=True)]
    point = max(0.0, sum(rewards) / 6)
    expected = [
        1 - sigmoid(reward - point if like else point - reward)
        for reward, like in zip(rewards, liked, strict=True)
    ]
    assert losses.tolist() == pytest.approx(expected, rel=1e-12)


def test_the_reference_point_is_never_negative_and_has_no_gradient() -> None:
    rewards = torch.tensor([-3.0, 1.0], requires_grad=True)

    assert reference_point(rewards) == 0
    assert reference_point(rewards + 3).item() == 2
    assert not reference_point(rewards).requires_grad


@pytest.mark.parametrize("beta", [0.5, 4.0])
@pytest.mark.parametrize("seed", range(4))
def test_dpo_compares_what_the_two_of_a_pair_have_gained(seed: int, beta: float) -> None:
    liked, base_liked = drawn(seed)
    disliked, base_disliked = drawn(seed + 100)

    losses = dpo_loss(*map(as_tensor, (liked, disliked, base_liked, base_disliked)), beta)

    expected = [
        -math.log(sigmoid(-beta * ((good - good_base) - (bad - bad_base))))
        for good, bad, good_base, bad_base in zip(
            liked, disliked, base_liked, base_disliked, strict=True
        )
    ]
    assert losses.tolist() == pytest.approx(expected, rel=1e-12)


def test_a_model_that_is_the_base_still_learns_in_the_right_direction() -> None:
    """At the start both losses are those of a coin, and ask for less error on what was liked."""
    base = torch.tensor([0.3, 0.4])
    errors = base.clone().requires_grad_()

    kto = kto_loss(errors, base, torch.tensor([True, False]), 10.0)
    (kto_slopes,) = torch.autograd.grad(kto.sum(), errors)
    dpo = dpo_loss(errors[:1], errors[1:], base[:1], base[1:], 10.0)
    (dpo_slopes,) = torch.autograd.grad(dpo.sum(), errors)

    assert kto.tolist() == [0.5, 0.5]
    assert dpo.tolist() == pytest.approx([math.log(2)])
    assert kto_slopes[0] > 0 > kto_slopes[1]
    assert dpo_slopes[0] > 0 > dpo_slopes[1]


def test_large_rewards_stay_finite() -> None:
    far, near = torch.tensor([1e4]), torch.tensor([0.0])

    assert torch.isfinite(dpo_loss(far, near, near, far, 2000.0)).all()
    assert torch.isfinite(kto_loss(far, near, torch.tensor([True]), 2000.0)).all()
