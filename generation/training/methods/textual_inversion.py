"""Textual Inversion: embeddings for a new word, and nothing else (Gal et al., arXiv 2208.01618).

The vectors are parameters of their own beside the table of embeddings, so every other row of it is
untouched by construction.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Parameter

from generation.models.adapters.weights import PARTS, Embedding
from generation.models.adapters.writing import write_embedding
from generation.models.model import Model
from generation.models.noise import chance_of
from generation.models.text_encoders import Encoder
from generation.protocol.events import TrainProgress
from generation.protocol.problems import Code
from generation.protocol.training import TextualInversion, Train
from generation.requests.refused import Refused
from generation.training.data.dataset import LiveTexts
from generation.training.data.folders import Example
from generation.training.data.preparation import prepare, validated
from generation.training.loop import TrainingTask
from generation.training.objectives import denoising_losses, fixed_losses
from generation.training.results import metadata_of
from generation.training.twin import encoder_with, model_with, twin_of

TEMPLATES = ("a photo of {}", "a rendering of {}", "a picture of {}", "the photo of {}", "{}")
"""Captions of pictures without one; the paper's are these with more adjectives."""

SPREAD = 0.05
"""Share of an embedding's usual deviation by which the vectors of a word begin apart."""


def begin(
    model: Model, request: Train, method: TextualInversion, examples: Sequence[Example]
) -> Generator[TrainProgress, None, TrainingTask]:
    """Prepare to train the vectors of a new word."""
    examples = [captioned(each, method.token, place) for place, each in enumerate(examples)]
    dataset = yield from prepare(model, request, examples)
    trained, parameters = with_word(model, method, request.recipe.seed)
    texts = LiveTexts(trained)
    levels, gamma = model.training_levels, request.recipe.snr_gamma

    def loss(number: int, chance: torch.Generator) -> Tensor:
        rows = dataset.rows(number, chance, texts)
        return denoising_losses(trained, rows, levels, chance, gamma).mean()

    fixed = validated(dataset, texts)

    def save(folder: Path) -> Path:
        file = folder / f"{request.name}.safetensors"
        vectors = {part: each.detach().cpu() for part, each in parameters.items()}
        about = metadata_of(model, request)
        about = dataclasses.replace(about, trigger=request.trigger or method.token)
        write_embedding(file, Embedding(vectors=vectors, token=method.token), about)
        return file

    return TrainingTask(
        model=trained,
        parameters=parameters,
        loss=loss,
        validation=lambda: fixed_losses(trained, fixed(), levels),
        save=save,
        prompts=[each.caption for each in examples],
        networks=[trained.unet],
    )


def captioned(example: Example, token: str, place: int) -> Example:
    """Return an example whose caption says the word."""
    caption = example.caption
    if not caption:
        caption = TEMPLATES[place % len(TEMPLATES)].format(token)
    elif token not in caption:
        caption = f"{token}, {caption}"
    return dataclasses.replace(example, caption=caption)


def with_word(
    model: Model, method: TextualInversion, seed: int
) -> tuple[Model, dict[str, Parameter]]:
    """Return a model of twins that knows the word, and its vectors by text encoder."""
    encoders: list[Encoder] = []
    parameters: dict[str, Parameter] = {}
    for place, (encoder, part) in enumerate(
        zip(model.text_encoders.encoders, PARTS[1:], strict=False)
    ):
        network = twin_of(encoder.network)
        tokenizer = WordTokenizer(encoder.tokenizer, method.token, method.vectors)
        table = network.get_input_embeddings()
        vectors = Parameter(
            first_vectors(table.weight, encoder.tokenizer, method, chance_of(seed, place))
        )
        network.set_input_embeddings(ExtendedEmbedding(table, tokenizer.first, vectors))
        encoders.append(encoder_with(encoder, network, tokenizer))
        parameters[part] = vectors
    return model_with(model, unet=twin_of(model.unet), encoders=encoders), parameters


def first_vectors(
    table: Tensor, tokenizer: Any, method: TextualInversion, chance: torch.Generator
) -> Tensor:
    """Return the vectors to begin with: near the initializer's, or near the mean: (n, width)."""
    rows = table.detach().float()
    if method.initializer:
        ids = tokenizer(method.initializer, add_special_tokens=False).input_ids
        if not ids:
            raise Refused(Code.TRAIN_INITIALIZER, word=method.initializer)
        mean = rows[torch.tensor(ids, device=rows.device)].mean(0)
    else:
        mean = rows.mean(0)
    apart = torch.randn((method.vectors, rows.shape[1]), generator=chance).to(rows)
    return mean + SPREAD * rows.std() * apart


class ExtendedEmbedding(nn.Module):
    """A table of embeddings with a few vectors more, which alone are trained."""

    def __init__(self, table: nn.Embedding, first: int, vectors: Parameter) -> None:
        """`first` is the id of the first vector."""
        super().__init__()
        self.table, self.first, self.vectors = table, first, vectors

    def forward(self, ids: Tensor) -> Tensor:
        """Return the embeddings of ids (B, n): (B, n, width)."""
        own = (ids >= self.first) & (ids < self.first + len(self.vectors))
        known = self.table(ids.masked_fill(own, 0))
        trained = F.embedding((ids - self.first).masked_fill(~own, 0), self.vectors)
        return torch.where(own.unsqueeze(-1), trained.to(known.dtype), known)


class WordTokenizer:
    """A tokenizer that knows one word more, which stands for several tokens."""

    def __init__(self, tokenizer: Any, token: str, count: int) -> None:
        if tokenizer.convert_tokens_to_ids(token) in range(len(tokenizer)) and (
            token in tokenizer.get_vocab()
        ):
            raise Refused(Code.TRAIN_WORD_KNOWN, word=token)
        self._token = token
        self._tokenizer = copy.deepcopy(tokenizer)
        words = [token, *(f"{token}_{number}" for number in range(1, count))]
        self._tokenizer.add_tokens(words)
        self._words = " ".join(words)
        self.first = int(self._tokenizer.convert_tokens_to_ids(token))

    def __len__(self) -> int:
        return len(self._tokenizer)

    def __call__(self, text: Any, *args: Any, **kwargs: Any) -> Any:
        """Tokenize a text or several."""
        several = [text] if isinstance(text, str) else text
        expanded = [each.replace(self._token, self._words) for each in several]
        return self._tokenizer(expanded[0] if isinstance(text, str) else expanded, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)
