"""Image classifiers from the hub as safety checkers: tiny ones like Falconsai's and Marqo's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import ViTConfig, ViTForImageClassification

from generation.catalog.checkers import CheckerKind, adult_label, locate_checker
from generation.catalog.download import RemoteFile, fetch_checker, needed_to_check
from generation.catalog.entries import ModelUnavailable
from generation.models.loading import load_model
from generation.models.safety_checkers.classifier import ClassifierChecker
from generation.models.safety_checkers.loading import load_named_checker
from generation.protocol.options import WorkerOptions

SIDE, WIDTH, DEPTH, HEADS, PATCH = 64, 32, 2, 2, 16

FALCONSAI = {
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_processor_type": "ViTImageProcessor",
    "image_std": [0.5, 0.5, 0.5],
    "resample": 2,
    "rescale_factor": 1 / 255,
    "size": {"height": SIDE, "width": SIDE},
}
"""preprocessor_config.json as Falconsai published it, with a smaller input."""
MARQO = {
    "architecture": "vit_tiny_patch16_384",
    "num_classes": 2,
    "num_features": WIDTH,
    "global_pool": "token",
    "label_names": ["NSFW", "SFW"],
    "model_args": {"embed_dim": WIDTH, "depth": DEPTH, "num_heads": HEADS, "img_size": SIDE},
    "pretrained_cfg": {
        "tag": "augreg_in21k_ft_in1k",
        "custom_load": True,
        "input_size": [3, SIDE, SIDE],
        "fixed_input_size": True,
        "interpolation": "bicubic",
        "crop_pct": 1.0,
        "crop_mode": "center",
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "num_classes": 1000,
        "pool_size": None,
        "first_conv": "patch_embed.proj",
        "classifier": "head",
    },
}
"""config.json as Marqo published it, with a smaller network."""


@pytest.fixture
def falconsai(tmp_path: Path) -> Path:
    folder = tmp_path / "falconsai"
    config = ViTConfig(
        hidden_size=WIDTH,
        num_hidden_layers=DEPTH,
        num_attention_heads=HEADS,
        intermediate_size=2 * WIDTH,
        image_size=SIDE,
        patch_size=PATCH,
        initializer_range=0.3,
        id2label={0: "normal", 1: "nsfw"},
        label2id={"normal": 0, "nsfw": 1},
    )
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        ViTForImageClassification(config).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(FALCONSAI))
    return folder


@pytest.fixture
def marqo(tmp_path: Path) -> Path:
    folder = tmp_path / "marqo"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(MARQO))
    save_file(timm_weights(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def timm_weights() -> dict[str, Tensor]:
    """Random weights of a vision transformer under timm's names."""
    shapes = {
        "cls_token": (1, 1, WIDTH),
        "pos_embed": (1, (SIDE // PATCH) ** 2 + 1, WIDTH),
        "patch_embed.proj.weight": (WIDTH, 3, PATCH, PATCH),
        "patch_embed.proj.bias": (WIDTH,),
        "norm.weight": (WIDTH,),
        "norm.bias": (WIDTH,),
        "head.weight": (2, WIDTH),
        "head.bias": (2,),
    }
    for layer in range(DEPTH):
        for name, rows, columns in [
            ("attn.qkv", 3 * WIDTH, WIDTH),
            ("attn.proj", WIDTH, WIDTH),
            ("mlp.fc1", 4 * WIDTH, WIDTH),
            ("mlp.fc2", WIDTH, 4 * WIDTH),
        ]:
            shapes[f"blocks.{layer}.{name}.weight"] = (rows, columns)
            shapes[f"blocks.{layer}.{name}.bias"] = (rows,)
        for name in ("norm1", "norm2"):
            shapes[f"blocks.{layer}.{name}.weight"] = (WIDTH,)
            shapes[f"blocks.{layer}.{name}.bias"] = (WIDTH,)
    generator = torch.Generator().manual_seed(0)
    return {name: torch.randn(s, generator=generator) * 0.3 for name, s in shapes.items()}


def timm_logits(weights: dict[str, Tensor], pixels: Tensor) -> Tensor:
    """What timm's VisionTransformer computes from these weights."""

    def linear(name: str, states: Tensor) -> Tensor:
        return F.linear(states, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name: str, states: Tensor) -> Tensor:
        scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return F.layer_norm(states, (WIDTH,), scale, shift, eps=1e-6)

    projection = weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"]
    patches = F.conv2d(pixels, *projection, stride=PATCH).flatten(2).transpose(1, 2)
    states = torch.cat([weights["cls_token"], patches], dim=1) + weights["pos_embed"]
    for layer in range(DEPTH):
        block = f"blocks.{layer}"
        qkv = linear(f"{block}.attn.qkv", norm(f"{block}.norm1", states))
        qkv = qkv.reshape(1, -1, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        read = F.scaled_dot_product_attention(*qkv).transpose(1, 2).flatten(2)
        states = states + linear(f"{block}.attn.proj", read)
        hidden = F.gelu(linear(f"{block}.mlp.fc1", norm(f"{block}.norm2", states)))
        states = states + linear(f"{block}.mlp.fc2", hidden)
    return linear("head", norm("norm", states)[:, 0])


def picture(width: int = 160, height: int = 96) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), dtype="uint8")
    return Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC)


