"""Stable Diffusion 1.x and 2.x and models distilled from them, with one text encoder."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from transformers import CLIPTextModel

from generation.catalog.file_kinds import STABLE_DIFFUSION_1, STABLE_DIFFUSION_2
from generation.models.adapters.acting import TextAdapters
from generation.models.conditioning import Condition, Text
from generation.models.families.family import Family, Folder
from generation.models.text_encoders import PLAIN, Encoder


class OneEncoder:
    """Encodes prompts as the final hidden states of CLIP's text encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.read = functools.lru_cache(256)(self.encode)
        self.read_negative = self.read

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """The one text encoder."""
        return (self.encoder,)

    def with_encoders(self, encoders: Sequence[Encoder]) -> OneEncoder:
        """Return the same encoding of prompts by another text encoder."""
        return OneEncoder(*encoders)

    def condition(self, text: Text, width: int, height: int) -> Condition:  # noqa: ARG002
        """Return the text alone: these models are not conditioned on sizes."""
        return Condition(states=text.states)

    def encode(self, prompt: str, adapters: TextAdapters = PLAIN) -> Text:
        """Encode a prompt anew."""
        return Text(states=self.encoder.states(prompt, adapters))


def _load_text_encoders(folder: Folder) -> OneEncoder:
    network = folder.load(CLIPTextModel, "text_encoder")
    return OneEncoder(Encoder(folder.tokenizer("tokenizer"), network))


def _text_encoders_of(pipeline: Any) -> OneEncoder:
    return OneEncoder(Encoder(pipeline.tokenizer, pipeline.text_encoder))


FAMILY = Family(
    title="Stable Diffusion 1.x and 2.x",
    pipelines=("StableDiffusionPipeline", "LatentConsistencyModelPipeline"),
    kinds=(STABLE_DIFFUSION_1, STABLE_DIFFUSION_2),
    scheduler={"steps_offset": 1, "clip_sample": False},
    load_text_encoders=_load_text_encoders,
    text_encoders_of=_text_encoders_of,
)
