"""Adapters from files: read, checked, loaded beside each other, and switched on and off."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from generation.adapter_files.kinds import MAX_RANK
from generation.models.adapters.runtime import Adapters
from generation.models.adapters.trained import TrainedAdapters
from generation.models.loading import fuse
from generation.protocol.requests import Adapter
from generation.requests.refused import Refused
from tests.lora import adapter_at, write_lora


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def first(folder: Path, tiny_folder: Path) -> Adapter:
    return write_lora(folder / "first.safetensors", tiny_folder, seed=1)


@pytest.fixture(scope="module")
def second(folder: Path, tiny_folder: Path) -> Adapter:
    path = folder / "second.safetensors"
    return write_lora(path, tiny_folder, seed=2, rank=2, alpha=3.0, layers=("to_q", "to_k"))


@pytest.fixture(scope="module")
def mixed(folder: Path, tiny_folder: Path) -> Adapter:
    path = folder / "mixed.safetensors"
    return write_lora(path, tiny_folder, seed=4, alpha=6.0, ranks={"to_q": 2, "to_out.0": 3})


@pytest.fixture(scope="module")
def unprefixed(folder: Path, tiny_folder: Path) -> Adapter:
    return write_lora(folder / "third.safetensors", tiny_folder, seed=3, by_pipeline=True)


@pytest.fixture
def unet(tiny_folder: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(tiny_folder, subfolder="unet").eval()


@torch.inference_mode()
def predict(unet: UNet2DConditionModel) -> Tensor:
    chance = torch.Generator().manual_seed(0)
    sample = torch.randn((2, 4, 12, 12), generator=chance)
    states = torch.randn((2, 7, unet.config.cross_attention_dim), generator=chance)
    return unet(sample, torch.tensor([900.0, 20.0]), states, return_dict=False)[0]


def theirs(folder: Path, strengths: dict[Adapter, float]) -> Tensor:
    """Return diffusers' prediction with these adapters at these strengths."""
    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet").eval()
    for number, adapter in enumerate(strengths):
        prefix = "unet" if any("unet." in key for key in load_file(adapter.path)) else None
        unet.load_lora_adapter(
            adapter.path.parent,
            weight_name=adapter.path.name,
            prefix=prefix,
            adapter_name=f"a{number}",
        )
    unet.set_adapters([f"a{number}" for number in range(len(strengths))], [*strengths.values()])
    return predict(unet)


@pytest.mark.filterwarnings("ignore:Already found a `peft_config`")  # diffusers' own, in `theirs`
def test_together_they_predict_what_diffusers_predicts(
    unet: UNet2DConditionModel,
    tiny_folder: Path,
    first: Adapter,
    second: Adapter,
    mixed: Adapter,
    unprefixed: Adapter,
) -> None:
    adapters = Adapters(unet)
    plain = predict(unet)
    for adapter in (first, second, unprefixed, mixed):
        adapters.load(adapter)
        assert torch.equal(predict(unet), plain)

    for chosen in (
        {first: 0.5, second: 0.8},
        {second: -1.5},
        {unprefixed: 0.7, first: 1.0},
        {mixed: 0.4, second: 0.3},
    ):
        strengths = tuple((adapter.digest, strength) for adapter, strength in chosen.items())
        with adapters.acting([strengths]):
            ours = predict(unet)
        assert torch.allclose(ours, theirs(tiny_folder, chosen), atol=1e-5)
        assert (ours - plain).abs().mean() > 1e-3
        assert torch.equal(predict(unet), plain)