def normalized(resized: Image.Image) -> Tensor:
    pixels = torch.from_numpy(np.asarray(resized).copy()).permute(2, 0, 1)[None].float() / 255
    return (pixels - 0.5) / 0.5


def load(folder: Path, **options: Any) -> ClassifierChecker:
    checker = load_named_checker(str(folder), WorkerOptions(**options), torch.float32)
    assert isinstance(checker, ClassifierChecker)
    return checker


def test_a_classifier_of_transformers_scores_as_published(falconsai: Path) -> None:
    assert locate_checker(str(falconsai)).kind is CheckerKind.CLASSIFIER
    checker = load(falconsai)
    network = ViTForImageClassification.from_pretrained(falconsai).eval()
    resized = picture().resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    with torch.inference_mode():
        expected = network(normalized(resized)).logits.softmax(-1)[0, 1].item()
    assert checker.score(picture()) == pytest.approx(expected, abs=1e-5)
    assert 0.01 < expected < 0.99


@pytest.mark.parametrize("size", [(160, 96), (96, 160), (64, 64), (75, 131)])
def test_a_classifier_of_timm_scores_as_published(marqo: Path, size: tuple[int, int]) -> None:
    assert locate_checker(str(marqo)).kind is CheckerKind.TIMM
    checker = load(marqo)
    width, height = size
    short = min(size)
    scaled = (SIDE * width // short, SIDE * height // short)
    left, top = (round((length - SIDE) / 2) for length in scaled)
    resized = picture(*size).resize(scaled, Image.Resampling.BICUBIC)
    pixels = normalized(resized.crop((left, top, left + SIDE, top + SIDE)))
    expected = timm_logits(timm_weights(), pixels).softmax(-1)[0, 0].item()
    assert checker.score(picture(*size)) == pytest.approx(expected, abs=1e-5)
    assert 0.01 < expected < 0.99


@pytest.mark.parametrize("name", ["falconsai", "marqo"])
def test_the_hosts_threshold_counts(name: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    score = load(folder).score(picture())
    assert load(folder).threshold == 0.5
    assert load(folder, safety_threshold=score - 0.01).flags(picture())
    assert not load(folder, safety_threshold=score + 0.01).flags(picture())


@pytest.mark.parametrize("name", ["falconsai", "marqo"])
def test_it_checks_for_a_model_by_its_hub_id(
    name: str, request: pytest.FixtureRequest, tiny_folder: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "cache" / "models--owner--checker"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    shutil.copytree(request.getfixturevalue(name), repository / "snapshots" / "abc")
    model = load_model(
        WorkerOptions(
            model=str(tiny_folder),
            models_dir=tmp_path / "cache",
            safety_checker="owner/checker",
            safety_threshold=0.01,
            device="cpu",
        )
    )
    assert model.card.checked_by == "owner/checker"
    assert model.safety is not None
    assert model.safety.flags(picture())


def test_one_that_was_never_fetched_leaves_the_model_without(
    tiny_folder: Path, tmp_path: Path
) -> None:
    wanted = "Falconsai/nsfw_image_detection"
    model = load_model(
        WorkerOptions(
            model=str(tiny_folder), models_dir=tmp_path, safety_checker=wanted, device="cpu"
        )
    )
    assert not model.card.has_safety_checker
    assert f"generation fetch --only-checker {wanted}" in (model.card.checker_trouble or "")


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ({"id2label": {"0": "normal", "1": "nsfw"}}, 1),
        ({"id2label": {"0": "NSFW", "1": "SFW"}}, 0),
        ({"label_names": ["NSFW", "SFW"]}, 0),
    ],
)
def test_the_class_of_adult_content_goes_by_its_name(labels: dict[str, Any], place: int) -> None:
    assert adult_label(labels, "x") == place


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}},
        {"id2label": {"0": "drawings", "1": "hentai", "2": "neutral", "3": "porn", "4": "sexy"}},
        {"id2label": {"0": "normal", "1": "sfw"}},
        {"id2label": {"0": "nsfw", "1": "NSFW"}},
        {"id2label": {"0": "nsfw"}},
        {"id2label": {"5": "nsfw", "6": "normal"}},
        {"label_names": "nsfw"},
    ],
)
def test_classes_of_other_names_are_refused(labels: dict[str, Any]) -> None:
    with pytest.raises(ModelUnavailable, match=r"^x cannot serve .*: its classes are .* nsfw"):
        adult_label(labels, "x")


