"""Prompt embeddings: equal to diffusers', weighted, and of any length."""

from __future__ import annotations

import pytest
import torch
from compel.embeddings_provider import EmbeddingsProvider
from torch import Tensor

from generation.models.families.stable_diffusion import OneEncoder
from generation.models.model import Model
from generation.models.text_encoders import Encoder
from generation.requests.prompts import MOST_LIGHTER, pieces, unbroken

LENGTH = 77
LONG = ", ".join(["a red star on a blue background"] * 40)


def states(model: Model, prompt: str) -> Tensor:
    with torch.inference_mode():
        return model.text_encoders.read(prompt).states


def rows(model: Model, prompt: str, negative: str) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        positive, against = model.encode_prompt(prompt, negative, 6.0, 96, 96)
    assert against is not None
    return positive.states, against.states


def encoder_of(model: Model) -> Encoder:
    assert isinstance(model.text_encoders, OneEncoder)
    return model.text_encoders.encoder


def test_a_plain_prompt_is_read_as_by_the_encoder_alone(model: Model) -> None:
    encoder = encoder_of(model)
    tokens = encoder.tokenizer(
        "a red star", padding="max_length", max_length=LENGTH, return_tensors="pt"
    )
    with torch.inference_mode():
        expected = encoder.network(tokens.input_ids)[0]
    assert torch.equal(states(model, "a red star"), expected)
    assert torch.equal(states(model, "(a red star:1.0)"), expected)


def test_a_weight_moves_its_tokens_away_from_the_empty_prompt(model: Model) -> None:
    plain, empty = states(model, "a red star"), states(model, "")
    heavier, heaviest = states(model, "a (red:1.3) star"), states(model, "a (red:2) star")
    moved = (heavier - plain).abs().sum(-1)[0] > 0
    count = len(encoder_of(model).tokenizer("red").input_ids) - 2
    assert moved.sum() == count
    expected = empty + 2 * (plain - empty)
    assert torch.allclose(heaviest[0, moved], expected[0, moved], atol=1e-5)


def test_a_weight_below_one_moves_towards_the_prompt_without(model: Model) -> None:
    plain, gone = states(model, "a red star"), states(model, "a (red:0) star")
    near, far = states(model, "a (red:0.9) star"), states(model, "a (red:0.2) star")
    assert 0 < (near - plain).norm() < (far - plain).norm() < (gone - plain).norm()
    assert (far - gone).norm() < (near - gone).norm()


@pytest.mark.parametrize(
    "prompt", [f"{LONG}, (a green:0.4) [heart]", "[a] (b:1.2) (c:.3)", f"[{LONG}] star"]
)
def test_weights_move_states_just_as_by_compel(model: Model, prompt: str) -> None:
    encoder, parts = encoder_of(model), pieces(prompt)
    compel = EmbeddingsProvider(encoder.tokenizer, encoder.network, truncate=False)
    with torch.inference_mode():
        expected = compel.get_embeddings_for_weighted_prompt_fragments(
            [[part.text for part in parts]], [[part.weight for part in parts]]
        )
    assert torch.equal(states(model, prompt), expected)


def test_each_chunk_of_a_prompt_is_encoded_once(model: Model) -> None:
    prompt = LONG + ", ".join(f"[piece {number}] {number}" for number in range(MOST_LIGHTER))
    encoder, calls = encoder_of(model), list[None]()
    states(model, "(what the empty prompt is:1.1)")
    counting = encoder.network.register_forward_hook(lambda *_: calls.append(None))
    chunks = states(model, prompt).shape[1] // LENGTH
    counting.remove()
    # A piece may lie across the border of two chunks.
    assert len(calls) <= chunks + MOST_LIGHTER + chunks - 1


def test_a_long_prompt_is_read_to_its_end(model: Model) -> None:
    other = states(model, f"{LONG}, and a green heart")
    assert states(model, LONG).shape[1] > LENGTH
    assert states(model, LONG).shape[1] % LENGTH == 0
    assert other.shape != states(model, LONG).shape or not torch.equal(other, states(model, LONG))


def test_break_begins_a_chunk_that_is_read_by_itself(model: Model) -> None:
    both = states(model, "a red star BREAK on a (blue:1.2) background")
    assert both.shape[1] == 2 * LENGTH
    assert torch.equal(both[:, :LENGTH], states(model, "a red star"))
    assert torch.equal(both[:, LENGTH:], states(model, "on a (blue:1.2) background"))
    positive, negative = rows(model, "a BREAK b BREAK c", "d BREAK e")
    assert positive.shape == negative.shape
    assert torch.equal(negative[:, 2 * LENGTH :], states(model, ""))


def test_an_escaped_break_is_a_word(model: Model) -> None:
    encoder = encoder_of(model)
    with torch.inference_mode():
        expected = encoder.network(
            encoder.tokenizer(
                "a BREAK b", padding="max_length", max_length=LENGTH, return_tensors="pt"
            ).input_ids
        )[0]
    assert torch.equal(states(model, unbroken("a BREAK b")), expected)


def test_both_prompts_of_a_picture_are_equally_long(model: Model) -> None:
    long, short = rows(model, LONG, "blurry")
    shorter, longer = rows(model, "a star", LONG)
    assert long.shape == short.shape == shorter.shape == longer.shape
    assert torch.equal(short[:, :LENGTH], states(model, "blurry"))
    assert torch.equal(short[:, LENGTH : 2 * LENGTH], states(model, ""))


@pytest.mark.parametrize("prompt", ["(\u200b:0.5)", "(", "(💥:0.3)", "\\", "a\x00b", "(a:0)"])
def test_odd_prompts_are_read_all_the_same(model: Model, prompt: str) -> None:
    assert states(model, prompt).isfinite().all()
