"""Prompts to what a text encoder says of them: weighted, and as long as one likes."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from compel.embeddings_provider import EmbeddingsProvider, ReturnedEmbeddingsType
from torch import Tensor
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from generation.models.adapters.acting import TextAdapters
from generation.models.adapters.adapted_layers import AdaptedLayers
from generation.models.adapters.prompt_words import PromptWords
from generation.requests.prompts import Piece, parts_of, pieces

PLAIN = TextAdapters()


class Encoder:
    """A tokenizer and its text encoder."""

    def __init__(
        self,
        tokenizer: CLIPTokenizer,
        network: CLIPTextModel | CLIPTextModelWithProjection,
        *,
        penultimate: bool = False,
    ) -> None:
        """`penultimate`: read before the last layer and its norm, instead of after them."""
        self.tokenizer = tokenizer
        self.network = network
        self.adapted = AdaptedLayers(network)
        """The LoRAs that may act on it."""
        self.words = PromptWords(tokenizer, network)
        """The words that may stand for vectors."""
        self._penultimate = penultimate
        self.before: Callable[[], object] = lambda: None
        """Called before the network reads, to have it on its device."""

    def states(self, prompt: str, adapters: TextAdapters = PLAIN) -> Tensor:
        """(1, tokens, width) of a prompt; each is encoded alone, so the batch changes nothing.

        `tokens` is the encoder's length, or a multiple of it for a prompt that is longer or in
        several parts, each of which begins a chunk of its own.
        """
        self.before()
        parts = parts_of(prompt) or [[]]
        with self._acting(adapters):
            if len(parts) == 1:
                return self._part(parts[0])
            return torch.cat([self._part(part) for part in parts], dim=1)

    def _part(self, parts: list[Piece]) -> Tensor:
        text = "".join(part.text for part in parts)
        tokens = self._tokens(text)
        if len(tokens) <= self.tokenizer.model_max_length and all(p.weight == 1 for p in parts):
            return self._plain(text)
        return self._weighted(parts)

    def pooled(self, prompt: str, adapters: TextAdapters = PLAIN) -> Tensor:
        """(1, width) of the prompt as a whole, without weights and cut to the encoder's length."""
        self.before()
        text = "".join(piece.text for piece in pieces(prompt))
        with self._acting(adapters):
            embeds: Tensor = self._read(text).text_embeds
        return embeds

    @contextlib.contextmanager
    def _acting(self, adapters: TextAdapters) -> Iterator[None]:
        """Let adapters act on what is read within the context, as far as they change this one."""
        strengths = tuple(each for each in adapters.strengths if self.adapted.has(each[0]))
        words = [each for each in adapters.words if self.words.has(each[1])]
        with self.adapted.acting([strengths]), self.words.reading(words):
            if not strengths:
                yield
                return
            plain, self._provider = self._provider, self._new_provider()
            try:
                yield
            finally:
                self._provider = plain

    def _tokens(self, text: str) -> list[int]:
        """Return the tokens of a text with those that mark its start and its end."""
        if not self.words.among(text):
            tokens: list[int] = self.tokenizer(text).input_ids
            return tokens
        return [self.tokenizer.bos_token_id, *self.words.ids(text), self.tokenizer.eos_token_id]

    def _plain(self, text: str) -> Tensor:
        """As diffusers' own pipelines read it."""
        output = self._read(text)
        states: Tensor = output.hidden_states[-2] if self._penultimate else output[0]
        return states

    def _read(self, text: str) -> Any:
        longest = self.tokenizer.model_max_length
        if self.words.among(text):
            own = self._tokens(text)
            own = own if len(own) <= longest else [*own[: longest - 1], own[-1]]
            tokens = self.tokenizer.pad(
                {"input_ids": [own]}, padding="max_length", max_length=longest, return_tensors="pt"
            )
        else:
            tokens = self.tokenizer(
                text,
                padding="max_length",
                max_length=longest,
                truncation=True,
                return_tensors="pt",
            )
        use_mask = getattr(self.network.config, "use_attention_mask", False)
        device = self.network.device
        mask = tokens.attention_mask.to(device) if use_mask else None
        with self.words.placed(tokens.input_ids.to(device)) as ids:
            return self.network(ids, attention_mask=mask, output_hidden_states=self._penultimate)

    def _weighted(self, parts: list[Piece]) -> Tensor:
        """Chunks of the encoder's length, side by side; weights move their states.

        Compel's way: above 1, away from the empty prompt; below 1, towards the prompt without
        the piece.
        """
        provider = self._provider
        parts = [part for part in parts if provider.get_token_ids([part.text], False)[0]]
        with provider.remembering():
            return provider.get_embeddings_for_weighted_prompt_fragments(
                [[part.text for part in parts]],
                [[part.weight for part in parts]],
                device=str(self.network.device),
            )

    @functools.cached_property
    def _provider(self) -> _Provider:
        return self._new_provider()

    def _new_provider(self) -> _Provider:
        """Return compel's, which remembers what the encoder says of the empty prompt."""
        dtype = self.network.dtype
        return _Provider(
            self.words,
            self.tokenizer,
            self.network,
            dtype_for_device_getter=lambda _: dtype,
            truncate=False,
            returned_embeddings_type=(
                ReturnedEmbeddingsType.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
                if self._penultimate
                else ReturnedEmbeddingsType.LAST_HIDDEN_STATES_NORMALIZED
            ),
            device=str(self.network.device),
        )


class _Provider(EmbeddingsProvider):
    """Compel's, that has no chunk of a prompt encoded twice, and knows words that are vectors.

    For each piece that weighs less than 1 it encodes the whole prompt anew with that piece
    masked, and all chunks but the piece's own are what they were.
    """

    _known: dict[tuple[tuple[int, ...], tuple[int, ...]], Tensor] | None = None

    def __init__(self, words: PromptWords, *parts: Any, **options: Any) -> None:
        super().__init__(*parts, **options)
        self._words = words

    @contextlib.contextmanager
    def remembering(self) -> Iterator[None]:
        """Keep what is encoded for as long as one prompt is read."""
        self._known = {}
        try:
            yield
        finally:
            self._known = None

    def get_token_ids(
        self, texts: list[str], include_start_and_end_markers: bool = True, **options: Any
    ) -> list[list[int]]:
        """Return the tokens of texts, in which words may stand for vectors."""
        if include_start_and_end_markers or not any(map(self._words.among, texts)):
            return super().get_token_ids(texts, include_start_and_end_markers, **options)
        return [self._words.ids(text) for text in texts]

    def _find_next_best_split_point(
        self, token_ids: Sequence[int], max_length: int, *separators: Any
    ) -> int:
        ids = self._words.readable(token_ids)
        return super()._find_next_best_split_point(ids, max_length, *separators)

    def _encode_token_ids_to_embeddings(
        self, token_ids: Tensor, attention_mask: Tensor | None = None
    ) -> Tensor:
        if self._known is None or attention_mask is None:
            return self._encoded(token_ids, attention_mask)
        chunk = tuple(token_ids[0].tolist()), tuple(attention_mask[0].tolist())
        if chunk not in self._known:
            self._known[chunk] = self._encoded(token_ids, attention_mask)
        return self._known[chunk]

    def _encoded(self, token_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        with self._words.placed(token_ids) as ids:
            return super()._encode_token_ids_to_embeddings(ids, attention_mask)
