"""Options of a device change how it computes, and not what is painted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from generation.catalog.entries import ModelUnavailable
from generation.engine.engine import Engine
from generation.engine.session import open_engine
from generation.engine.writer import Writer
from generation.images.tensors import digest_of
from generation.models.devices import choose_precision
from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint, Reference
from tests.generation.loop import pixels
from tests.generation.painted import ended
from tests.tiny import build_tiny

Pixels = list[np.ndarray[Any, Any]]
Painter = Callable[..., Pixels]


@pytest.fixture
def paint(tiny_folder: Path, request_: Callable[..., Paint], tmp_path: Path) -> Painter:
    """Paints a round that one picture steers, with options of a device, to its pixels."""
    Image.new("RGB", (96, 96), "red").save(tmp_path / "red.png")
    red = Reference(
        path=tmp_path / "red.png", digest=digest_of((tmp_path / "red.png").read_bytes())
    )

    def painted(job: str, steps: int = 4, **options: Any) -> Pixels:
        wished = WorkerOptions(model=str(tiny_folder), device="cpu", **options)
        with open_engine(wished) as (_, engine):
            asked = request_(job, liked=(red,), steps=steps, prompt="(x:1.3)")
            engine.begin(dataclasses.replace(asked, model=str(tiny_folder)))
            finished = ended(engine)[job]
        assert isinstance(finished, Finished), finished
        return [pixels(picture.path) for picture in finished.pictures]

    return painted


@contextmanager
def engine_of(model: Model) -> Iterator[Engine]:
    with Writer() as writer:
        yield Engine(model, writer, name=model.card.name, reference_budget=2**28)


def apart(ours: Pixels, theirs: Pixels) -> tuple[int, float]:
    """The most and the mean by which pixels differ."""
    differences = np.abs(np.stack(ours) - np.stack(theirs))
    return int(differences.max()), float(differences.mean())


@pytest.mark.parametrize(
    "options",
    [{"offload": "on"}, {"fused": True}, {"channels_last": False}, {"vae_slicing": "on"}],
    ids=str,
)
def test_pictures_stay_the_same(paint: Painter, options: dict[str, Any]) -> None:
    most, _ = apart(paint("plain"), paint("changed", **options))
    assert most <= 1


def test_in_bfloat16_pictures_of_a_seed_stay_alike(paint: Painter) -> None:
    plain, half = paint("plain"), paint("half", precision="bfloat16")

    assert apart(plain, half)[1] < 8 < apart(plain[:1], half[1:])[1]


def test_only_the_unet_and_the_encoders_are_in_bfloat16(tiny_folder: Path) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", precision="bfloat16")
    model = load_model(options)

    assert model.unet.dtype is torch.bfloat16
    assert model.text_encoders.encoders[0].network.dtype is torch.bfloat16
    assert model.vae.dtype is torch.float32
    assert model.empty_latents(96, 96).dtype is torch.float32


def test_a_cpu_computes_in_float32_unless_told() -> None:
    cpu = torch.device("cpu")
    assert choose_precision("auto", cpu) is torch.float32
    assert choose_precision("bfloat16", cpu) is torch.bfloat16


def test_offloaded_parts_come_one_at_a_time_and_never_beside_the_unet(
    tiny_folder: Path, request_: Callable[..., Paint]
) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", offload="on")
    model = load_model(options)
    encoder = model.text_encoders.encoders[0].network
    seen: list[tuple[str, nn.Module | None]] = []
    for name, part in (("unet", model.unet), ("encoder", encoder), ("vae", model.vae.decoder)):
        part.register_forward_pre_hook(
            lambda *_, name=name: seen.append((name, model.offloader.loaded))
        )
    at_home = encoder.get_input_embeddings().weight.data_ptr()

    with engine_of(model) as engine:
        engine.begin(request_("one"))
        engine.begin(request_("two", prompt="y", steps=2))
        ended(engine)

    assert {name for name, _ in seen} == {"unet", "encoder", "vae"}
    whose = {"unet": None, "encoder": encoder, "vae": model.vae}
    assert all(present is whose[name] for name, present in seen)
    model.offloader.offload()
    assert encoder.get_input_embeddings().weight.data_ptr() == at_home


def test_a_checker_is_offloaded_too(tmp_path: Path) -> None:
    folder = build_tiny(tmp_path, safety_threshold=-2.0)
    model = load_model(WorkerOptions(model=str(folder), device="cpu", offload="on"))
    assert model.safety is not None

    with torch.inference_mode():
        assert model.safety.flags(Image.new("RGB", (96, 96)))
    assert model.offloader.loaded is model.safety.checker


def test_fused_projections_take_no_more_memory(tiny_folder: Path) -> None:
    model = load_model(WorkerOptions(model=str(tiny_folder), device="cpu", fused=True))
    layer = model.unet.mid_block.attentions[0].transformer_blocks[0].attn1

    storages = {
        part.weight.untyped_storage().data_ptr()
        for part in (layer.to_q, layer.to_k, layer.to_v, layer.to_qkv)
    }
    assert len(storages) == 1


@pytest.mark.parametrize(
    ("switch", "memory", "sliced", "tiled"),
    [("auto", None, False, False), ("on", None, True, True), ("auto", 96 * 96, True, False)],
)
@torch.inference_mode()
def test_slices_and_tiles_are_for_what_is_large_against_memory(
    tiny_folder: Path, switch: str, memory: int | None, sliced: bool, tiled: bool
) -> None:
    limit = None if memory is None else 500
    model = load_model(
        WorkerOptions(
            model=str(tiny_folder),
            device="cpu",
            vae_slicing=switch,
            vae_tiling=switch,
            memory_limit_mb=limit,
        )
    )
    if known := model.card.memory:
        room = known.weights + memory * known.pixel  # type: ignore[operator]
        known = dataclasses.replace(known, limit=room, references=0)
        model.card = dataclasses.replace(model.card, memory=known)

    pictures = model.decode(model.empty_latents(96, 96).zero_().repeat(2, 1, 1, 1))

    assert pictures.shape == (2, 3, 96, 96)
    assert (model.vae.use_slicing, model.vae.use_tiling) == (sliced, tiled)


def test_tiles_get_smaller_until_one_fits(tiny_folder: Path) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", memory_limit_mb=500)
    model = load_model(options)
    known = model.card.memory
    assert known is not None
    room = known.weights + 50 * 50 * known.pixel
    known = dataclasses.replace(known, limit=room, references=0, tile=48)
    model.card = dataclasses.replace(model.card, memory=known)

    with torch.inference_mode():
        picture = model.decode(model.empty_latents(96, 96).zero_())

    assert picture.shape == (1, 3, 96, 96)
    assert model.vae.use_tiling
    # 48 pixels would fit; but a quarter of their 6 latents is no whole one to overlap by.
    assert (model.vae.tile_sample_min_size, model.vae.tile_latent_min_size) == (32, 4)


class TestWithAUnetOfOneLevel:
    """Tracing a UNet takes as long as it has layers."""

    @pytest.fixture
    def tiny_folder(self, tmp_path: Path) -> Path:
        return build_tiny(tmp_path / "one-level", unet_widths=(32,))

    def test_a_compiled_unet_serves_every_call_without_being_compiled_again(
        self, monkeypatch: pytest.MonkeyPatch, paint: Painter
    ) -> None:
        compiled = torch.compile
        plain = paint("plain", steps=6)
        made: list[int] = []

        def counting(unet: nn.Module, **how: Any) -> Any:
            def backend(graph: Any, _: Any) -> Any:
                made.append(1)
                return graph.forward

            return compiled(unet, backend=backend, **how)

        monkeypatch.setattr(torch, "compile", counting)
        ours = paint("compiled", steps=6, compiled=True)

        assert apart(plain, ours)[0] <= 1
        assert len(made) == 1  # as the model was loaded, for other rows than are painted here


def test_what_cannot_be_compiled_says_so(
    monkeypatch: pytest.MonkeyPatch, tiny_folder: Path
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no C++ compiler was found")

    monkeypatch.setattr(torch, "compile", lambda *_, **__: broken)
    options = WorkerOptions(model=str(tiny_folder), device="cpu", compiled=True)
    with (
        pytest.raises(ModelUnavailable, match=r"no C\+\+ compiler was found Set KONOMI_COMPILE"),
        open_engine(options),
    ):
        pass


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_compiled_unet_paints_the_same(paint: Painter) -> None:
    assert apart(paint("plain"), paint("compiled", compiled=True))[0] <= 2
