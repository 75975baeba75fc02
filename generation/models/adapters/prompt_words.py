"""Words of a prompt that stand for vectors: Textual Inversion (Gal et al., arXiv 2208.01618).

Tokenizer and embeddings are never changed: a word becomes identifiers beyond the vocabulary, and
where the text encoder looks these up it is given the vectors, for one prompt alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import CLIPTokenizer, PreTrainedModel

from generation.requests.called_adapters import whole_word

UNMARKED = 0
"""The token that a text encoder is shown in the place of a vector: neither of those that mark the
start and the end of a text, whose places it looks for."""

INNER, LAST = "a", "a</w>"
"""Tokens that stand for the vectors of a word where a long prompt is cut at the ends of words."""


class PromptWords:
    """The embeddings of one text encoder, and the words that stand for them within `reading`."""

    def __init__(self, tokenizer: CLIPTokenizer, network: PreTrainedModel) -> None:
        self._tokenizer = tokenizer
        self._network = network
        self._vectors: dict[str, Tensor] = {}
        self._first = len(tokenizer)
        self._words: dict[str, list[int]] = {}
        """The identifiers of each word of the current prompt, in lower case."""
        self._active = torch.empty(0)
        """The vectors of these identifiers, from the first one on."""

    @property
    def nbytes(self) -> int:
        """Size of all embeddings in bytes."""
        return sum(vectors.nbytes for vectors in self._vectors.values())

    def has(self, digest: str) -> bool:
        """Return True if there is an embedding with this digest."""
        return digest in self._vectors

    def add(self, digest: str, vectors: Tensor) -> None:
        """Keep an embedding, (n, width), where the network is now."""
        self._vectors[digest] = vectors.to(self._embedding.weight)

    def remove(self, digest: str) -> None:
        """Forget an embedding."""
        self._vectors.pop(digest, None)

    @contextmanager
    def reading(self, words: Sequence[tuple[str, str]]) -> Iterator[None]:
        """Let words stand for embeddings, given by their digests, within the context."""
        if not words:
            yield
            return
        begin, vectors = self._first, []
        places: dict[str, list[int]] = {}
        for digest in dict.fromkeys(digest for _, digest in words):
            places[digest] = list(range(begin, begin + len(self._vectors[digest])))
            vectors.append(self._vectors[digest])
            begin += len(self._vectors[digest])
        try:
            self._active = torch.cat(vectors)
            self._words = {word.lower(): places[digest] for word, digest in words}
            yield
        finally:
            self._active, self._words = torch.empty(0), {}

    def among(self, text: str) -> bool:
        """Return True if one of the words stands in a text."""
        return bool(self._words) and self._pattern.search(text) is not None

    def ids(self, text: str) -> list[int]:
        """Return the tokens of a text without those at its start and end."""
        ids: list[int] = []
        for number, part in enumerate(self._pattern.split(text)):
            if number % 2:
                ids += self._words[part.lower()]
            elif part.strip():
                ids += self._tokenizer(part, add_special_tokens=False).input_ids
        return ids

    def readable(self, ids: Sequence[int]) -> list[int]:
        """Replace the identifiers of vectors by tokens that are cut after where a word ends."""
        inner, last = self._tokenizer.convert_tokens_to_ids([INNER, LAST])
        ends = {places[-1] for places in self._words.values()}
        return [each if each < self._first else last if each in ends else inner for each in ids]

    @contextmanager
    def placed(self, ids: Tensor) -> Iterator[Tensor]:
        """Yield tokens (1, n) that the network can be called with, and give it the vectors."""
        vectors = ids >= self._first
        if not bool(vectors.any()):
            yield ids
            return
        given = self._active[(ids[vectors] - self._first).to(self._active.device)]

        def place(_: nn.Module, __: object, output: Tensor) -> Tensor:
            output = output.clone()
            output[vectors] = given.to(output)
            return output

        handle = self._embedding.register_forward_hook(place)
        try:
            yield ids.masked_fill(vectors, UNMARKED)
        finally:
            handle.remove()

    @property
    def _embedding(self) -> nn.Embedding:
        embedding: nn.Embedding = self._network.get_input_embeddings()
        return embedding

    @property
    def _pattern(self) -> re.Pattern[str]:
        """The words, whole and in letters of any case; the longest that fits is meant."""
        longest = sorted(self._words, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(whole_word, longest))})", re.IGNORECASE)