def test_an_adapter_that_is_trained_stands_beside_loaded_ones(
    unet: UNet2DConditionModel, first: Adapter
) -> None:
    adapters = Adapters(unet)
    plain = predict(unet)
    adapters.load(first)
    with adapters.acting([((first.digest, 1.0),)]):
        alone = predict(unet)
    training = TrainedAdapters(unet)
    parameters = training.add("new", 2, seed=0)
    with adapters.acting([((first.digest, 1.0),)]):
        assert torch.equal(predict(unet), alone)
    with training.using("new"):
        trained = [parameter for parameter in unet.parameters() if parameter.requires_grad]
        assert {id(parameter) for parameter in trained} >= {id(each) for each in parameters}
        assert len(trained) == len(parameters)
        assert torch.equal(predict(unet), plain)
    training.remove("new")
    with adapters.acting([((first.digest, 1.0),)]):
        assert torch.equal(predict(unet), alone)
    assert torch.equal(predict(unet), plain)


def test_fused_projections_do_not_pass_by_the_adapters(
    unet: UNet2DConditionModel, tiny_folder: Path, second: Adapter
) -> None:
    fuse(unet)
    adapters = Adapters(unet)
    plain = predict(unet)
    adapters.load(second)
    with adapters.acting([((second.digest, 0.9),)]):
        ours = predict(unet)

    assert torch.allclose(ours, theirs(tiny_folder, {second: 0.9}), atol=1e-5)
    assert torch.equal(predict(unet), plain)


def test_an_error_while_they_are_on_leaves_them_off(
    unet: UNet2DConditionModel, first: Adapter
) -> None:
    adapters = Adapters(unet)
    plain = predict(unet)
    adapters.load(first)
    with pytest.raises(ZeroDivisionError), adapters.acting([((first.digest, 0.5),)]):
        raise ZeroDivisionError

    assert torch.equal(predict(unet), plain)


def test_those_used_longest_ago_are_unloaded_but_none_in_use(
    unet: UNet2DConditionModel, first: Adapter, second: Adapter, unprefixed: Adapter
) -> None:
    adapters = Adapters(unet, budget=0)
    plain = predict(unet)
    adapters.load(first)
    adapters.load(second)
    assert adapters.loaded == {first.digest, second.digest}
    adapters.release(first.digest)
    adapters.load(second)
    adapters.release(second.digest)
    adapters.load(unprefixed)
    assert adapters.loaded == {second.digest, unprefixed.digest}
    adapters.release(second.digest)
    adapters.load(first)
    assert adapters.loaded == {first.digest, unprefixed.digest}
    adapters.release(first.digest)
    adapters.forget_unused()
    assert adapters.loaded == {unprefixed.digest}
    assert adapters.nbytes == sum(each.nbytes for each in load_file(unprefixed.path).values())
    assert torch.equal(predict(unet), plain)


# What is refused --------------------------------------------------------------------------


def changed(
    first: Adapter, path: Path, change: Callable[[dict[str, Tensor], dict[str, Any]], None]
) -> Adapter:
    """Write the adapter with its tensors and its settings changed."""
    tensors, settings = load_file(first.path), {"lora_alpha": 4, "r": 4}
    change(tensors, settings)
    save_file(tensors, path, {"lora_adapter_metadata": json.dumps(settings), "format": "pt"})
    return adapter_at(path)


def _rename(old: str, new: str) -> Callable[[dict[str, Tensor], dict[str, Any]], None]:
    def change(tensors: dict[str, Tensor], _: dict[str, Any]) -> None:
        for key in list(tensors):
            tensors[key.replace(old, new)] = tensors.pop(key)

    return change


def _each(make: Callable[[Tensor], Tensor]) -> Callable[[dict[str, Tensor], dict[str, Any]], None]:
    def change(tensors: dict[str, Tensor], _: dict[str, Any]) -> None:
        tensors.update({key: make(tensor).contiguous() for key, tensor in tensors.items()})

    return change


def _drop_one(tensors: dict[str, Tensor], _: dict[str, Any]) -> None:
    del tensors[next(iter(tensors))]


def _set(name: str, value: object) -> Callable[[dict[str, Tensor], dict[str, Any]], None]:
    def change(_: dict[str, Tensor], settings: dict[str, Any]) -> None:
        settings[name] = value

    return change


