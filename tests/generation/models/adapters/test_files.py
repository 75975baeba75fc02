"""Adapter files in and out: what is read paints what other programs paint with it."""

from __future__ import annotations

import json
import re
import resource
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor

from generation.adapter_files.metadata import AdapterMetadata
from generation.catalog.bases import Base
from generation.catalog.headers import read_header
from generation.images.tensors import digest_of
from generation.models.adapters.reading import read_adapter
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import (
    AdapterWeights,
    LayerUpdate,
)
from generation.models.adapters.writing import write_kohya, write_lora
from generation.protocol.requests import Adapter
from tests import kohya
from tests.kohya import merge, painted, parts_of, pipeline_of
from tests.lora import adapter_at
from tests.single_file import unet_name
from tests.tiny import build_tiny_xl

SAID = AdapterMetadata(
    title="Foxes",
    trigger="sks fox",
    base_model="tiny",
    base_hash="ab" * 32,
    architecture=Base.SD1.value,
    licence="CC0-1.0",
    method="lora",
    settings={"steps": 500, "rate": 1e-4, "flip": False, "optimizer": "adamw"},
)


@pytest.fixture(scope="module")
def xl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_xl(tmp_path_factory.mktemp("xl"), second_width=48)


@pytest.fixture(params=["sd", "xl"])
def folder(request: pytest.FixtureRequest, tiny_folder: Path, xl_folder: Path) -> Path:
    return tiny_folder if request.param == "sd" else xl_folder


def targets_of(folder: Path) -> Targets:
    return Targets.of(parts_of(pipeline_of(folder)))


def read(adapter: Adapter, folder: Path) -> AdapterWeights:
    weights = read_adapter(adapter, targets_of(folder))
    assert isinstance(weights, AdapterWeights)
    return weights


def changes(weights: AdapterWeights, folder: Path) -> dict[str, dict[str, Tensor]]:
    """Return the change of each weight, by the formulas that `LayerUpdate` documents."""
    parts = parts_of(pipeline_of(folder))
    return {
        part: {
            path: change(update, parts[part].get_submodule(path).weight.detach())
            for path, update in layers.items()
        }
        for part, layers in weights.parts.items()
    }


def change(update: LayerUpdate, weight: Tensor) -> Tensor:
    if update.mid is None:
        product = update.up.flatten(1) @ update.down.flatten(1)
    else:
        up, down = update.up.flatten(1), update.down.flatten(1)
        product = torch.einsum("oa,abhw,bi->oihw", up, update.mid, down)
    new = weight + product.reshape(weight.shape) * update.alpha / update.rank
    if update.magnitude is not None:
        axes = [axis for axis, side in enumerate(update.magnitude.shape) if side == 1]
        new = new * update.magnitude / torch.linalg.vector_norm(new, dim=axes, keepdim=True)
    return new - weight


def in_diffusers(file: Path, folder: Path) -> Tensor:
    pipeline = pipeline_of(folder)
    pipeline.load_lora_weights(file.parent, weight_name=file.name)
    return painted(pipeline)


