"""Stable Diffusion XL and models distilled from it: two text encoders, and size conditioning.

Podell et al., SDXL (arXiv 2307.01952), section 2.2: besides the prompt, the UNet is conditioned on
the original size of an image, its crop coordinates, and its target size.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from generation.catalog.file_kinds import STABLE_DIFFUSION_XL
from generation.models.adapters.acting import TextAdapters
from generation.models.conditioning import Condition, Text
from generation.models.families.family import Family, Folder
from generation.models.text_encoders import PLAIN, Encoder


class TwoEncoders:
    """Encodes prompts as the penultimate hidden states of both text encoders, concatenated."""

    def __init__(self, encoders: Sequence[Encoder], *, empty_is_zero: bool) -> None:
        """Keep the parts; `empty_is_zero` if the model was trained on zeros for an empty prompt."""
        self._pair = encoders
        self._empty_is_zero = empty_is_zero
        self.read = functools.lru_cache(256)(self.encode)

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """Both text encoders."""
        return tuple(self._pair)

    def with_encoders(self, encoders: Sequence[Encoder]) -> TwoEncoders:
        """Return the same encoding of prompts by two other text encoders."""
        return TwoEncoders(encoders, empty_is_zero=self._empty_is_zero)

    def read_negative(self, negative: str, adapters: TextAdapters = PLAIN) -> Text:
        """Encode the negative prompt; without one, return the model's unconditional state."""
        text = self.read(negative, adapters)
        if negative or not self._empty_is_zero or text.pooled is None:
            return text
        return Text(states=torch.zeros_like(text.states), pooled=torch.zeros_like(text.pooled))

    def condition(self, text: Text, width: int, height: int) -> Condition:
        """Condition on an image that was neither scaled nor cropped, at its target size."""
        if text.pooled is None:
            raise ValueError("this family needs the pooled text as well")
        sizes = torch.tensor([[height, width, 0, 0, height, width]]).to(text.pooled)
        return Condition(states=text.states, added={"text_embeds": text.pooled, "time_ids": sizes})

    def encode(self, prompt: str, adapters: TextAdapters = PLAIN) -> Text:
        """Encode a prompt anew."""
        states = [encoder.states(prompt, adapters) for encoder in self._pair]
        pooled = self._pair[1].pooled(prompt, adapters)
        return Text(states=torch.cat(states, dim=-1), pooled=pooled)


def _load_text_encoders(folder: Folder) -> TwoEncoders:
    first = folder.load(CLIPTextModel, "text_encoder")
    second = folder.load(CLIPTextModelWithProjection, "text_encoder_2")
    return TwoEncoders(
        [
            Encoder(folder.tokenizer("tokenizer"), first, penultimate=True),
            Encoder(folder.tokenizer("tokenizer_2"), second, penultimate=True),
        ],
        empty_is_zero=_empty_is_zero(folder.index),
    )


def _text_encoders_of(pipeline: Any) -> TwoEncoders:
    return TwoEncoders(
        [
            Encoder(pipeline.tokenizer, pipeline.text_encoder, penultimate=True),
            Encoder(pipeline.tokenizer_2, pipeline.text_encoder_2, penultimate=True),
        ],
        empty_is_zero=_empty_is_zero(pipeline.config),
    )


def _empty_is_zero(config: Mapping[str, Any]) -> bool:
    return bool(config.get("force_zeros_for_empty_prompt", True))


FAMILY = Family(
    title="Stable Diffusion XL",
    pipelines=("StableDiffusionXLPipeline",),
    kinds=(STABLE_DIFFUSION_XL,),
    load_text_encoders=_load_text_encoders,
    text_encoders_of=_text_encoders_of,
)