REFUSED = {
    "is of the type LoHa, which Konomi does not support. Use a LoRA, LoCon or DoRA.": [
        _rename("lora_A.weight", "hada_w1_a")
    ],
    "is not a complete LoRA or embedding.": [
        _rename("lora_A", "lora_magnitude_vector"),
        _drop_one,
        lambda tensors, _: tensors.clear(),
        _set("use_dora", True),
    ],
    "was made for another kind of model.": [
        _rename("transformer_blocks.0", "transformer_blocks.7"),
        _rename("down_blocks", "text_encoder.text_model"),
        _each(lambda tensor: torch.cat([tensor, tensor], dim=1)),
        _each(lambda tensor: tensor[..., None, None]),
        _each(lambda tensor: tensor.flatten()),
        _each(lambda tensor: tensor[:0]),
    ],
    f"has a rank that is not between 1 and {MAX_RANK}.": [
        _each(lambda t: t.repeat(200, 1) if t.shape[0] == 4 else t.repeat(1, 200))
    ],
    "contains numbers that are neither 16-bit nor 32-bit.": [_each(Tensor.double)],
    "contains values that are infinite or not numbers.": [_each(lambda tensor: tensor / 0)],
    "changes the model's weights in other ways than LoRA does, which Konomi does not support.": [
        _set("bias", "all"),
    ],
    "contains settings that cannot be read.": [
        _set("lora_alpha", "4"),
        _set("lora_alpha", -1),
        _set("alpha_pattern", {"(a+)+": 2}),
    ],
}


@pytest.mark.parametrize(
    ("change", "said"), [(change, said) for said, some in REFUSED.items() for change in some]
)
def test_what_cannot_be_applied_is_refused_with_a_sentence(
    unet: UNet2DConditionModel,
    first: Adapter,
    second: Adapter,
    tmp_path: Path,
    change: Callable[[dict[str, Tensor], dict[str, Any]], None],
    said: str,
) -> None:
    adapters = Adapters(unet)
    plain = predict(unet)
    adapters.load(second)
    with adapters.acting([((second.digest, 1.0),)]):
        before = predict(unet)
    with pytest.raises(Refused) as refused:
        adapters.load(changed(first, tmp_path / "bad.safetensors", change))

    assert str(refused.value) == f"The adapter bad {said}"
    assert torch.equal(predict(unet), plain)
    with adapters.acting([((second.digest, 1.0),)]):
        assert torch.equal(predict(unet), before)


class _Trap:
    """An object that runs code if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was read",)


@pytest.mark.parametrize("data", [b"", b"\xff" * 64, pickle.dumps(_Trap()), b"PK\x03\x04" * 9])
def test_nothing_but_safetensors_is_read(
    unet: UNet2DConditionModel, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "bad.bin").write_bytes(data)
    with pytest.raises(Refused, match=r"^The adapter bad is not a \.safetensors file\."):
        Adapters(unet).load(adapter_at(tmp_path / "bad.bin"))


def test_a_file_that_is_gone_or_another_is_refused(
    unet: UNet2DConditionModel, first: Adapter, second: Adapter, tmp_path: Path
) -> None:
    adapters = Adapters(unet)
    with pytest.raises(Refused, match=r"^The adapter first cannot be read\.$"):
        adapters.load(dataclasses.replace(first, path=tmp_path / "none"))
    with pytest.raises(Refused, match=r"^The adapter first is no longer the same file\.$"):
        adapters.load(dataclasses.replace(first, path=second.path))


def test_a_fault_in_loading_leaves_earlier_adapters_working(
    unet: UNet2DConditionModel, first: Adapter, second: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters = Adapters(unet)
    plain = predict(unet)
    adapters.load(second)
    with adapters.acting([((second.digest, 1.0),)]):
        before = predict(unet)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patched:
        patched.setattr(torch.Tensor, "float", fail)
        with pytest.raises(RuntimeError, match="out of memory"):
            adapters.load(first)
    assert adapters.loaded == {second.digest}
    assert torch.equal(predict(unet), plain)
    with adapters.acting([((second.digest, 1.0),)]):
        assert torch.equal(predict(unet), before)
    adapters.load(first)
