"""Files that cannot be applied, each with its sentence, before any tensor is loaded."""

from __future__ import annotations

import json
import os
import pickle
import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor

from generation.catalog.bases import Base
from generation.models.adapters.reading import read_adapter
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import AdapterWeights
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused
from tests.kohya import parts_of, pipeline_of
from tests.lora import adapter_at
from tests.tiny import build_tiny_xl

LINEAR = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
WIDTH = 32
"""Of the tiny UNet's first level."""
LINEAR_SHAPE = (WIDTH, WIDTH)
CONV = "down_blocks.0.resnets.0.conv1"
FLAT = "lora_unet_" + LINEAR.replace(".", "_")
FLAT_CONV = "lora_unet_" + CONV.replace(".", "_")
TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1"
NAN = torch.tensor(torch.nan)

Tensors = dict[str, Tensor]


@pytest.fixture(scope="module")
def targets(tiny_folder: Path) -> Targets:
    return Targets.of(parts_of(pipeline_of(tiny_folder)))


def lora(
    name: str = FLAT, rank: int = 2, into: int = WIDTH, out: int = WIDTH, kernel: int = 0
) -> Tensors:
    down, up = ((rank, into, kernel, kernel), (out, rank, 1, 1))
    if not kernel:
        down, up = down[:2], up[:2]
    return {
        f"{name}.lora_down.weight": torch.ones(down),
        f"{name}.lora_up.weight": torch.ones(up),
        f"{name}.alpha": torch.tensor(1.0),
    }


def peft(name: str = LINEAR, rank: int = 2) -> Tensors:
    return {
        f"unet.{name}.lora_A.weight": torch.ones(rank, WIDTH),
        f"unet.{name}.lora_B.weight": torch.ones(WIDTH, rank),
    }


def said_of(settings: Mapping[str, Any]) -> dict[str, str]:
    return {"lora_adapter_metadata": json.dumps(settings)}


def other_kind(kind: str) -> str:
    return f"is of the type {kind}, which Konomi does not support. Use a LoRA, LoCon or DoRA."


def other_base(base: str) -> str:
    loaded = "but Stable Diffusion 1.x is loaded. Choose an adapter made for Stable Diffusion 1.x."
    return f"was made for {base}, {loaded}"


OTHER_MODEL = "was made for another kind of model."
INCOMPLETE = "is not a complete LoRA or embedding."
WHOLE = "changes the model's weights in other ways than LoRA does, which Konomi does not support."
SETTINGS = "contains settings that cannot be read."
XL = "Stable Diffusion XL"