def test_a_classifier_of_something_else_is_refused(falconsai: Path) -> None:
    config = json.loads((falconsai / "config.json").read_text())
    config["id2label"] = {"0": "cat", "1": "dog"}
    (falconsai / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable, match="its classes are cat, dog"):
        locate_checker(str(falconsai))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"architecture": "resnet50"}, "a model of timm, resnet50"),
        ({"architecture": "eva02_base_patch14_448"}, "plain vision transformers"),
        ({"global_pool": "avg"}, "plain vision transformers"),
        ({"model_args": {"qk_norm": True}}, "plain vision transformers"),
        ({"pretrained_cfg": {}}, "cannot prepare pictures"),
        ({"pretrained_cfg": MARQO["pretrained_cfg"] | {"crop_mode": "border"}}, "cannot prepare"),  # type: ignore[operator]
    ],
)
def test_other_networks_of_timm_are_refused(marqo: Path, change: dict[str, Any], told: str) -> None:
    (marqo / "config.json").write_text(json.dumps(MARQO | change))
    with pytest.raises(ModelUnavailable, match=told):
        load(marqo)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("falconsai", lambda weights: weights.pop("classifier.weight")),
        ("falconsai", lambda weights: weights.update({"classifier.weight": torch.zeros(3, 32)})),
        ("marqo", lambda weights: weights.pop("blocks.1.norm2.bias")),
        ("marqo", lambda weights: weights.pop("head.weight")),
        ("marqo", lambda weights: weights.update({"blocks.0.ls1.gamma": torch.ones(WIDTH)})),
        ("marqo", lambda weights: weights.update({"blocks.0.attn.proj.bias": torch.ones(8)})),
    ],
)
def test_weights_are_never_made_up(
    name: str, spoil: Callable[[dict[str, Tensor]], object], request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(name)
    weights = load_file(folder / "model.safetensors")
    spoil(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load(folder)


def test_a_file_cut_short_is_refused(marqo: Path) -> None:
    file = marqo / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelUnavailable, match="its files are not whole"):
        load(marqo)


def test_a_repository_of_timm_is_fetched_without_a_file_for_the_preparation() -> None:
    files = ["README.md", "config.json", "model.safetensors", "pytorch_model.bin"]
    needed = needed_to_check(RemoteFile(name, 1) for name in files)
    assert sorted(file.name for file in needed) == ["config.json", "model.safetensors"]


def test_the_bundled_checker_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="comes with Konomi"):
        fetch_checker("bundled", tmp_path)
