"""Updates of a network's layers, row by row: equal to a network with the changed weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from generation.models.adapters.acting import Strengths
from generation.models.adapters.adapted_layers import AdaptedLayers
from generation.models.adapters.weights import LayerUpdate
from generation.models.loading import fuse
from tests.lora import merged, random_updates

LINEAR = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "time_emb_proj", "proj_in")
CONVOLUTIONS = ("conv1", "conv_shortcut", "downsamplers.0.conv", "proj_out")

Updates = Mapping[str, LayerUpdate]


@pytest.fixture(scope="module")
def unet(tiny_folder: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(tiny_folder, subfolder="unet").eval()


@pytest.fixture(scope="module")
def first(unet: UNet2DConditionModel) -> Updates:
    return random_updates(unet, LINEAR, seed=1)


@pytest.fixture(scope="module")
def second(unet: UNet2DConditionModel) -> Updates:
    return random_updates(unet, LINEAR, seed=2, rank=5)


@torch.inference_mode()
def predict(unet: nn.Module, rows: Sequence[int] = range(4)) -> Tensor:
    chance = torch.Generator().manual_seed(0)
    sample = torch.randn((4, 4, 12, 12), generator=chance)
    states = torch.randn((4, 7, 32), generator=chance)
    levels = torch.tensor([900.0, 20.0, 500.0, 300.0])
    at = list(rows)
    predicted: Tensor = unet(sample[at], levels[at], states[at], return_dict=False)[0]
    return predicted


def hooks(network: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in network.modules())


def adapted(unet: nn.Module, **updates: Updates) -> AdaptedLayers:
    layers = AdaptedLayers(unet)
    for digest, each in updates.items():
        layers.add(digest, each)
    return layers


ONE, TWO, NONE = (("a", 0.5),), (("b", 0.8),), ()


@pytest.mark.parametrize(
    "rows", [(ONE, TWO, NONE, ONE), (ONE, ONE, TWO, TWO), (NONE, (*ONE, ("b", -1.0)), TWO, NONE)]
)
def test_each_row_has_its_own_adapters(
    unet: UNet2DConditionModel, first: Updates, second: Updates, rows: tuple[Strengths, ...]
) -> None:
    layers = adapted(unet, a=first, b=second)
    plain = predict(unet)
    with layers.acting(rows):
        together = predict(unet)

    for row, strengths in enumerate(rows):
        if not strengths:
            assert torch.equal(together[row], plain[row])
            continue
        with layers.acting([strengths]):
            alone = predict(unet, [row])[0]
        changed = [(first if digest == "a" else second, s) for digest, s in strengths]
        expected = predict(merged(unet, changed), [row])[0]
        assert torch.allclose(together[row], alone, atol=1e-5)
        assert torch.allclose(alone, expected, atol=1e-5)
        assert (alone - plain[row]).abs().mean() > 1e-3
    assert torch.equal(predict(unet), plain)
    assert hooks(unet) == 0


def input_dora(updates: Updates, unet: nn.Module) -> Updates:
    """Return the updates as older LyCORIS wrote DoRA, with a magnitude of each input."""
    chance = torch.Generator().manual_seed(9)
    changed = {}
    for path, update in updates.items():
        _, inputs, *kernel = unet.get_submodule(path).weight.shape
        magnitude = 1 + torch.rand((1, inputs, *(1 for _ in kernel)), generator=chance)
        changed[path] = dataclasses.replace(update, magnitude=magnitude)
    return changed


def tucker(updates: Updates) -> Updates:
    """Return updates of convolutions with their kernel between the two halves."""
    changed = {}
    for path, update in updates.items():
        rank, _, *kernel = update.down.shape
        mid = torch.randn((rank, rank, *kernel), generator=torch.Generator().manual_seed(3))
        down = update.down.mean((2, 3), keepdim=True)
        changed[path] = dataclasses.replace(update, down=down, mid=mid)
    return changed


def test_convolutions_and_dora_share_a_call_with_linear_loras(
    unet: UNet2DConditionModel, first: Updates
) -> None:
    kinds: dict[str, Updates] = {
        "locon": random_updates(unet, (*LINEAR, *CONVOLUTIONS), seed=4),
        "dora": random_updates(unet, (*LINEAR, *CONVOLUTIONS), seed=5, dora=True),
        "tucker": tucker(random_updates(unet, CONVOLUTIONS, seed=6)),
    }
    kinds["old dora"] = input_dora(kinds["locon"], unet)
    layers = adapted(unet, a=first, **kinds)
    plain = predict(unet)
    rows: list[Strengths] = [
        (("dora", 0.7), ("locon", 0.5)),
        ONE,
        (),
        (("dora", 1.0), ("old dora", 0.4), ("tucker", 0.6)),
    ]
    with layers.acting(rows):
        together = predict(unet)

    for row, strengths in enumerate(rows):
        changed = [((kinds | {"a": first})[digest], strength) for digest, strength in strengths]
        expected = predict(merged(unet, changed), [row])[0]
        assert torch.allclose(together[row], expected, atol=2e-5), row
    assert torch.equal(together[2], plain[2])


def test_fused_projections_do_not_pass_by_the_rows_adapters(
    tiny_folder: Path, first: Updates, second: Updates
) -> None:
    unet = UNet2DConditionModel.from_pretrained(tiny_folder, subfolder="unet").eval()
    expected = [
        predict(merged(unet, [(updates, strength)]), [row])[0]
        for row, (updates, strength) in enumerate(((first, 0.5), (second, 0.8)))
    ]
    fuse(unet)
    layers = adapted(unet, a=first, b=second)
    plain = predict(unet)
    with layers.acting([ONE, TWO, NONE, NONE]):
        together = predict(unet)

    assert torch.equal(together[2:], plain[2:])
    for row in range(2):
        assert torch.allclose(together[row], expected[row], atol=1e-5)


def test_only_one_rows_adapters_act_on_what_a_group_of_rows_shares(
    unet: UNet2DConditionModel, first: Updates, second: Updates
) -> None:
    layers = adapted(unet, a=first, b=second)
    path = next(path for path in first if path.endswith("attn1.to_k"))
    given = torch.randn((1, 5, unet.get_submodule(path).in_features))
    with layers.acting([ONE, NONE, TWO, TWO]):
        found = []
        for row in range(3):
            with layers.only(row):
                found.append(unet.get_submodule(path)(given))

    bases = [merged(unet, [(first, 0.5)]), unet, merged(unet, [(second, 0.8)])]
    for base, each in zip(bases, found, strict=True):
        assert torch.allclose(base.get_submodule(path)(given), each, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_they_act_in_the_models_own_precision_and_layout(
    tiny_folder: Path, first: Updates, dtype: torch.dtype
) -> None:
    unet = UNet2DConditionModel.from_pretrained(tiny_folder, subfolder="unet", torch_dtype=dtype)
    unet.eval().to(memory_format=torch.channels_last)
    kinds = random_updates(unet, (*LINEAR, *CONVOLUTIONS), seed=5, dora=True)
    layers = adapted(unet, a=first, b=kinds)

    @torch.inference_mode()
    def called() -> Tensor:
        chance = torch.Generator().manual_seed(0)
        sample = torch.randn((3, 4, 12, 12), generator=chance).to(dtype)
        states = torch.randn((3, 7, 32), generator=chance).to(dtype)
        sample = sample.contiguous(memory_format=torch.channels_last)
        predicted: Tensor = unet(sample, torch.tensor([500.0] * 3), states, return_dict=False)[0]
        return predicted

    plain = called()
    with layers.acting([ONE, TWO, NONE]):
        together = called()
    assert together.dtype is dtype
    assert together.isfinite().all()
    assert torch.equal(together[2], plain[2])
    assert not torch.equal(together[:2], plain[:2])


def test_an_error_in_the_network_leaves_no_hook_behind(
    unet: UNet2DConditionModel, first: Updates
) -> None:
    layers = adapted(unet, a=first)
    plain = predict(unet)
    for _ in range(2):
        with pytest.raises(RuntimeError), layers.acting([ONE]):
            unet(torch.zeros(1, 5, 12, 12), torch.tensor([1.0]), torch.zeros(1, 7, 32))
    assert hooks(unet) == 0
    assert torch.equal(predict(unet), plain)
    with layers.acting([ONE]):
        assert not torch.equal(predict(unet), plain)
