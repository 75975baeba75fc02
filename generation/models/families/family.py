"""What sets one kind of model apart; everything else is shared."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file
from transformers import CLIPTokenizer, PreTrainedModel

from generation.models.conditioning import Condition, Text
from generation.models.text_encoders import Encoder


class Words(Protocol):
    """How a family reads prompts; may remember those that it has read lately."""

    @property
    def encoders(self) -> Sequence[Encoder]:
        """Those that read."""

    def read(self, prompt: str) -> Text:
        """What a picture is to show."""

    def unprompted(self, negative: str) -> Text:
        """What guidance leads away from: a negative prompt, mostly the empty one."""

    def condition(self, text: Text, width: int, height: int) -> Condition:
        """What a row of a picture of this size is told, but for its guidance."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Folder:
    """A model in the diffusers format, on this disk.

    `elsewhere` names parts that come from another place: a folder of the part alone, or a
    .safetensors file of weights for the shape that this folder states.
    """

    path: Path
    dtype: torch.dtype
    elsewhere: Mapping[str, Path] = dataclasses.field(default_factory=dict)

    @property
    def index(self) -> dict[str, Any]:
        """Its model_index.json: which class each part is of."""
        return self.settings("model_index.json")

    def settings(self, name: str) -> dict[str, Any]:
        """One of its JSON files."""
        return dict(json.loads((self.path / name).read_text(encoding="utf-8")))

    def tokenizer(self, part: str) -> CLIPTokenizer:
        """A tokenizer, from its small text files."""
        return CLIPTokenizer.from_pretrained(self.path / part, local_files_only=True)

    def load(self, kind: Any, part: str) -> Any:
        """A part with weights, of a class that has `from_pretrained`; safetensors only."""
        place = self.elsewhere.get(part, self.path / part)
        if place.is_file():
            # A network of diffusers: of transformers' no such files are known.
            network = kind.from_config(self.settings(f"{part}/config.json"))
            network.load_state_dict(load_file(place))
            return network.to(self.dtype)
        precision = "dtype" if issubclass(kind, PreTrainedModel) else "torch_dtype"
        plain = any(place.glob("*model.safetensors")) or any(
            place.glob("*model.safetensors.index.json")
        )
        return kind.from_pretrained(
            place,
            use_safetensors=True,
            local_files_only=True,
            variant=None if plain else "fp16",
            **{precision: self.dtype},
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of model."""

    title: str
    """As people call it."""
    pipelines: tuple[str, ...]
    """Diffusers' pipelines whose folders are of this family; the first also opens its files."""
    original: str
    """The catalogue's model that single files of this family take their tokenizers from."""
    marks: tuple[str, ...]
    """Beginnings of keys by which a single file shows to be of this family."""
    load_words: Callable[[Folder], Words]
    words_of: Callable[[Any], Words]
    """From a pipeline of diffusers that has opened a single file."""
