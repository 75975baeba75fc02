"""Evaluation of a trained model: what it paints beside what the untouched one paints.

Both paint the same prompts from the same seeds, with the trigger and without it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from generation.training.evaluation.scores import Judge, Scores

PaintAll = Callable[[Sequence[str], Sequence[int]], list[Image.Image]]
"""Function from prompts and as many seeds to one picture for each, in order."""

EMBEDDED_CLIP = "clip"
"""Folder of the CLIP beside a model that comes with one, as the embedded one does."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """Prompts and seeds that a model is judged by; each prompt is painted from every seed."""

    prompts: tuple[str, ...]
    seeds: tuple[int, ...] = (0, 1)
    """At least two, or there is no diversity to measure."""
    trigger: str = ""
    """The word that training gave a meaning, as it stands in the prompts."""
    noun: str = ""
    """Known words to stand for the trigger where it is left out; none if its class follows it."""

    @property
    def plain(self) -> tuple[str, ...]:
        """The prompts without the trigger: what CLIP can read, and what must not drift."""
        return tuple(without(self.trigger, prompt, self.noun) for prompt in self.prompts)

    @property
    def wishes(self) -> tuple[list[str], list[int]]:
        """Every prompt with every seed."""
        return self._each(self.prompts)

    @property
    def plain_wishes(self) -> tuple[list[str], list[int]]:
        """The same without the trigger; none if no prompt has it."""
        return self._each(self.plain) if self.plain != self.prompts else ([], [])

    def _each(self, prompts: Sequence[str]) -> tuple[list[str], list[int]]:
        pairs = [(prompt, seed) for prompt in prompts for seed in self.seeds]
        return [prompt for prompt, _ in pairs], [seed for _, seed in pairs]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """The pictures of a model for a probe, in the order of its wishes, and their scores."""

    pictures: tuple[Image.Image, ...]
    plain: tuple[Image.Image, ...]
    """Those of the prompts without the trigger."""
    scores: Scores


def evaluate(
    paint: PaintAll, probe: Probe, references: Sequence[Image.Image], judge: Judge
) -> Evaluated:
    """Paint a probe with a model and score it against the training pictures, `references`."""
    pictures = paint(*probe.wishes)
    prompts, seeds = probe.plain_wishes
    plain = paint(prompts, seeds) if prompts else []
    read = [prompt for prompt in probe.plain for _ in probe.seeds]
    return Evaluated(
        pictures=tuple(pictures),
        plain=tuple(plain),
        scores=judge.score(pictures, read, references, plain),
    )


def without(trigger: str, prompt: str, noun: str = "") -> str:
    """Replace the trigger in a prompt by `noun`: "a photo of sks dog" → "a photo of dog"."""
    if not trigger:
        return prompt
    word = rf"(?<!\w){re.escape(trigger)}(?!\w)"
    return re.sub(r"\s+", " ", re.sub(word, lambda _: noun, prompt, flags=re.IGNORECASE)).strip()


def clip_of(model: Path, configured: Path | None = None) -> Path | None:
    """Return the folder of the CLIP that judges a model's pictures; None if there is none.

    The configured one, or the one that lies beside the model's own parts in the folder `model`.
    """
    if configured is not None:
        return configured
    own = model / EMBEDDED_CLIP
    return own if (own / "config.json").is_file() else None
