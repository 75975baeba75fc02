"""Small trainings for tests: a folder of pictures, and requests of a few steps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    Finetune,
    Lora,
    Method,
    Recipe,
    TextualInversion,
    Train,
)

METHODS: Mapping[str, Method] = {
    "lora": Lora(rank=2),
    "lora with text encoder": Lora(rank=2, mlp=True, text_encoder=True),
    "textual inversion": TextualInversion(token="<rocky>", vectors=2, initializer="thing"),
    "dreambooth": DreamBooth(
        instance_prompt="a sks thing",
        class_prompt="a thing",
        class_pictures=2,
        lora=Lora(rank=2),
    ),
    "dreambooth in full": DreamBooth(instance_prompt="a sks thing", lora=None, text_encoder=True),
    "fine-tuning": Finetune(ema_decay=0.9),
}


def pictures_in(folder: Path) -> Path:
    """Two pictures with captions beside them."""
    folder.mkdir(exist_ok=True)
    for number, colour in enumerate(("red", "green")):
        Image.new("RGB", (96, 96), colour).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"a {colour} thing", encoding="utf-8")
    return folder


def training(
    model: str,
    folder: Path,
    job: str = "training",
    *,
    method: Method = METHODS["lora"],
    steps: int = 4,
    every: int = 2,
    **recipe: Any,
) -> Train:
    """A request of a few steps, into a folder named after its job."""
    out = folder / job
    out.mkdir(exist_ok=True)
    return Train(
        job=job,
        model=model,
        method=method,
        data=pictures_in(folder / "pictures"),
        out=out,
        recipe=Recipe(steps=steps, rate=1e-3, **recipe),
        checkpoints=Checkpoints(every=every, prompts=("a red thing",), sample_steps=2),
    )


def files_of(result: Path) -> dict[str, bytes]:
    """The bytes of a result, be it a file or a folder."""
    files = [result] if result.is_file() else sorted(result.rglob("*"))
    return {str(file.relative_to(result)): file.read_bytes() for file in files if file.is_file()}
