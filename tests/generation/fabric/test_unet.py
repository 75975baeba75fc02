"""Reading references equals softmax over all keys at once, computed the long way."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from generation.fabric.blending import Group
from generation.fabric.unet import ReferenceAttention
from tests.tiny import TEXT_WIDTH, build_unet


def group(rows: slice, states: Sequence[Sequence[Tensor]], weights: Sequence[float]) -> Group:
    heaviest = max(weights)
    even = min(weights) == heaviest
    return Group(
        rows=rows,
        states=states,
        log_weight=torch.tensor(heaviest).log(),
        tilt=None if even else (torch.tensor(weights) / heaviest).log(),
    )


class Oracle:
    """FABRIC's formula as it is written: one softmax per row, log w added to the logits."""

    def __init__(self, layer: int, read: Callable[[int], Sequence[tuple[Tensor, float]]]) -> None:
        self.layer = layer
        self.read = read

    def __call__(self, attn: Any, hidden_states: Tensor, *_: None, **__: None) -> Tensor:
        rows = []
        for row, own in enumerate(hidden_states):
            parts = [(own, 1.0)]
            parts += [(s[self.layer][0].double(), w) for s, w in self.read(row)]
            keys = attn.to_k(torch.cat([part for part, _ in parts]))
            values = attn.to_v(torch.cat([part for part, _ in parts]))
            bias = torch.cat([own.new_full((len(part),), math.log(w)) for part, w in parts])
            query, keys, values = (
                x.unflatten(-1, (attn.heads, -1)).transpose(0, 1)
                for x in (attn.to_q(own), keys, values)
            )
            logits = query @ keys.mT * query.shape[-1] ** -0.5 + bias
            rows.append((logits.softmax(-1) @ values).transpose(0, 1).flatten(-2))
        return attn.to_out[0](torch.stack(rows))


def call(unet: UNet2DConditionModel, rows: int, side: int = 12, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn((rows, 4, side, side), generator=generator),
        torch.linspace(981, 1, rows),
        torch.randn((rows, 7, TEXT_WIDTH), generator=generator),
    ]


@pytest.fixture
def unet() -> UNet2DConditionModel:
    torch.manual_seed(0)
    return build_unet().requires_grad_(False)


def states_of(
    unet: UNet2DConditionModel, attention: ReferenceAttention, inputs: tuple[Tensor, ...]
) -> list[Tensor]:
    return attention.record(lambda: unet(*inputs))


def test_a_whole_unet_reads_ragged_sets_as_the_formula_says(unet: UNet2DConditionModel) -> None:
    attention = ReferenceAttention(unet)
    pictures = [
        [layer[k : k + 1].clone() for layer in states_of(unet, attention, call(unet, 3, seed=k))]
        for k in range(3)
    ]
    wide = [layer.clone() for layer in states_of(unet, attention, call(unet, 1, side=16, seed=9))]
    readers: dict[int, list[tuple[list[Tensor], float]]] = {
        1: [(pictures[0], 0.8)],
        2: [(pictures[0], 0.8)],
        3: [(pictures[1], 0.1), (wide, 0.7), (pictures[2], 0.3)],
        5: [(pictures[2], 0.4), (pictures[0], 0.4)],
    }
    groups = [
        group(
            slice(first, last + 1),
            [states for states, _ in readers[first]],
            [weight for _, weight in readers[first]],
        )
        for first, last in ((1, 2), (3, 3), (5, 5))
    ]
    inputs = call(unet, 6, seed=4)

    with attention.reading(groups):
        ours = unet(inputs[0], inputs[1], inputs[2]).sample

    exact = build_unet().requires_grad_(False)
    exact.load_state_dict(unet.state_dict())
    exact.double()
    names = [name for name in exact.attn_processors if name.endswith("attn1.processor")]
    exact.set_attn_processor(
        exact.attn_processors
        | {n: Oracle(layer, lambda row: readers.get(row, [])) for layer, n in enumerate(names)}
    )
    oracle = exact(inputs[0].double(), inputs[1].double(), inputs[2].double()).sample
    assert (ours - oracle).abs().max() <= 1e-5


@pytest.mark.slow
def test_a_compiled_unet_is_not_compiled_again_for_other_weights(
    unet: UNet2DConditionModel,
) -> None:
    attention = ReferenceAttention(unet)
    compiled = torch.compile(unet, backend="eager")

    def step(number: int) -> list[Tensor]:
        latents, timesteps, text = call(unet, 4, seed=number)
        layers = states_of(unet, attention, call(unet, 3, seed=number))
        pictures = [[layer[k : k + 1].clone() for layer in layers] for k in range(3)]
        weight = 0.2 + 0.1 * number
        groups = [
            group(slice(1, 2), [pictures[2]], [weight]),
            group(slice(2, 4), [pictures[0], pictures[1]], [weight, 0.9 - weight]),
        ]
        with attention.reading(groups):
            return [
                network(latents, timesteps - number, text).sample for network in (compiled, unet)
            ]

    step(0)
    with torch.compiler.set_stance("fail_on_recompile"):
        for number in range(1, 5):
            ours, plain = step(number)
            assert (ours - plain).abs().max() <= 1e-5


def test_rows_without_references_stay_as_they_were_bit_by_bit(unet: UNet2DConditionModel) -> None:
    inputs = call(unet, 4)
    before = unet(*inputs).sample
    attention = ReferenceAttention(unet)
    states = [layer[:1].clone() for layer in states_of(unet, attention, call(unet, 2, seed=1))]

    without = unet(*inputs).sample
    with attention.reading([group(slice(1, 3), [states], [0.8])]):
        within = unet(*inputs).sample

    assert torch.equal(before, without)
    assert torch.equal(before[[0, 3]], within[[0, 3]])
    assert not torch.allclose(before[1:3], within[1:3], atol=1e-3)


def test_a_failing_call_leaves_no_references_behind(unet: UNet2DConditionModel) -> None:
    inputs = call(unet, 2)
    before = unet(*inputs).sample
    attention = ReferenceAttention(unet)
    states = [layer[:1].clone() for layer in states_of(unet, attention, inputs)]

    with (
        pytest.raises(RuntimeError, match="shape"),
        attention.reading([group(slice(0, 1), [states], [1.0])]),
    ):
        unet(inputs[0], inputs[1], inputs[2][..., :3])
    with pytest.raises(RuntimeError, match="shape"):
        states_of(unet, attention, (inputs[0], inputs[1], inputs[2][..., :3]))

    assert torch.equal(unet(*inputs).sample, before)
