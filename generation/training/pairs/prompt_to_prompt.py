"""Prompt-to-Prompt: paint a picture and its edit, which shares the attention of the first.

Prompt-to-Prompt Image Editing with Cross Attention Control (Hertz et al., arXiv 2208.01626).  For a
share of the steps the edit takes the attention maps of the source in place of its own: those of its
own tokens (attn1), which hold the layout, and those of the words that both prompts have (attn2).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from difflib import SequenceMatcher

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor

from generation.fabric.blending import merge_heads, split_heads
from generation.fabric.steering import Steering
from generation.models.model import Model
from generation.protocol.requests import Feedback
from generation.requests.prompts import literal
from generation.sampling.guidance import Guidance
from generation.sampling.trajectory import Trajectory

UNSTEERED = Steering(liked=(), disliked=(), feedback=Feedback())


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenMap:
    """How the tokens of a source prompt stand for those of an edited one.

    weights: (source tokens, edited tokens), with which maps over the one become maps over the
    other; own: (edited tokens,), 1 where a token has none that it stands for, and reads for itself.
    """

    weights: Tensor
    own: Tensor

    @classmethod
    def of(cls, source: Sequence[int], edited: Sequence[int]) -> TokenMap:
        """Align two prompts' token ids.

        Words in both are themselves; what replaces others shares in the attention on those.
        """
        weights, own = torch.zeros(len(source), len(edited)), torch.zeros(len(edited))
        matcher = SequenceMatcher(None, source, edited, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                weights[range(a, b), range(c, d)] = 1
            elif kind == "replace":
                weights[a:b, c:d] = 1 / (d - c)
            elif kind == "insert":
                own[c:d] = 1
        return cls(weights=weights, own=own)

    def applied(self, source: Tensor, edited: Tensor) -> Tensor:
        """Return maps over the edited prompt, of maps (…, source tokens) and (…, edited tokens)."""
        weights, own = self.weights.to(source), self.own.to(source)
        mixed = source @ weights * (1 - own) + edited * own
        return mixed / mixed.sum(dim=-1, keepdim=True).clamp(min=1e-8)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SharedRow:
    """A row of a call that takes the attention maps of another one.

    tokens: how the words of the other stand for its own; None to read the words for itself.
    """

    source: int
    edited: int
    tokens: TokenMap | None = None


class SharedAttention:
    """Attention processors that let rows of a UNet call take the attention maps of other rows.

    They are in place within `sharing` alone; then those that were there before are put back.
    """

    def __init__(self, unet: UNet2DConditionModel) -> None:
        self._unet = unet
        self.rows: Sequence[SharedRow] = ()

    @contextmanager
    def sharing(self, rows: Sequence[SharedRow]) -> Iterator[None]:
        """Share attention among the rows of every call within the context."""
        before = dict(self._unet.attn_processors)
        self.rows = rows
        try:
            self._unet.set_attn_processor(
                {name: self._processor(name, theirs) for name, theirs in before.items()}
            )
            yield
        finally:
            self._unet.set_attn_processor(before)
            self.rows = ()

    def _processor(self, name: str, before: object) -> object:
        if name.endswith(".attn1.processor"):
            return _SharedSelfAttention(self)
        if name.endswith(".attn2.processor"):
            return _SharedCrossAttention(self)
        return before


class _SharedSelfAttention:
    """Attention processor of one attn1 layer: edited rows attend where their source does."""

    def __init__(self, owner: SharedAttention) -> None:
        self.owner = owner

    def __call__(self, attn: Attention, hidden_states: Tensor, *_: None, **__: None) -> Tensor:
        """Return the output, (B, N, C).  hidden_states: (B, N, C), already normalised."""
        query, key, value = _projected(attn, hidden_states, hidden_states)
        order = list(range(len(query)))
        for row in self.owner.rows:
            order[row.edited] = row.source
        return _output(attn, F.scaled_dot_product_attention(query[order], key[order], value))


class _SharedCrossAttention:
    """Attention processor of one attn2 layer: edited rows read words where their source does."""

    def __init__(self, owner: SharedAttention) -> None:
        self.owner = owner

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        *_: None,
        **__: None,
    ) -> Tensor:
        """Return the output, (B, N, C).  encoder_hidden_states: (B, tokens, width)."""
        words = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        if attn.norm_cross:
            words = attn.norm_encoder_hidden_states(words)
        query, key, value = _projected(attn, hidden_states, words)
        attended = F.scaled_dot_product_attention(query, key, value)
        for row in self.owner.rows:
            if row.tokens is not None:
                pair = [row.source, row.edited]
                scores = query[pair] @ key[pair].transpose(-1, -2) * query.shape[-1] ** -0.5
                source, own = scores.softmax(dim=-1)
                attended[row.edited] = row.tokens.applied(source, own) @ value[row.edited]
        return _output(attn, attended)


def _projected(attn: Attention, hidden_states: Tensor, words: Tensor) -> list[Tensor]:
    projected = (attn.to_q(hidden_states), attn.to_k(words), attn.to_v(words))
    return [split_heads(part, attn.heads) for part in projected]


def _output(attn: Attention, attended: Tensor) -> Tensor:
    output: Tensor = attn.to_out[0](merge_heads(attended))
    return attn.to_out[1](output)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sharing:
    """How much a pair of pictures shares, and how closely both follow their prompts.

    share: of the steps, from the first on, in which attention is shared; guidance: of both.
    """

    seed: int
    share: float
    guidance: float


class PicturePair:
    """A picture and its edit under way, both from one seed: all their noise is the same."""

    def __init__(
        self,
        model: Model,
        prompts: tuple[str, str],
        sharing: Sharing,
        *,
        size: tuple[int, int],
        steps: int,
        scheduler: str,
        cross: bool = True,
    ) -> None:
        """prompts: of the source and of the edit, as text; cross: share attention on words, too."""
        self.sharing = sharing
        self._tokens = token_map(model, *prompts) if cross else None
        self.trajectories = tuple(
            _trajectory(model, prompt, sharing, size, steps, scheduler) for prompt in prompts
        )

    @property
    def done(self) -> bool:
        """True if both pictures have been painted."""
        return self.trajectories[0].done

    def shared_rows(self, sources: Sequence[int], edits: Sequence[int]) -> list[SharedRow]:
        """Return what is shared in the next call, given the rows of both in it.

        Only the last row of each reads its prompt.
        """
        source = self.trajectories[0]
        if source.call >= round(self.sharing.share * source.calls):
            return []
        tokens = [*[None] * (len(sources) - 1), self._tokens]
        return [
            SharedRow(source=row, edited=other, tokens=each)
            for row, other, each in zip(sources, edits, tokens, strict=True)
        ]


def token_map(model: Model, source: str, edited: str) -> TokenMap | None:
    """Align the tokens of two prompts; None if one is too long for the text encoder's one chunk."""
    tokenizer = model.text_encoders.encoders[0].tokenizer
    most = tokenizer.model_max_length
    ids = [tokenizer(prompt).input_ids for prompt in (source, edited)]
    if max(map(len, ids)) > most:
        return None
    # What fills a prompt up is the tokens' end, not words: those stand for each other.
    padded = [[*each, *range(-1, len(each) - most - 1, -1)] for each in ids]
    return TokenMap.of(*padded)


