"""Caption models, which describe training pictures: where their files lie on this machine.

Nothing is downloaded.  Only the standard library is imported at load time, so that the bot may
use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generation.catalog.entries import HUB_ID, ModelUnavailable
from generation.catalog.files import cached, path_of
from generation.catalog.folder_kinds import read_settings
from generation.catalog.integrity import faults_of_weights

CAPTION_MODELS = {"BlipForConditionalGeneration": "BLIP", "GitForCausalLM": "GIT"}
"""Kinds of caption models that Konomi runs, by transformers' classes."""
EXAMPLES = "Salesforce/blip-image-captioning-large or microsoft/git-base-coco"
"""Caption models that the hub has as .safetensors files."""

CAPTIONER_CONFIG = "config.json"
PREPARATIONS = ("preprocessor_config.json", "processor_config.json")
"""Files with settings of the image preprocessing, of which one is needed."""
TOKENIZERS = ("tokenizer.json", "vocab.txt")
"""Files with the words of the tokenizer, of which one is needed."""


def locate_captioner(name: str, models_dir: Path | None = None) -> Path:
    """Return the folder of a caption model that is already on this machine, with whole files.

    name: a hub id or a folder.  Raises `ModelUnavailable` saying what is wrong.
    """
    folder = path_of(name)
    if not folder.is_dir():
        found = cached(captioner_repo(name), CAPTIONER_CONFIG, models_dir)
        if found is None:
            raise ModelUnavailable(
                f"The caption model {name} is not on this machine yet; "
                f"run: python -m generation fetch --captioner {name}"
            )
        folder = found.parent
    check_captioner(folder, name)
    faults = list(_faults(folder))
    if faults:
        raise ModelUnavailable(
            f"The caption model {name} cannot be loaded: {' '.join(faults)} Download it again, or "
            f"choose another: {EXAMPLES}."
        )
    return folder


def captioner_repo(name: str) -> str:
    """Return the repository of a caption model; raises `ModelUnavailable` unless it is a hub id."""
    if HUB_ID.fullmatch(name):
        return name
    raise ModelUnavailable(
        f"There is no caption model called {name}. Give a folder, or a hub id such as {EXAMPLES}."
    )


def check_captioner(folder: Path, name: str) -> str:
    """Return what kind of caption model a folder's config.json describes, by its usual name.

    Raises `ModelUnavailable` if it describes none that Konomi runs.
    """
    config = folder / CAPTIONER_CONFIG
    if not config.is_file():
        raise ModelUnavailable(f"{name} is not a caption model: it has no {CAPTIONER_CONFIG}.")
    classes = read_settings(config).get("architectures")
    names = [str(each) for each in classes] if isinstance(classes, list) else []
    kinds = [CAPTION_MODELS[each] for each in names if each in CAPTION_MODELS]
    if not kinds:
        found = ", ".join(names)[:80] or "nothing"
        raise ModelUnavailable(
            f"{name} is not a caption model that Konomi runs: its {CAPTIONER_CONFIG} names "
            f"{found}, not BLIP or GIT. Choose {EXAMPLES}."
        )
    return kinds[0]


def _faults(folder: Path) -> Iterator[str]:
    """Yield what is missing or not whole, as sentences."""
    if not any(folder.glob("*.safetensors")):
        yield "It has no .safetensors file."
    for files in (PREPARATIONS, TOKENIZERS):
        if not any((folder / file).is_file() for file in files):
            yield f"It has no {files[0]}."
    yield from faults_of_weights(folder, folder.name)
