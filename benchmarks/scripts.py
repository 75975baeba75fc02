"""The example scripts of diffusers that Konomi's training is compared with, at one commit.

They are not part of Konomi: whoever runs the benchmark has them downloaded, or gives their folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tempfile
import urllib.request
from pathlib import Path

from benchmarks.figures import CannotMeasure

COMMIT = "58eb52c0803ea9af3abec60841c2a093bdf1f951"
"""Of huggingface/diffusers, August 23, 2026."""

SCRIPTS = {
    "examples/text_to_image/train_text_to_image_lora.py": (
        "6634df6b80bc428a4ed8229a3a7023dc8c7439dc2ed8e633dae2b12560a3958d"
    ),
    "examples/textual_inversion/textual_inversion.py": (
        "7577661c8a3d6c194abf1c12c58b5b790ce916d782a7d293c60f3b0672232933"
    ),
    "examples/dreambooth/train_dreambooth_lora.py": (
        "89cd066f65b2c5d4e8ab578f4050f485a880a9c8fc100ddf18c6b0c74eadb5d2"
    ),
    "examples/text_to_image/train_text_to_image.py": (
        "4c5f10d3986bc41c96d595215600a98a8c7b24f384e7f276e57d5df9c7e62a8c"
    ),
}
"""SHA-256 of each at that commit: nothing else is run."""

FOLDER = Path(tempfile.gettempdir()) / "konomi-benchmark-scripts"
"""Default folder in which they are kept."""

NEEDED = ("datasets", "torchvision", "accelerate", "peft")
"""Packages that they import beside diffusers."""


def script(path: str, folder: Path = FOLDER) -> Path:
    """Return a script as a file of `folder`, downloaded if it is not there.

    Raises CannotMeasure if it cannot be had, is not the one of that commit, or cannot run here.
    """
    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        raise CannotMeasure(
            f"diffusers' scripts import {' and '.join(lacking)}, which are not installed here; "
            "docs/benchmarks/training.md says how."
        )
    file = folder / Path(path).name
    if not file.is_file():
        _download(path, file)
    if hashlib.sha256(file.read_bytes()).hexdigest() != SCRIPTS[path]:
        raise CannotMeasure(
            f"{file} is not diffusers' script of commit {COMMIT[:10]}; delete it to have it "
            "downloaded again."
        )
    return file


def _download(path: str, file: Path) -> None:
    address = f"https://raw.githubusercontent.com/huggingface/diffusers/{COMMIT}/{path}"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            data = answer.read()
    except OSError as error:
        raise CannotMeasure(
            f"{address} cannot be fetched ({error}); give a folder with it by --scripts."
        ) from error
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
