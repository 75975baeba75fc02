"""The interface of a model family: everything that differs between kinds of models."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from diffusers import ModelMixin
from safetensors.torch import load_file
from transformers import CLIPTokenizer, PreTrainedModel

from generation.catalog.configurations import CANNOT, unknown_option
from generation.catalog.entries import ModelUnavailable
from generation.catalog.file_kinds import FileKind
from generation.models.adapters.acting import TextAdapters
from generation.models.conditioning import Condition, Text
from generation.models.text_encoders import PLAIN, Encoder


class TextEncoders(Protocol):
    """A family's prompt encoding; may cache recently encoded prompts."""

    @property
    def encoders(self) -> Sequence[Encoder]:
        """The text encoders."""

    def read(self, prompt: str, adapters: TextAdapters = PLAIN) -> Text:
        """Encode a prompt under adapters that its encoders have, or recall it."""

    def encode(self, prompt: str, adapters: TextAdapters = PLAIN) -> Text:
        """Encode a prompt anew, so that gradients flow into text encoders that are trained."""

    def with_encoders(self, encoders: Sequence[Encoder]) -> TextEncoders:
        """Return the same encoding of prompts by other text encoders of the same kind."""

    def read_negative(self, negative: str, adapters: TextAdapters = PLAIN) -> Text:
        """Encode the negative prompt for classifier-free guidance, usually the empty one."""

    def condition(self, text: Text, width: int, height: int) -> Condition:
        """Return the conditioning of a row of this image size, except for guidance."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Folder:
    """A model in the diffusers format, on this disk.

    `elsewhere` names parts that come from another place: the folder of a part alone, or a
    .safetensors file of weights for the configuration in this folder.
    """

    path: Path
    dtype: torch.dtype
    elsewhere: Mapping[str, Path] = dataclasses.field(default_factory=dict)

    @property
    def index(self) -> dict[str, Any]:
        """Its model_index.json: the class of each part."""
        return self.settings("model_index.json")

    def settings(self, name: str) -> dict[str, Any]:
        """Read one of its JSON files."""
        return dict(json.loads((self.path / name).read_text(encoding="utf-8")))

    def tokenizer(self, part: str) -> CLIPTokenizer:
        """Load a tokenizer."""
        return CLIPTokenizer.from_pretrained(self.path / part, local_files_only=True)

    def load(self, kind: Any, part: str) -> Any:
        """Load a part with weights as a class that has `from_pretrained`; safetensors only."""
        place = self.elsewhere.get(part, self.path / part)
        if issubclass(kind, ModelMixin):
            self._check_options(kind, part, place if place.is_dir() else self.path / part)
        if place.is_file():
            # Only diffusers networks come as single files; there are none of transformers models.
            network = kind.from_config(self.settings(f"{part}/config.json"))
            network.load_state_dict(load_file(place))
            return network.to(self.dtype)
        plain = any(place.glob("*model.safetensors")) or any(
            place.glob("*model.safetensors.index.json")
        )
        variant = None if plain else "fp16"
        usual = {"use_safetensors": True, "local_files_only": True, "variant": variant}
        if not issubclass(kind, PreTrainedModel):
            return kind.from_pretrained(place, torch_dtype=self.dtype, **usual)
        network, found = kind.from_pretrained(
            place, dtype=self.dtype, output_loading_info=True, **usual
        )
        if missing := found["missing_keys"]:  # they would be random
            raise ValueError(f"{place} lacks weights: {', '.join(sorted(missing))}")
        return network

    def _check_options(self, kind: Any, part: str, place: Path) -> None:
        """Raise ModelUnavailable for an option that diffusers would ignore."""
        known = inspect.signature(kind.__init__).parameters
        config = json.loads((place / "config.json").read_text(encoding="utf-8"))
        if (option := unknown_option(config, known, part)) is not None:
            raise ModelUnavailable(f"{self.path.name} {CANNOT}: {option}. Choose another model.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of model."""

    title: str
    """Its usual name."""
    pipelines: tuple[str, ...]
    """Diffusers pipeline classes whose folders are of this family; the first one also opens its
    single files."""
    kinds: tuple[FileKind, ...]
    """Kinds of single files of this family."""
    scheduler: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Settings of the noise schedule that the pipelines set, whatever a folder says."""
    load_text_encoders: Callable[[Folder], TextEncoders]
    text_encoders_of: Callable[[Any], TextEncoders]
    """Returns the prompt encoding of a diffusers pipeline that has opened a single file."""