FILES: dict[str, tuple[str, Tensors, dict[str, str]]] = {
    # Kinds of LyCORIS and others
    "LoHa": (other_kind("LoHa"), {f"{FLAT}.hada_w1_a": torch.ones(2, 2)}, {}),
    "LoKr": (other_kind("LoKr"), {f"{FLAT}.lokr_w1": torch.ones(2, 2)} | lora(TEXT), {}),
    "OFT": (other_kind("OFT"), {f"{FLAT}.oft_blocks": torch.ones(2, 2, 2)}, {}),
    "GLoRA": (
        other_kind("GLoRA"),
        {f"{FLAT}.{end}.weight": torch.ones(2, 2) for end in ("a1", "a2", "b1", "b2")},
        {},
    ),
    "IA3": (
        other_kind("IA³"),
        {f"{FLAT}.weight": torch.ones(WIDTH), f"{FLAT}.on_input": torch.ones(())},
        {},
    ),
    "Full": (other_kind("Full"), {f"{FLAT}.diff": torch.ones(WIDTH, WIDTH)} | lora(TEXT), {}),
    "ControlNet": (other_kind("ControlNet"), {"lora_controlnet": torch.ones(1)} | lora(), {}),
    # Other bases
    "by kohya's metadata": (other_base(XL), lora(), {"ss_base_model_version": "sdxl_base_v1-0"}),
    "by modelspec": (
        other_base(XL),
        lora(),
        {"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"},
    ),
    "by ai-toolkit": (other_base(XL), lora(), {"ss_base_model_version": "sdxl_1.0"}),
    "unknown": (other_base("flux-1-dev"), lora(), {"modelspec.architecture": "flux-1-dev/lora"}),
    "with slashes": (other_base("?.."), lora(), {"ss_base_model_version": "\x1b../etc/passwd"}),
    "by its second encoder": (
        other_base(XL),
        lora("lora_te2_text_model_encoder_layers_0_mlp_fc1"),
        {},
    ),
    "by the width of its texts": (
        other_base(XL),
        lora(FLAT.replace("attn1_to_q", "attn2_to_k"), into=2048),
        {},
    ),
    "Flux by its names": (other_base("Flux"), lora("lora_unet_double_blocks_0_img_attn_qkv"), {}),
    # Names and shapes
    "an unknown tensor": (
        "contains an unknown tensor: x/../y?.",
        lora() | {"x/../y\n": torch.ones(1)},
        {},
    ),
    "a long name": (
        f"contains an unknown tensor: {'x' * 59}….",
        lora() | {"x" * 10_000: torch.ones(1)},
        {},
    ),
    "an unknown layer": (OTHER_MODEL, lora(FLAT + "_x"), {}),
    "a layer in two layouts": (
        f"changes the layer {LINEAR} twice.",
        lora() | peft(),
        {},
    ),
    "nothing": (INCOMPLETE, {}, {}),
    "a factor alone": (INCOMPLETE, {f"{FLAT}.lora_down.weight": torch.ones(2, WIDTH)}, {}),
    "an alpha alone": (INCOMPLETE, lora() | {f"{TEXT}.alpha": torch.ones(())}, {}),
    "another width": (OTHER_MODEL, lora(into=65), {}),
    "another width out": (OTHER_MODEL, lora(out=63), {}),
    "a kernel on a linear layer": (OTHER_MODEL, lora(kernel=1), {}),
    "no kernel on a convolution": (OTHER_MODEL, lora(FLAT_CONV), {}),
    "another kernel": (OTHER_MODEL, lora(FLAT_CONV, kernel=5), {}),
    "the text encoder's widths": (OTHER_MODEL, lora(TEXT, into=32, out=65), {}),
    "a middle for a linear layer": (
        OTHER_MODEL,
        lora() | {f"{FLAT}.lora_mid.weight": torch.ones(2, 2)},
        {},
    ),
    "a middle of another rank": (
        OTHER_MODEL,
        lora(FLAT_CONV, kernel=1) | {f"{FLAT_CONV}.lora_mid.weight": torch.ones(3, 3, 3, 3)},
        {},
    ),
    "magnitudes of another length": (
        OTHER_MODEL,
        lora() | {f"{FLAT}.dora_scale": torch.ones(WIDTH - 1, 1)},
        {},
    ),
    "magnitudes of another shape": (
        OTHER_MODEL,
        lora() | {f"{FLAT}.dora_scale": torch.ones(WIDTH, WIDTH)},
        {},
    ),
    "several alphas": (OTHER_MODEL, lora() | {f"{FLAT}.alpha": torch.ones(2)}, {}),
    "a rank of none": (
        "has a rank that is not between 1 and 512.",
        lora(rank=0),
        {},
    ),
    "a rank too high": ("has a rank that is not between 1 and 512.", lora(rank=513), {}),
    # Numbers
    "doubles": (
        "contains numbers that are neither 16-bit nor 32-bit.",
        {key: tensor.double() for key, tensor in lora().items()},
        {},
    ),
    "eight bits": (
        "contains numbers that are neither 16-bit nor 32-bit.",
        {key: tensor.to(torch.float8_e4m3fn) for key, tensor in lora().items()},
        {},
    ),
    "NaN": (
        "contains values that are infinite or not numbers.",
        lora() | {f"{FLAT}.alpha": NAN},
        {},
    ),
    "infinity": (
        "contains values that are infinite or not numbers.",
        {key: tensor / 0 for key, tensor in lora().items()},
        {},
    ),
    "an alpha of 0": (
        "has an alpha that is not a number above 0.",
        lora() | {f"{FLAT}.alpha": torch.tensor(0.0)},
        {},
    ),
    # Settings of peft
    "biases by name": (WHOLE, peft() | {f"unet.{LINEAR}.lora_B.bias": torch.ones(WIDTH)}, {}),
    "biases by setting": (WHOLE, peft(), said_of({"unet.bias": "lora_only"})),
    "whole modules": (WHOLE, peft(), said_of({"modules_to_save": ["conv_in"]})),
    "PiSSA": (WHOLE, peft(), said_of({"unet.init_lora_weights": "pissa_niter_4"})),
    "DoRA without magnitudes": (INCOMPLETE, peft(), said_of({"use_dora": True})),
    "settings that are no JSON": (SETTINGS, peft(), {"lora_adapter_metadata": "{"}),
    "settings too deep": (SETTINGS, peft(), {"lora_adapter_metadata": "[" * 200_000}),
    "settings that are a list": (SETTINGS, peft(), {"lora_adapter_metadata": "[1]"}),
    "an endless pattern": (SETTINGS, peft(), said_of({"alpha_pattern": {"(a|a)*(a+)+b": 1}})),
    "patterns that are a list": (SETTINGS, peft(), said_of({"unet.alpha_pattern": [1]})),
    "an alpha that is true": (SETTINGS, peft(), said_of({"unet.lora_alpha": True})),
    "an alpha that is infinite": (SETTINGS, peft(), said_of({"lora_alpha": float("inf")})),
}


