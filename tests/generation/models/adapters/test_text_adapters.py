"""LoRAs of text encoders, and words that stand for vectors: for one prompt, and no other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from safetensors.torch import load_file
from torch import Tensor

from generation.models.adapters.acting import TextAdapters
from generation.models.adapters.runtime import Adapters, adapters_of
from generation.models.model import Model
from generation.models.text_encoders import PLAIN
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused
from tests.lora import write_random, write_vectors
from tests.tiny import TEXT_WIDTH, build_tiny_xl, load_tiny

PROMPTS = (
    "a red star",
    "a (red:1.3) [star]",
    "",
    ", ".join(["a red star on blue"] * 9),
    "a BREAK b",
)


@pytest.fixture(scope="module")
def xl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_xl(tmp_path_factory.mktemp("xl"), second_width=48)


@pytest.fixture
def xl(xl_folder: Path) -> Model:
    return load_tiny(xl_folder)


@torch.inference_mode()
def read(model: Model, prompt: str, adapters: TextAdapters = PLAIN) -> list[Tensor]:
    text = model.text_encoders.read(prompt, adapters)
    return [text.states] if text.pooled is None else [text.states, text.pooled]


def same(some: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(some, others, strict=True))


def loaded(model: Model, *adapters: Adapter) -> tuple[Adapters, TextAdapters]:
    runtime = adapters_of(model)
    for adapter in adapters:
        runtime.load(adapter)
    return runtime, runtime.acting_of(adapters).text


def parts(model: Model) -> dict[str, torch.nn.Module]:
    networks = (encoder.network for encoder in model.text_encoders.encoders)
    return dict(zip(("text_encoder", "text_encoder_2"), networks, strict=False))


def forget(model: Model) -> None:
    model.text_encoders.read.cache_clear()  # type: ignore[attr-defined]


def test_prompts_are_encoded_as_diffusers_encodes_them_under_a_lora(
    xl: Model, xl_folder: Path, tmp_path: Path
) -> None:
    before = {prompt: read(xl, prompt) for prompt in PROMPTS}
    path = tmp_path / "style.safetensors"
    adapter = write_random(path, {"unet": xl.unet, **parts(xl)})
    _, acting = loaded(xl, dataclasses.replace(adapter, strength=0.7))
    ours = {prompt: read(xl, prompt, acting) for prompt in PROMPTS}

    pipeline = StableDiffusionXLPipeline.from_pretrained(xl_folder, use_safetensors=True)
    pipeline.load_lora_weights(tmp_path, weight_name=path.name, adapter_name="style")
    pipeline.set_adapters(["style"], [0.7])
    with torch.inference_mode():
        states, _, pooled, _ = pipeline.encode_prompt("a red star")
    assert torch.allclose(ours["a red star"][0], states, atol=1e-5)
    assert torch.allclose(ours["a red star"][1], pooled, atol=1e-5)
    forget(xl)
    for prompt in PROMPTS:
        assert not same(ours[prompt], before[prompt])
        assert same(read(xl, prompt), before[prompt]), prompt


def test_weighted_prompts_are_measured_against_the_empty_prompt_under_the_same_lora(
    model: Model, tiny_folder: Path, tmp_path: Path
) -> None:
    adapter = write_random(tmp_path / "style.safetensors", parts(model))
    _, acting = loaded(model, adapter)
    plain, empty = (read(model, prompt, acting)[0] for prompt in ("a red star", ""))
    heavier = read(model, "a (red:2) star", acting)[0]

    moved = (heavier - plain).abs().sum(-1)[0] > 1e-6
    assert torch.allclose(heavier[0, moved], (2 * plain - empty)[0, moved], atol=1e-5)


def test_the_text_encoders_strength_is_a_number_of_its_own(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    adapter = write_random(path, {"unet": model.unet, **parts(model)})
    half = dataclasses.replace(adapter, strength=0.2, text_strength=0.5)
    runtime, acting = loaded(model, half)
    [(_, unet)] = runtime.acting_of([half]).unet
    assert (unet, acting.strengths) == (0.2, ((adapter.digest, 0.5),))
    none = dataclasses.replace(adapter, text_strength=0.0)
    assert runtime.acting_of([none]).text == TextAdapters()


def test_a_word_becomes_its_vectors_as_in_diffusers(
    model: Model, tiny_folder: Path, tmp_path: Path
) -> None:
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH, token="<rock>")
    _, acting = loaded(model, rocky)
    ours = read(model, "a <rock> on grass", acting)[0]

    pipeline = StableDiffusionPipeline.from_pretrained(tiny_folder, use_safetensors=True)
    pipeline.load_textual_inversion(tmp_path, weight_name="rocky.safetensors", token="<rock>")
    with torch.inference_mode():
        theirs, _ = pipeline.encode_prompt("a <rock> on grass", "cpu", 1, False)
    assert torch.allclose(ours, theirs, atol=1e-5)
    for written in ("a Rocky on grass", "a rocky on grass", "a   <ROCK> on grass"):
        assert same(read(model, written, acting), [ours]), written
    assert not same(read(model, "a rockys on grass", acting), [ours])


def test_both_text_encoders_of_sdxl_have_their_own_vectors(
    xl: Model, xl_folder: Path, tmp_path: Path
) -> None:
    prompt = "a <rock> on grass"
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH, 48)
    _, acting = loaded(xl, dataclasses.replace(rocky, name="<rock>"))
    states, pooled = read(xl, prompt, acting)

    pipeline = StableDiffusionXLPipeline.from_pretrained(xl_folder, use_safetensors=True)
    vectors = load_file(rocky.path)
    for key, place in (("clip_l", ""), ("clip_g", "_2")):
        pipeline.load_textual_inversion(
            vectors[key],
            token="<rock>",
            text_encoder=getattr(pipeline, f"text_encoder{place}"),
            tokenizer=getattr(pipeline, f"tokenizer{place}"),
        )
    with torch.inference_mode():
        theirs, _, theirs_pooled, _ = pipeline.encode_prompt(prompt)
    assert torch.allclose(states, theirs, atol=1e-5)
    assert torch.allclose(pooled, theirs_pooled, atol=1e-5)


def test_old_settings_of_the_end_of_a_text_do_not_mistake_a_vector_for_it(
    xl: Model, tmp_path: Path
) -> None:
    """With `eos_token_id` 2, the end is looked for as the highest token of all."""
    second = xl.text_encoders.encoders[1].network
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH, 48)
    _, acting = loaded(xl, rocky)
    _, pooled = read(xl, "a rocky", acting)
    forget(xl)
    second.text_model.eos_token_id = 2
    assert torch.equal(read(xl, "a rocky", acting)[1], pooled)


LONG = ", ".join(["a red star on a blue background"] * 5)


def test_words_are_weighed_and_found_in_long_prompts(model: Model, tmp_path: Path) -> None:
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH, count=4)
    _, acting = loaded(model, rocky)
    plain, empty = (read(model, prompt, acting)[0] for prompt in ("a rocky star", ""))
    heavier = read(model, "a (rocky:2) star", acting)[0]
    moved = (heavier - plain).abs().sum(-1)[0] > 0
    assert moved.sum() == 4
    assert torch.allclose(heavier[0, moved], (2 * plain - empty)[0, moved], atol=1e-5)
    lighter = read(model, "a (rocky:0.5) star", acting)[0]
    assert not torch.allclose(lighter, plain, atol=1e-3)

    long = read(model, f"{LONG}, rocky", acting)[0]
    assert long.shape[1] > 77
    assert not torch.equal(long, read(model, f"{LONG}, rocky")[0])


def test_nothing_is_left_of_a_word_for_other_prompts(
    model: Model, tiny_folder: Path, tmp_path: Path
) -> None:
    [encoder] = model.text_encoders.encoders
    table = encoder.network.get_input_embeddings().weight.clone()
    before = {prompt: read(model, prompt) for prompt in (*PROMPTS, "a rocky")}
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH)
    other = write_vectors(tmp_path / "other.safetensors", TEXT_WIDTH, count=1, seed=5)
    runtime, both = loaded(model, rocky, other)
    one = runtime.acting_of([rocky]).text
    read(model, "a (rocky:1.2) and an other", both)
    forget(model)

    for prompt, expected in before.items():
        assert same(read(model, prompt), expected), prompt
        if "rocky" not in prompt:
            assert same(read(model, prompt, one), expected), prompt
    assert same(read(model, "a rocky other", one), read(model, "a rocky other", one))
    assert not same(read(model, "a rocky other", one), read(model, "a rocky other", both))
    assert torch.equal(encoder.network.get_input_embeddings().weight, table)
    assert "rocky" not in encoder.tokenizer.get_vocab()


def test_an_error_while_a_prompt_is_read_leaves_no_trace(model: Model, tmp_path: Path) -> None:
    [encoder] = model.text_encoders.encoders
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH)
    style = write_random(tmp_path / "style.safetensors", parts(model))
    _, acting = loaded(model, rocky, style)
    before = read(model, "a (rocky:1.2)")

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    handle = encoder.network.register_forward_hook(fail)
    with pytest.raises(ZeroDivisionError):
        read(model, "a (rocky:1.2)", acting)
    handle.remove()
    forget(model)
    assert same(read(model, "a (rocky:1.2)"), before)


def test_an_embedding_acts_whole_or_not_at_all(model: Model, tmp_path: Path) -> None:
    rocky = write_vectors(tmp_path / "rocky.safetensors", TEXT_WIDTH)
    runtime, _ = loaded(model, rocky)
    with pytest.raises(Refused, match=r"^rocky is an embedding, .*\(rocky:0.8\)\.$"):
        runtime.acting_of([dataclasses.replace(rocky, strength=0.5)])
    off = dataclasses.replace(rocky, strength=0.0)
    assert runtime.acting_of([off]).text == TextAdapters()
