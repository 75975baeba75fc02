"""What a model is judged by: the same prompts and seeds, with the trigger and without it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from PIL import Image

from generation.protocol.training import DreamBooth, TextualInversion, Train
from generation.training.evaluation.scores import Judge, Scores

SAMPLES = 4
"""Pictures of a probe, if the request names no prompts."""
SAMPLE_SEED = 77_000

Progress = TypeVar("Progress")
PaintAll = Callable[[Sequence[str], Sequence[int]], Generator[Progress, None, list[Image.Image]]]
"""Function from prompts and as many seeds to one picture for each, in order, step by step."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """Prompts and seeds that a model is judged by.

    Wishes are pairs of a prompt and a seed; where a prompt has several seeds, its pictures also
    tell the diversity.
    """

    wishes: tuple[tuple[str, int], ...]
    trigger: str = ""
    """The word that training gave a meaning, as it stands in the prompts."""
    noun: str = ""
    """Known words to stand for the trigger where it is left out; none if its class follows it."""

    @property
    def plain(self) -> tuple[str, ...]:
        """The prompts without the trigger: what CLIP can read, and what must not drift."""
        return tuple(without(self.trigger, prompt, self.noun) for prompt, _ in self.wishes)

    @property
    def plain_wishes(self) -> tuple[tuple[str, int], ...]:
        """The same wishes without the trigger; none if no prompt has it."""
        plain = tuple(zip(self.plain, (seed for _, seed in self.wishes), strict=True))
        return plain if plain != self.wishes else ()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """The pictures of a model for a probe's wishes, in order, and their scores."""

    pictures: tuple[Image.Image, ...]
    plain: tuple[Image.Image, ...]
    """Those of the wishes without the trigger."""
    scores: Scores


def probe_of(request: Train, prompts: Sequence[str], *, in_order: bool = False) -> Probe:
    """Return the probe of a training; `prompts` are those of its data.

    Each prompt of the request has a seed of its own.  Of the data's prompts two are painted from
    two seeds each, so that there is diversity to measure, unless they are wanted `in_order`, as
    each belongs to a picture.
    """
    asked = list(request.checkpoints.prompts)
    if not asked:
        distinct = list(prompts) if in_order else list(dict.fromkeys(prompts))[: SAMPLES // 2]
        asked = [distinct[place % len(distinct)] for place in range(SAMPLES)]
    trigger, noun = trigger_of(request)
    seeds = range(SAMPLE_SEED, SAMPLE_SEED + len(asked))
    return Probe(wishes=tuple(zip(asked, seeds, strict=True)), trigger=trigger, noun=noun)


def trigger_of(request: Train) -> tuple[str, str]:
    """Return the word that a training gives a meaning, and known words to stand for it.

    Of a trigger of several words the first is new, and its class follows: "sks dog".  Both are
    empty if the request does not say.
    """
    method = request.method
    if isinstance(method, TextualInversion):
        return method.token, method.initializer
    if request.trigger:
        return request.trigger, request.trigger.partition(" ")[2]
    if isinstance(method, DreamBooth) and method.class_prompt:
        known = set(method.class_prompt.lower().split())
        new = [word for word in method.instance_prompt.split() if word.lower() not in known]
        return (new[0], "") if len(new) == 1 else ("", "")
    return "", ""


def evaluate(
    paint: PaintAll[Progress], probe: Probe, references: Sequence[Image.Image], judge: Judge
) -> Generator[Progress, None, Evaluated]:
    """Paint a probe with a model and score it against the training pictures, `references`."""
    every = (*probe.wishes, *probe.plain_wishes)
    painted = yield from paint([prompt for prompt, _ in every], [seed for _, seed in every])
    pictures, plain = painted[: len(probe.wishes)], painted[len(probe.wishes) :]
    return Evaluated(
        pictures=tuple(pictures),
        plain=tuple(plain),
        scores=judge.score(pictures, probe.plain, references, plain),
    )


def without(trigger: str, prompt: str, noun: str = "") -> str:
    """Replace the trigger in a prompt by `noun`: "a photo of sks dog" → "a photo of dog"."""
    if not trigger:
        return prompt
    word = rf"(?<!\w){re.escape(trigger)}(?!\w)"
    return re.sub(r"\s+", " ", re.sub(word, lambda _: noun, prompt, flags=re.IGNORECASE)).strip()