@pytest.mark.parametrize("name", FILES)
def test_what_cannot_be_applied_is_said_in_one_sentence(
    targets: Targets, tmp_path: Path, name: str
) -> None:
    said, tensors, metadata = FILES[name]
    save_file(tensors, tmp_path / "bad.safetensors", metadata or None)
    assert refusal(adapter_at(tmp_path / "bad.safetensors"), targets) == f"The adapter bad {said}"


def refusal(adapter: Adapter, targets: Targets) -> str:
    with pytest.raises(Refused) as refused:
        read_adapter(adapter, targets)
    return str(refused.value)


def test_the_same_tensors_without_the_fault_are_read(targets: Targets, tmp_path: Path) -> None:
    """So that the table above tests the faults."""
    for tensors in (lora(), lora(FLAT_CONV, kernel=3), lora(TEXT, out=64), peft()):
        save_file(tensors, tmp_path / "good.safetensors", {"ss_base_model_version": "sd_v1"})
        weights = read_adapter(adapter_at(tmp_path / "good.safetensors"), targets)
        assert isinstance(weights, AdapterWeights)


def test_an_adapter_of_stable_diffusion_is_refused_by_sdxl(tmp_path: Path) -> None:
    folder = build_tiny_xl(tmp_path / "xl", second_width=48)
    targets = Targets.of(parts_of(pipeline_of(folder)))
    assert targets.base is Base.SDXL
    save_file(lora(), tmp_path / "bad.safetensors", {"ss_base_model_version": "sd_v1"})
    assert refusal(adapter_at(tmp_path / "bad.safetensors"), targets) == (
        "The adapter bad was made for Stable Diffusion 1.x, but Stable Diffusion XL is loaded. "
        "Choose an adapter made for Stable Diffusion XL."
    )


# Files that are not what they are called ---------------------------------------------------------


