"""Attention to several sets of keys, blended, equals one softmax over all of them."""

from typing import Any

import pytest
import torch

from generation.fabric.blending import (
    attend,
    attend_explicitly,
    attend_shared,
    attend_tilted,
    blend,
)


@pytest.mark.parametrize("kernel", [attend, attend_explicitly])
def test_attention_and_its_mass_equal_the_formula(kernel: Any) -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 3, n, 16) for n in (2100, 70, 70))

    output, mass = kernel(query, key, value)

    logits = (query.double() @ key.double().mT) / 4
    assert (output - logits.softmax(-1) @ value.double()).abs().max() < 1e-5
    assert (mass - logits.logsumexp(-1)).abs().max() < 1e-5


def test_uneven_weights_are_added_to_the_logits_exactly() -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(1, 2, n, 20) for n in (9, 11, 11))
    tilt = torch.tensor([0.0, -2.3])

    output, mass = attend_tilted(query, key, value, tilt, [4, 7])

    logits = query.double() @ key.double().mT * 20**-0.5
    logits[..., 4:] -= 2.3
    assert (output - logits.softmax(-1) @ value.double()).abs().max() < 1e-5
    assert (mass - logits.logsumexp(-1)).abs().max() < 1e-5


@pytest.mark.parametrize("tilt", [None, torch.tensor([0.0, -1.1])])
def test_rows_that_share_keys_attend_as_each_would_alone(tilt: torch.Tensor | None) -> None:
    torch.manual_seed(0)
    query = torch.randn(3, 2, 9, 16)
    key, value = torch.randn(2, 1, 2, 11, 16)

    output, mass = attend_shared(query, key, value, tilt, [4, 7])

    for row in range(3):
        alone = (
            attend(query[row : row + 1], key, value)
            if tilt is None
            else attend_tilted(query[row : row + 1], key, value, tilt, [4, 7])
        )
        assert torch.allclose(output[row], alone[0][0], atol=1e-6)
        assert torch.allclose(mass[row], alone[1][0], atol=1e-6)


def test_a_blend_is_one_softmax_over_own_and_other_keys() -> None:
    torch.manual_seed(0)
    query, own_key, own_value = torch.randn(3, 2, 3, 9, 16)
    key, value = torch.randn(2, 1, 3, 5, 16)
    log_weight = torch.tensor(0.8).log()

    output = blend(
        *attend(query, own_key, own_value), *attend_shared(query, key, value), log_weight
    )

    keys, values = (
        torch.cat([own, other.expand(2, -1, -1, -1)], dim=2).double()
        for own, other in ((own_key, key), (own_value, value))
    )
    logits = query.double() @ keys.mT / 4
    logits[..., 9:] += log_weight
    assert (output - logits.softmax(-1) @ values).abs().max() < 1e-5
