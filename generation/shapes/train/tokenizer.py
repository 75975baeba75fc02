"""Train a byte-pair CLIP tokenizer on captions of this world."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

LENGTH = 32
"""Tokens per prompt: the longest caption has fewer, and each one costs attention."""
_BEGIN, _END, _WORD_END = "<|startoftext|>", "<|endoftext|>", "</w>"
_WORDS = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")


def train(captions: Iterable[str]) -> CLIPTokenizer:
    """Learn the merges; every single byte stays in the vocabulary, so no text is unknown."""
    learner = Tokenizer(models.BPE(end_of_word_suffix=_WORD_END))
    learner.normalizer = normalizers.Lowercase()
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(_WORDS, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=2048, min_frequency=20, end_of_word_suffix=_WORD_END, show_progress=False
    )
    learner.train_from_iterator(captions, trainer)
    merges = _merges(learner)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + _WORD_END for letter in letters)]
    pieces += [left + right for left, right in merges]
    pieces += [_BEGIN, _END]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    return CLIPTokenizer(
        vocab=vocabulary,
        merges=merges,
        bos_token=_BEGIN,
        eos_token=_END,
        unk_token=_END,
        pad_token=_END,
        model_max_length=LENGTH,
    )


def _merges(learner: Tokenizer) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