class _Trap:
    """An object that runs code if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was read",)


def header(text: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text)) + text + body


def entry(shape: list[Any], offsets: list[Any], **more: Any) -> bytes:
    said = {"dtype": "F32", "shape": shape, "data_offsets": offsets} | more
    return json.dumps({f"{FLAT}.lora_down.weight": said}).encode()


NOT = "is not a .safetensors file."
PICKLE = (
    "is not a .safetensors file. It is a pickle or an archive, which could run code, so it was "
    "not opened."
)
CUT = "is not as long as its header says. Download it again."

DATA: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": (NOT, lambda: b""),
    "zeros": (NOT, lambda: bytes(64)),
    "ones": (NOT, lambda: b"\xff" * 64),
    "a pickle": (PICKLE, lambda: pickle.dumps(_Trap())),
    "an archive": (PICKLE, lambda: b"PK\x03\x04" * 9),
    "a web page": (NOT, lambda: b"<!doctype html><html><body>Log in</body></html>"),
    "cut in its header": (NOT, lambda: save(lora())[:40]),
    "cut in its data": (CUT, lambda: save(lora())[:-4]),
    "with more behind it": (CUT, lambda: save(lora()) + b"more"),
    "a header of another kind": (NOT, lambda: header(b"[1, 2]")),
    "no shape": (NOT, lambda: header(b'{"a": {"dtype": "F32", "data_offsets": [0, 0]}}')),
    "an endless side": (NOT, lambda: header(entry([1e999], [0, 4]), bytes(4))),
    "negative offsets": (NOT, lambda: header(entry([1], [-8, 4]), bytes(4))),
    "offsets far beyond": (CUT, lambda: header(entry([2, 64], [0, 2**62]), bytes(4))),
    "a depth without end": (NOT, lambda: header(b'{"a":' * 100_000)),
    "a shape that lies": (
        NOT,
        lambda: header(
            json.dumps(
                {
                    f"{FLAT}.lora_down.weight": {
                        "dtype": "F32",
                        "shape": [2, WIDTH],
                        "data_offsets": [0, 4],
                    },
                    f"{FLAT}.lora_up.weight": {
                        "dtype": "F32",
                        "shape": [WIDTH, 2],
                        "data_offsets": [4, 8],
                    },
                }
            ).encode(),
            bytes(8),
        ),
    ),
}


@pytest.mark.parametrize("name", DATA)
def test_nothing_but_safetensors_is_opened(targets: Targets, tmp_path: Path, name: str) -> None:
    said, make = DATA[name]
    (tmp_path / "bad.safetensors").write_bytes(make())
    assert refusal(adapter_at(tmp_path / "bad.safetensors"), targets) == f"The adapter bad {said}"


def test_a_file_of_two_gigabytes_is_refused_unread(targets: Targets, tmp_path: Path) -> None:
    file = tmp_path / "huge.safetensors"
    with file.open("wb") as stream:
        stream.write(save(lora()))
        stream.truncate(2 * 2**30)
    begun = time.monotonic()
    adapter = Adapter(path=file, digest="0" * 64, name="huge")
    assert refusal(adapter, targets) == "The adapter huge is larger than 1 GiB."
    assert time.monotonic() - begun < 0.5


def test_a_header_beyond_all_measure_is_refused_unread(targets: Targets, tmp_path: Path) -> None:
    file = tmp_path / "bad.safetensors"
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", 2**25))
        stream.truncate(2**25 + 8)
    adapter = Adapter(path=file, digest="0" * 64, name="bad")
    assert refusal(adapter, targets) == f"The adapter bad {NOT}"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_folders_and_pipes_are_refused(
    targets: Targets, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "odd")
    adapter = Adapter(path=tmp_path / "odd", digest="0" * 64, name="odd")
    assert refusal(adapter, targets) == "The adapter odd cannot be read."


def test_more_tensors_than_layers_can_have_are_refused_at_once(
    targets: Targets, tmp_path: Path
) -> None:
    many = {f"{FLAT}.{k}.alpha": torch.zeros(()) for k in range(20_001)}
    save_file(many, tmp_path / "bad.safetensors")
    adapter = adapter_at(tmp_path / "bad.safetensors")
    assert refusal(adapter, targets) == f"The adapter bad {OTHER_MODEL}"
