"""Prompt-to-Prompt: whose attention an edited picture reads, and that nothing of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers.models.attention_processor import Attention

from generation.fabric.unet import ReferenceAttention
from generation.models.model import Model
from generation.training.pairs.prompt_to_prompt import (
    PicturePair,
    SharedAttention,
    SharedRow,
    Sharing,
    TokenMap,
    advance_pairs,
    token_map,
)
from tests.tiny import build_tiny_xl, load_tiny

PROMPTS = ("a red star", "a blue star")


@pytest.fixture(scope="module", params=["sd", "sdxl"])
def model(
    request: pytest.FixtureRequest, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Model:
    folder = tiny_folder
    if request.param == "sdxl":
        folder = build_tiny_xl(tmp_path_factory.mktemp("xl"))
    return load_tiny(folder)


def pair_of(model: Model, share: float, *, seed: int = 1, sampler: str = "ddim") -> PicturePair:
    sharing = Sharing(seed=seed, share=share, guidance=3.0)
    return PicturePair(model, PROMPTS, sharing, size=(64, 64), steps=4, scheduler=sampler)


def painted(model: Model, *pairs: PicturePair) -> list[torch.Tensor]:
    attention = SharedAttention(model.unet)
    while not pairs[0].done:
        advance_pairs(model, pairs, attention)
    return [each.latents for pair in pairs for each in pair.trajectories]


def test_words_in_both_prompts_are_themselves() -> None:
    found = TokenMap.of([1, 5, 6, 2], [1, 5, 7, 2])
    assert torch.equal(found.weights, torch.eye(4))
    assert not found.own.any()


def test_a_longer_word_shares_in_the_attention_of_the_one_it_replaces() -> None:
    found = TokenMap.of([1, 5, 2], [1, 7, 8, 2])
    maps = found.applied(torch.tensor([0.2, 0.6, 0.2]), torch.full((4,), 0.25))
    assert torch.allclose(maps, torch.tensor([0.2, 0.3, 0.3, 0.2]))


def test_a_word_that_is_new_reads_for_itself() -> None:
    found = TokenMap.of([1, 2], [1, 7, 2])
    assert found.own.tolist() == [0, 1, 0]
    maps = found.applied(torch.tensor([0.5, 0.5]), torch.tensor([0.1, 0.8, 0.1]))
    assert torch.allclose(maps, torch.tensor([0.5, 0.8, 0.5]) / 1.8)


def test_prompts_are_aligned_by_their_tokens(model: Model) -> None:
    found = token_map(model, *PROMPTS)
    assert found is not None
    assert found.weights.shape == (77, 77)
    assert torch.allclose(found.weights.sum(dim=1)[:5], torch.ones(5))
    assert token_map(model, PROMPTS[0], "very " * 80) is None


def test_an_edited_row_attends_where_its_source_does() -> None:
    attn = Attention(query_dim=8, heads=2, dim_head=4).eval()
    states = torch.randn(3, 5, 8)
    with torch.no_grad():
        plain = attn(states)
        query, key, value = (
            attn.head_to_batch_dim(project(states)) for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        maps = attn.get_attention_scores(query, key).unflatten(0, (3, 2))
        maps[2] = maps[0]
        wanted = attn.to_out[0](attn.batch_to_head_dim(maps.flatten(0, 1) @ value))
        owner = SharedAttention.__new__(SharedAttention)
        owner.rows = [SharedRow(source=0, edited=2)]
        attn.set_processor(owner._processor("a.attn1.processor", None))
        shared = attn(states)
    assert torch.allclose(shared, wanted, atol=1e-6)
    assert torch.allclose(shared[:2], plain[:2], atol=1e-6)


def test_an_edited_row_reads_words_where_its_source_does() -> None:
    attn = Attention(query_dim=8, cross_attention_dim=6, heads=2, dim_head=4).eval()
    states, words = torch.randn(2, 5, 8), torch.randn(2, 4, 6)
    tokens = TokenMap.of([1, 5, 6, 2], [1, 5, 7, 2])
    with torch.no_grad():
        query = attn.head_to_batch_dim(attn.to_q(states))
        key, value = (attn.head_to_batch_dim(each(words)) for each in (attn.to_k, attn.to_v))
        maps = attn.get_attention_scores(query, key).unflatten(0, (2, 2))
        maps[1] = maps[0]
        wanted = attn.to_out[0](attn.batch_to_head_dim(maps.flatten(0, 1) @ value))
        owner = SharedAttention.__new__(SharedAttention)
        owner.rows = [SharedRow(source=0, edited=1, tokens=tokens)]
        attn.set_processor(owner._processor("a.attn2.processor", None))
        shared = attn(states, encoder_hidden_states=words)
    assert torch.allclose(shared, wanted, atol=1e-6)


@pytest.mark.parametrize("sampler", ["ddim", "euler_a"])
def test_a_source_is_the_picture_of_its_own_prompt(model: Model, sampler: str) -> None:
    alone, _ = painted(model, pair_of(model, 0.0, sampler=sampler))
    source, _ = painted(model, pair_of(model, 1.0, sampler=sampler))
    assert torch.allclose(source, alone, atol=1e-4)


def test_sharing_changes_the_edit_as_much_as_is_shared(model: Model) -> None:
    edits = [painted(model, pair_of(model, share))[1] for share in (0.0, 0.5, 1.0)]
    half, whole = ((edit - edits[0]).abs().mean().item() for edit in edits[1:])
    assert 0 < half < whole


def test_pairs_that_share_different_parts_are_painted_together_as_alone(model: Model) -> None:
    several = [pair_of(model, share, seed=seed) for seed, share in enumerate((0.0, 0.5, 1.0))]
    together = painted(model, *several)
    alone = [
        latents
        for seed, share in enumerate((0.0, 0.5, 1.0))
        for latents in painted(model, pair_of(model, share, seed=seed))
    ]
    assert torch.allclose(torch.cat(together), torch.cat(alone), atol=1e-4)


def test_the_attention_that_was_there_is_put_back_whatever_happens(model: Model) -> None:
    ReferenceAttention(model.unet)
    before = dict(model.unet.attn_processors)
    attention = SharedAttention(model.unet)
    with attention.sharing([]):
        assert model.unet.attn_processors != before
    with pytest.raises(RuntimeError), attention.sharing([]):
        torch.zeros(2).reshape(3)
    assert model.unet.attn_processors == before
    painted(model, pair_of(model, 0.5))
    assert model.unet.attn_processors == before
