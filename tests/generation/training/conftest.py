from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generation.models.model import Model
from generation.protocol.training import Checkpoints, Lora, Recipe, Train


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of four pictures with captions beside them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, colour in enumerate(("red", "green", "blue", "white")):
        Image.new("RGB", (96, 96), colour).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"a {colour} thing", encoding="utf-8")
    return folder


@pytest.fixture
def train_request(model: Model, pictures: Path, tmp_path: Path) -> Callable[..., Train]:
    """Makes requests to train for a few steps, into a folder of their own."""

    def make(out: str = "out", *, every: int = 100, sample: str = "x", **change: Any) -> Train:
        folder = tmp_path / out
        folder.mkdir(exist_ok=True)
        recipe = {"steps": 4, "rate": 1e-3, "batch": 2, **change.pop("recipe", {})}
        fields = {"method": Lora(rank=2), "data": pictures, "job": "train", **change}
        checkpoints = Checkpoints(every=every, prompts=(sample,), sample_steps=2)
        return Train(
            model=model.card.name,
            out=folder,
            recipe=Recipe(**recipe),
            checkpoints=checkpoints,
            **fields,
        )

    return make