def merged(folder: Path, weights: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    pipeline = pipeline_of(folder)
    merge(pipeline, weights)
    return painted(pipeline)


def assert_equal_pictures(ours: Tensor, theirs: Tensor, plain: Tensor) -> None:
    assert (theirs - plain).abs().mean() > 1e-3
    assert torch.allclose(ours, theirs, atol=1e-4, rtol=1e-4)


# Kohya's layout ------------------------------------------------------------------------------


def test_a_file_by_kohyas_rules_paints_what_its_weights_paint(folder: Path, tmp_path: Path) -> None:
    theirs = kohya.write_kohya(tmp_path / "theirs.safetensors", folder, conv=True)
    weights = read(theirs.adapter, folder)
    assert {part: layers.keys() for part, layers in weights.parts.items()} == {
        part: layers.keys() for part, layers in theirs.changes.items()
    }
    write_lora(tmp_path / "ours.safetensors", weights, SAID)

    plain, expected = painted(pipeline_of(folder)), merged(folder, theirs.changes)
    assert_equal_pictures(merged(folder, changes(weights, folder)), expected, plain)
    assert_equal_pictures(in_diffusers(tmp_path / "ours.safetensors", folder), expected, plain)


def test_diffusers_reads_the_same_from_a_file_by_kohyas_rules(folder: Path, tmp_path: Path) -> None:
    theirs = kohya.write_kohya(tmp_path / "theirs.safetensors", folder)
    weights = read(theirs.adapter, folder)

    ours = merged(folder, changes(weights, folder))
    diffusers = in_diffusers(theirs.adapter.path, folder)
    assert_equal_pictures(ours, diffusers, painted(pipeline_of(folder)))


@pytest.mark.parametrize("conv", [False, True])
def test_what_is_written_for_kohya_has_the_names_and_the_numbers_of_its_own_file(
    folder: Path, tmp_path: Path, conv: bool
) -> None:
    theirs = kohya.write_kohya(tmp_path / "theirs.safetensors", folder, conv=conv)
    weights = read(theirs.adapter, folder)
    write_kohya(tmp_path / "ours.safetensors", weights, SAID, targets_of(folder))

    ours = load_file(tmp_path / "ours.safetensors")
    assert ours.keys() == theirs.tensors.keys()
    assert all(torch.equal(ours[key], theirs.tensors[key]) for key in ours)


def test_original_names_lead_to_the_layers_of_a_small_model_too(
    tiny_folder: Path, tmp_path: Path
) -> None:
    theirs = kohya.write_kohya(tmp_path / "theirs.safetensors", tiny_folder, text=False)
    unet = pipeline_of(tiny_folder).unet
    levels = len(unet.config.block_out_channels)
    originals = {
        "lora_unet_" + path.replace(".", "_"): unet_name(
            f"{path}.weight", unet.config.layers_per_block, levels
        ).removesuffix(".weight")
        for path in theirs.changes["unet"]
    }
    tensors = {}
    for key, tensor in theirs.tensors.items():
        name, _, end = key.partition(".")
        tensors[f"diffusion_model.{originals[name]}.{end}"] = tensor  # as ComfyUI saves them
    save_file(tensors, tmp_path / "comfy.safetensors")

    found = changes(read(adapter_at(tmp_path / "comfy.safetensors"), tiny_folder), tiny_folder)
    assert_equal_changes(found, theirs.changes)


def assert_equal_changes(
    ours: Mapping[str, Mapping[str, Tensor]], theirs: Mapping[str, Mapping[str, Tensor]]
) -> None:
    assert ours.keys() == theirs.keys()
    for part in ours:
        assert ours[part].keys() == theirs[part].keys()
        for path in ours[part]:
            assert torch.allclose(ours[part][path], theirs[part][path], atol=1e-5)


# Peft's and diffusers' layouts ----------------------------------------------------------------


SETTINGS = {
    "one alpha": {"r": 4, "lora_alpha": 6},
    "patterns": {"r": 4, "lora_alpha": 4, "rank_pattern": 2, "alpha_pattern": 1.5},
    "rslora": {"r": 4, "lora_alpha": 2, "use_rslora": True},
    "dora": {"r": 2, "lora_alpha": 3, "use_dora": True},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_diffusers_saves_paints_alike_and_so_does_what_is_written(
    tiny_folder: Path, tmp_path: Path, name: str
) -> None:
    # Transformers does not find the magnitudes of text encoders that diffusers saves.
    theirs = save_by_diffusers(tmp_path, tiny_folder, SETTINGS[name], text=name != "dora")
    weights = read(adapter_at(theirs), tiny_folder)
    write_lora(tmp_path / "ours.safetensors", weights, SAID)

    plain, expected = painted(pipeline_of(tiny_folder)), in_diffusers(theirs, tiny_folder)
    assert_equal_pictures(merged(tiny_folder, changes(weights, tiny_folder)), expected, plain)
    ours = in_diffusers(tmp_path / "ours.safetensors", tiny_folder)
    assert torch.allclose(ours, expected, atol=1e-5)


def test_dora_of_a_text_encoder_is_written_so_that_diffusers_finds_it(
    tiny_folder: Path, tmp_path: Path
) -> None:
    theirs = save_by_diffusers(tmp_path, tiny_folder, SETTINGS["dora"])
    weights = read(adapter_at(theirs), tiny_folder)
    write_lora(tmp_path / "ours.safetensors", weights, SAID)

    expected = merged(tiny_folder, changes(weights, tiny_folder))
    ours = in_diffusers(tmp_path / "ours.safetensors", tiny_folder)
    assert_equal_pictures(ours, expected, painted(pipeline_of(tiny_folder)))


def save_by_diffusers(
    folder: Path, model: Path, settings: Mapping[str, Any], *, text: bool = True
) -> Path:
    """Train nothing: fill peft's adapters by chance, and save them."""
    pipeline = pipeline_of(model)
    layers = ["to_q", "to_v", "ff.net.0.proj", "conv1", "proj_in", "conv_shortcut"]
    chosen = {"unet": layers} | ({"text_encoder": ["q_proj", "fc1"]} if text else {})
    chance = torch.Generator().manual_seed(0)
    saved: dict[str, Any] = {}
    for part, names in chosen.items():
        module = getattr(pipeline, part)
        patterns = {
            key: {names[0]: value} for key, value in settings.items() if key.endswith("_pattern")
        }
        config = LoraConfig(
            **(dict(settings) | patterns), target_modules=names, init_lora_weights=False
        )
        module.add_adapter(config, adapter_name="default")
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                if "lora_magnitude" in name:
                    parameter *= 1.3
                elif "lora_" in name:
                    parameter.copy_(torch.randn(parameter.shape, generator=chance) * 0.2)
        state = get_peft_model_state_dict(module, adapter_name="default")
        saved[f"{part}_lora_layers"] = state
        saved[f"{part}_lora_adapter_metadata"] = module.peft_config["default"].to_dict()
    pipeline.save_lora_weights(folder, **saved)
    return folder / "pytorch_lora_weights.safetensors"


def test_layers_of_several_ranks_without_any_alpha_are_scaled_by_one(
    tiny_folder: Path, tmp_path: Path
) -> None:
    settings = {"r": 4, "lora_alpha": 4, "rank_pattern": 2, "alpha_pattern": 2}
    file = save_by_diffusers(tmp_path, tiny_folder, settings)
    save_file(load_file(file), file)

    found = changes(read(adapter_at(file), tiny_folder), tiny_folder)
    assert_equal_pictures(
        merged(tiny_folder, found),
        in_diffusers(file, tiny_folder),
        painted(pipeline_of(tiny_folder)),
    )


OLD: dict[str, Callable[[str], str]] = {
    "attention processors": lambda key: re.sub(
        r"\.(attn\d)\.to_(\w+?)(\.0)?\.lora\.", r".\1.processor.to_\2_lora.", key
    ),
    "without the parts": lambda key: key.removeprefix("unet."),
    "linear layers": lambda key: (
        key if "unet" in key else key.replace(".lora.", ".lora_linear_layer.")
    ),
    "the text encoder's old names": lambda key: re.sub(
        r"self_attn\.(\w+)_proj\.lora\.", r"self_attn.to_\1_lora.", key
    ),
    "the text encoder without text_model": lambda key: key.replace("text_model.", ""),
}


@pytest.mark.parametrize("name", OLD)
def test_old_names_of_diffusers_are_read(tiny_folder: Path, tmp_path: Path, name: str) -> None:
    text = name.startswith(("the text", "linear"))
    theirs = kohya.write_kohya(tmp_path / "kohya.safetensors", tiny_folder, text=text, alpha=4.0)
    write_lora(tmp_path / "new.safetensors", read(theirs.adapter, tiny_folder), SAID)
    tensors = {
        OLD[name](key.replace("lora_A", "lora.down").replace("lora_B", "lora.up")): tensor
        for key, tensor in load_file(tmp_path / "new.safetensors").items()
    }
    save_file(tensors, tmp_path / "old.safetensors")

    found = changes(read(adapter_at(tmp_path / "old.safetensors"), tiny_folder), tiny_folder)
    assert_equal_changes(found, theirs.changes)


# LyCORIS' additions ------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", ["outputs", "inputs"])
def test_dora_by_lycoris_is_read_along_either_axis(
    tiny_folder: Path, tmp_path: Path, axis: str
) -> None:
    """Its code: `weight * (dora_scale / norm)`, the norm over all other axes."""
    theirs = kohya.write_kohya(tmp_path / "plain.safetensors", tiny_folder, conv=True, text=False)
    unet, tensors, expected = pipeline_of(tiny_folder).unet, dict(theirs.tensors), {}
    for path, difference in theirs.changes["unet"].items():
        weight = unet.get_submodule(path).weight.detach()
        keep = 0 if axis == "outputs" else 1
        others = [k for k in range(weight.ndim) if k != keep]
        scale = torch.linalg.vector_norm(weight, dim=others, keepdim=True) * 1.2
        new = weight + difference
        expected[path] = (
            new * (scale / torch.linalg.vector_norm(new, dim=others, keepdim=True)) - weight
        )
        tensors[f"lora_unet_{path.replace('.', '_')}.dora_scale"] = scale
    save_file(tensors, tmp_path / "dora.safetensors")

    weights = read(adapter_at(tmp_path / "dora.safetensors"), tiny_folder)
    assert_equal_changes(changes(weights, tiny_folder), {"unet": expected})
    if axis == "inputs":
        with pytest.raises(ValueError, match="outputs alone"):
            write_lora(tmp_path / "ours.safetensors", weights, SAID)
        assert not list(tmp_path.glob("ours*"))
    else:
        write_lora(tmp_path / "ours.safetensors", weights, SAID)
        assert_equal_pictures(
            in_diffusers(tmp_path / "ours.safetensors", tiny_folder),
            merged(tiny_folder, {"unet": expected}),
            painted(pipeline_of(tiny_folder)),
        )


def test_a_factor_in_the_middle_is_read_and_written(tiny_folder: Path, tmp_path: Path) -> None:
    """LyCORIS' LoCon with `use_tucker`."""
    path, name = "down_blocks.0.resnets.0.conv1", "lora_unet_down_blocks_0_resnets_0_conv1"
    chance = torch.Generator().manual_seed(0)
    down, mid, up = (
        torch.randn(shape, generator=chance)
        for shape in ((3, 32, 1, 1), (3, 3, 3, 3), (32, 3, 1, 1))
    )
    ends = {"lora_down.weight": down, "lora_mid.weight": mid, "lora_up.weight": up}
    tensors = {f"{name}.{end}": tensor for end, tensor in ends.items()}
    save_file(tensors | {f"{name}.alpha": torch.tensor(1.5)}, tmp_path / "cp.safetensors")
    weights = read(adapter_at(tmp_path / "cp.safetensors"), tiny_folder)
    write_lora(tmp_path / "ours.safetensors", weights, SAID)

    kernel = torch.einsum("or,rshw,si->oihw", up[:, :, 0, 0], mid, down[:, :, 0, 0]) * 0.5
    expected = merged(tiny_folder, {"unet": {path: kernel}})
    plain = painted(pipeline_of(tiny_folder))
    assert_equal_pictures(in_diffusers(tmp_path / "ours.safetensors", tiny_folder), expected, plain)
    assert_equal_pictures(merged(tiny_folder, changes(weights, tiny_folder)), expected, plain)


# Writing ------------------------------------------------------------------------------------------


def test_the_same_weights_give_the_same_bytes_on_every_day(tmp_path: Path) -> None:
    def update(rank: int) -> LayerUpdate:
        down, up = torch.arange(8.0 * rank).reshape(rank, 8), torch.ones(8, rank).half()
        return LayerUpdate(down=down, up=up, alpha=rank / 4)

    layers = {path: update(rank) for rank, path in enumerate(("b", "a", "c.d", "c.e"), 1)}
    weights = AdapterWeights(parts={"unet": layers, "text_encoder": {"x": update(2)}})
    write_lora(tmp_path / "a.safetensors", weights, SAID)
    write_lora(tmp_path / "b.safetensors", weights, SAID)

    data = (tmp_path / "a.safetensors").read_bytes()
    assert (tmp_path / "b.safetensors").read_bytes() == data
    assert digest_of(data) == "1667d58acc56c27b9db7c1382b3b83b1a6fef2bbb29ed984a6d6d3adb1674ee4"
    assert {file.name for file in tmp_path.iterdir()} == {"a.safetensors", "b.safetensors"}
    assert len(load_file(tmp_path / "a.safetensors")) == 10


def test_the_last_file_stays_if_a_new_one_cannot_be_written(
    tiny_folder: Path, tmp_path: Path
) -> None:
    weights = read(kohya.write_kohya(tmp_path / "in.safetensors", tiny_folder).adapter, tiny_folder)
    out = tmp_path / "out.safetensors"
    write_lora(out, weights, SAID)
    before = out.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**14, limit[1]))
        with pytest.raises(OSError, match="File too large"):
            write_lora(out, weights, AdapterMetadata())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)

    assert out.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"in.safetensors", "out.safetensors"}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_kept(tiny_folder: Path, tmp_path: Path, dtype: torch.dtype) -> None:
    theirs = kohya.write_kohya(tmp_path / "full.safetensors", tiny_folder)
    save_file({k: t.to(dtype) for k, t in theirs.tensors.items()}, tmp_path / "half.safetensors")
    weights = read(adapter_at(tmp_path / "half.safetensors"), tiny_folder)
    write_lora(tmp_path / "ours.safetensors", weights, SAID)

    again = read(adapter_at(tmp_path / "ours.safetensors"), tiny_folder)
    assert again.nbytes == weights.nbytes
    for part, layers in weights.parts.items():
        for path, update in layers.items():
            other = again.parts[part][path]
            assert update.down.dtype is dtype
            assert torch.equal(update.down, other.down)
            assert torch.equal(update.up, other.up)
            assert update.alpha == other.alpha == 2.0


