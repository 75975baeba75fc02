"""Prompts to what a UNet reads of them: weighted, and as long as one likes."""

from __future__ import annotations

import functools

import torch
from compel.embeddings_provider import EmbeddingsProvider
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from generation.prompts import Piece, pieces


class Words:
    """A tokenizer and its text encoder; remembers the prompts it has read lately."""

    def __init__(self, tokenizer: CLIPTokenizer, encoder: CLIPTextModel) -> None:
        self._tokenizer = tokenizer
        self._encoder = encoder
        self.states = functools.lru_cache(256)(self._states)
        """(1, tokens, width) of a prompt; each is encoded alone, so company changes nothing.

        `tokens` is the encoder's length, or a multiple of it for a prompt that is longer.
        """

    def together(self, one: str, other: str) -> tuple[Tensor, Tensor]:
        """The states of both, the shorter one followed by the empty prompt's to equal length."""
        states = [self.states(one), self.states(other)]
        longest = max(each.shape[1] for each in states)
        empty = self.states("")
        first, second = (
            torch.cat([each, *[empty] * ((longest - each.shape[1]) // empty.shape[1])], dim=1)
            for each in states
        )
        return first, second

    def _states(self, prompt: str) -> Tensor:
        parts = pieces(prompt)
        text = "".join(part.text for part in parts)
        tokens = len(self._tokenizer(text).input_ids)
        if tokens <= self._tokenizer.model_max_length and all(part.weight == 1 for part in parts):
            return self._plain(text)
        return self._weighted(parts)

    def _plain(self, text: str) -> Tensor:
        """As diffusers' own pipeline reads it."""
        tokens = self._tokenizer(
            text,
            padding="max_length",
            max_length=self._tokenizer.model_max_length,
            return_tensors="pt",
        )
        use_mask = getattr(self._encoder.config, "use_attention_mask", False)
        device = self._encoder.device
        mask = tokens.attention_mask.to(device) if use_mask else None
        return self._encoder(tokens.input_ids.to(device), attention_mask=mask)[0]

    def _weighted(self, parts: list[Piece]) -> Tensor:
        """Chunks of the encoder's length, side by side; weights move their states.

        Compel's way: above 1, away from the empty prompt; below 1, towards the prompt without
        the piece.
        """
        provider = self._provider
        parts = [part for part in parts if provider.get_token_ids([part.text], False)[0]]
        return provider.get_embeddings_for_weighted_prompt_fragments(
            [[part.text for part in parts]],
            [[part.weight for part in parts]],
            device=str(self._encoder.device),
        )

    @functools.cached_property
    def _provider(self) -> EmbeddingsProvider:
        dtype = self._encoder.dtype
        return EmbeddingsProvider(
            self._tokenizer,
            self._encoder,
            dtype_for_device_getter=lambda _: dtype,
            truncate=False,
            device=str(self._encoder.device),
        )
