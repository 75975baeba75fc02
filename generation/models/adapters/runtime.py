"""The adapters of a loaded model: read from files once, and acting on one call at a time."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from diffusers import UNet2DConditionModel

from generation.models.adapters.acting import ActingAdapters, Strengths, TextAdapters
from generation.models.adapters.adapted_layers import AdaptedLayers
from generation.models.adapters.reading import read_adapter
from generation.models.adapters.targets import Targets
from generation.models.adapters.weights import PARTS, AdapterWeights, Embedding
from generation.models.model import Model
from generation.models.text_encoders import Encoder
from generation.protocol.problems import Code
from generation.protocol.requests import Adapter, Paint
from generation.requests.refused import Refused

BUDGET = 2**29
"""Bytes of adapters that are kept loaded, beyond those in use."""


class Adapters:
    """The adapters of one model, named by the digests of their files.

    None acts except within `acting`.  The least recently used are forgotten first.
    """

    def __init__(
        self,
        unet: UNet2DConditionModel,
        encoders: Mapping[str, Encoder] | None = None,
        budget: int = BUDGET,
    ) -> None:
        """`encoders` are the text encoders by the names of their parts; the budget is in bytes."""
        self.layers = AdaptedLayers(unet)
        """The layers of the UNet."""
        self._encoders = dict(encoders or {})
        parts = {part: encoder.network for part, encoder in self._encoders.items()}
        self._targets = Targets.of({"unet": unet, **parts})
        self._budget = budget
        self._loaded: OrderedDict[str, str | None] = OrderedDict()
        """The tokens of the embeddings, which may be empty, and None for each LoRA."""
        self._held: Counter[str] = Counter()

    @property
    def loaded(self) -> frozenset[str]:
        """The digests of all that are loaded."""
        return frozenset(self._loaded)

    @property
    def nbytes(self) -> int:
        """Size of all that are loaded, in bytes."""
        texts = (e.adapted.nbytes + e.words.nbytes for e in self._encoders.values())
        return self.layers.nbytes + sum(texts)

    def load(self, adapter: Adapter) -> None:
        """Load an adapter's file unless it is loaded, and keep it until it is released.

        Raises `Refused` if the file cannot be applied; those loaded before stay as they are.
        """
        digest = adapter.digest
        if digest not in self._loaded:
            self._insert(digest, read_adapter(adapter, self._targets))
            self._make_room(digest)
        self._loaded.move_to_end(digest)
        self._held[digest] += 1

    def release(self, digest: str) -> None:
        """Let a loaded adapter be forgotten when room is needed, unless others hold it, too."""
        self._held -= Counter([digest])  # which also drops those that nobody holds

    def forget_unused(self) -> None:
        """Forget all adapters that nobody holds."""
        for digest in [digest for digest in self._loaded if self._held[digest] < 1]:
            self._remove(digest)

    def recognised(self, request: Paint) -> Paint:
        """Return a request that says which of its adapters are embeddings, of those loaded."""
        adapters = tuple(
            dataclasses.replace(each, embedding=self._loaded[each.digest] is not None)
            if each.digest in self._loaded
            else each
            for each in request.adapters
        )
        return dataclasses.replace(request, adapters=adapters)

    def acting_of(self, adapters: Sequence[Adapter]) -> ActingAdapters:
        """Return what acts on a picture for which these loaded adapters are asked, in any order.

        Raises `Refused` for an embedding that is to act in part.
        """
        unet, text, words = [], [], []
        for adapter in sorted(adapters, key=lambda each: each.digest):
            digest, token = adapter.digest, self._loaded[adapter.digest]
            if token is not None:
                if adapter.strength not in (0, 1):
                    raise Refused(Code.ADAPTER_EMBEDDING_STRENGTH, name=adapter.name)
                names = dict.fromkeys(filter(_has_letters, (token, adapter.name)))
                words += [(name, digest) for name in names if adapter.strength]
                continue
            if adapter.strength and self.layers.has(digest):
                unet.append((digest, adapter.strength))
            strength = adapter.strength_of_text
            if strength and any(e.adapted.has(digest) for e in self._encoders.values()):
                text.append((digest, strength))
        return ActingAdapters(tuple(unet), TextAdapters(tuple(text), tuple(words)))

    @contextmanager
    def acting(self, rows: Sequence[Strengths]) -> Iterator[None]:
        """Let adapters act on the UNet within the context: each row's own, or one's on all."""
        with self.layers.acting(rows):
            yield

    def _insert(self, digest: str, read: AdapterWeights | Embedding) -> None:
        """Put what was read into the networks; on an error, take out again what is there."""
        try:
            if isinstance(read, Embedding):
                for part, vectors in read.vectors.items():
                    self._encoders[part].before()
                    self._encoders[part].words.add(digest, vectors)
            else:
                for part, layers in read.parts.items():
                    if part == "unet":
                        self.layers.add(digest, layers)
                    else:
                        self._encoders[part].before()
                        self._encoders[part].adapted.add(digest, layers)
        except Exception:
            self._remove(digest)
            raise
        self._loaded[digest] = read.token if isinstance(read, Embedding) else None

    def _make_room(self, kept: str) -> None:
        """Forget adapters that nobody holds until all fit into the budget."""
        for digest in [each for each in self._loaded if each != kept and self._held[each] < 1]:
            if self.nbytes <= self._budget:
                return
            self._remove(digest)

    def _remove(self, digest: str) -> None:
        self._loaded.pop(digest, None)
        self.layers.remove(digest)
        for encoder in self._encoders.values():
            encoder.adapted.remove(digest)
            encoder.words.remove(digest)


def adapters_of(model: Model, budget: int = BUDGET) -> Adapters:
    """Return the adapters of a model, none yet; the budget is in bytes."""
    encoders = zip(PARTS[1:], model.text_encoders.encoders, strict=False)
    return Adapters(model.unet, dict(encoders), budget)


def _has_letters(word: str) -> bool:
    """Return False for names that no prompt means, such as the `*` of old embeddings."""
    return re.search(r"\w", word) is not None