# Metadata ----------------------------------------------------------------------------------------


def test_metadata_is_read_as_it_was_written_and_others_find_theirs(
    tiny_folder: Path, tmp_path: Path
) -> None:
    weights = read(kohya.write_kohya(tmp_path / "in.safetensors", tiny_folder).adapter, tiny_folder)
    write_lora(tmp_path / "out.safetensors", weights, SAID)

    assert read(adapter_at(tmp_path / "out.safetensors"), tiny_folder).metadata == SAID
    header = read_header(tmp_path / "out.safetensors")
    assert header is not None
    shown = {
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": "stable-diffusion-v1/lora",
        "modelspec.implementation": "diffusers",
        "modelspec.title": "Foxes",
        "modelspec.trigger_phrase": "sks fox",
        "modelspec.license": "CC0-1.0",
        "ss_base_model_version": "sd_v1",
        "ss_sd_model_name": "tiny",
        "ss_new_sd_model_hash": "ab" * 32,
        "ss_network_dim": "4",
        "ss_network_alpha": "2.0",
    }
    assert header.metadata.items() >= shown.items()


def test_metadata_of_kohyas_scripts_is_read(tiny_folder: Path, tmp_path: Path) -> None:
    said = {
        "ss_output_name": "foxes",
        "ss_sd_model_name": "model.safetensors",
        "ss_new_sd_model_hash": "cd" * 32,
        "ss_base_model_version": "sd_v1",
        "ss_network_module": "networks.lora",
        "ss_learning_rate": "0.0001",
        "ss_tag_frequency": json.dumps({"img": {f"tag {k}": k for k in range(1000)}}),
        "modelspec.trigger_phrase": "sks\x00 fox/../..\n",
    }
    theirs = kohya.write_kohya(tmp_path / "in.safetensors", tiny_folder, metadata=said)

    found = read(theirs.adapter, tiny_folder).metadata
    assert (found.title, found.base_model) == ("foxes", "model.safetensors")
    assert (found.base_hash, found.architecture) == ("cd" * 32, "sd_v1")
    assert found.trigger == "sks  fox/../.."
    assert found.settings["learning_rate"] == "0.0001"
    assert "tag_frequency" not in found.settings


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "[]", '{"title": 5, "settings": []}'])
def test_metadata_that_cannot_be_read_is_left_out(
    tiny_folder: Path, tmp_path: Path, text: str
) -> None:
    said = {"konomi.adapter": text}
    theirs = kohya.write_kohya(tmp_path / "in.safetensors", tiny_folder, metadata=said)

    assert read(theirs.adapter, tiny_folder).metadata == AdapterMetadata()