def _trajectory(
    model: Model,
    prompt: str,
    sharing: Sharing,
    size: tuple[int, int],
    steps: int,
    scheduler: str,
) -> Trajectory:
    positive, negative = model.encode_prompt(literal(prompt), "", sharing.guidance, *size)
    return Trajectory(
        model,
        Guidance(positive=positive, negative=negative, scale=sharing.guidance, steering=UNSTEERED),
        model.scheduler(scheduler, steps, sharing.seed),
        seed=sharing.seed,
        like=model.empty_latents(*size),
    )


@torch.inference_mode()
def advance_pairs(model: Model, pairs: Sequence[PicturePair], attention: SharedAttention) -> None:
    """One denoising step for all pairs, of which none is done, in one call of the UNet."""
    trajectories = [each for pair in pairs for each in pair.trajectories]
    rows, first = {}, 0
    for each in trajectories:
        rows[id(each)] = range(first, first + each.rows)
        first += each.rows
    shared = [
        row
        for pair in pairs
        for row in pair.shared_rows(*(rows[id(each)] for each in pair.trajectories))
    ]
    inputs = [each.input() for each in trajectories for _ in range(each.rows)]
    with attention.sharing(shared) if shared else nullcontext():
        outputs = model.predict(
            torch.cat([sample for sample, _, _ in inputs]),
            torch.cat([timesteps for _, _, timesteps in inputs]),
            [row.condition for each in trajectories for row in each.guidance.rows],
            compiled=False,
        )
    for each in trajectories:
        mine = rows[id(each)]
        each.step(each.guidance.combined(outputs[mine.start : mine.stop].split(1)))
