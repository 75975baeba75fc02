"""Measure what variations, zooms and repaints of an edited picture keep of the edit.

With the prompt from before the edit, and with that prompt rewritten by the instruction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from generation.catalog.entries import usual
from generation.editing.edited_caption.caption import caption_after
from generation.images.tensors import digest_of
from generation.protocol.requests import Box, Paint, Source
from generation.shapes.captions import caption
from generation.shapes.evaluation.easel import PLAIN, Painter, in_batches
from generation.shapes.evaluation.instructed import BATCH, LANGUAGES, Outcome, Task, opened
from generation.shapes.instructions import Edit, instruction
from generation.shapes.scorers import read
from generation.shapes.world import COLOURS, FILLS, SHAPES, random_scene

CHOICES: Mapping[str, Sequence[str]] = MappingProxyType(
    {"colour": tuple(COLOURS), "background": tuple(COLOURS), "fill": FILLS, "shape": SHAPES}
)
"""The attributes that are edited, which can be read off a picture that was zoomed out of, too."""

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "vary, strength 0.4": Source(path=Path(), digest="", strength=0.4),
        "vary, strength 0.7": Source(path=Path(), digest="", strength=0.7),
        "restyle, strength 0.6": Source(path=Path(), digest="", strength=0.6),
        "zoom out 1.5×": Source(
            path=Path(),
            digest="",
            strength=0.95,
            within=Box(left=1 / 6, top=1 / 6, right=5 / 6, bottom=5 / 6),
        ),
        "zoom out 2×": Source(
            path=Path(),
            digest="",
            strength=0.95,
            within=Box(left=0.25, top=0.25, right=0.75, bottom=0.75),
        ),
    }
)
"""What follows an edit."""


def before(task: Task) -> str:
    """Return the prompt of a task's drawing, in the language of its instruction."""
    said = ("fill", "colour", "shape", "background")
    return caption(task.edit.before, said, Random(task.seed), task.language)


PROMPTS: Mapping[str, Callable[[Task], str]] = MappingProxyType(
    {
        "prompt from before the edit": before,
        "rewritten prompt": lambda task: caption_after(before(task), task.words).prompt,
    }
)

Kept = dict[str, dict[str, float]]
"""Shares of edits that are kept, by follow-up, then by prompt."""


def tasks(count: int, seed: int) -> list[Task]:
    """Draw edits of one object in the middle, of each attribute by turns, in both languages."""
    random = Random(f"after edits/{seed}")
    made = []
    for number in range(count):
        attribute = list(CHOICES)[number % len(CHOICES)]
        scene = random_scene(random, counts=(1,), place="middle")
        taken = {getattr(scene, attribute), scene.colour, scene.background}
        new = random.choice([each for each in CHOICES[attribute] if each not in taken])
        change: dict[str, Any] = {attribute: new}
        after = dataclasses.replace(scene, **change)
        edit = Edit(attribute=attribute, before=scene, after=after)
        language = LANGUAGES[number // len(CHOICES) % len(LANGUAGES)]
        words = instruction(edit, random, language)
        made.append(Task(edit=edit, language=language, words=words, seed=number))
    return made


def kept_after(paint: Painter, outcomes: Sequence[Outcome], folder: Path, *, model: str) -> Kept:
    """Return the shares of edited pictures whose follow-ups still show what the edit changed."""
    kept: Kept = {}
    for follow_up, source in SOURCES.items():
        kept[follow_up] = {}
        for name, prompt_of in PROMPTS.items():
            place = folder / f"{follow_up}, {name}"
            requests = [
                _request(outcome, prompt_of(outcome.task), source, place, model=model)
                for outcome in outcomes
            ]
            found = []
            for some in in_batches(list(zip(outcomes, requests, strict=True)), BATCH, follow_up):
                pictures = paint([request for _, request in some])
                for (outcome, _), [picture, *_] in zip(some, pictures, strict=True):
                    attribute = outcome.task.edit.attribute
                    shown = getattr(read(opened(picture)), attribute)
                    found.append(shown == getattr(outcome.task.edit.after, attribute))
            kept[follow_up][name] = sum(found) / len(found)
    return kept


def _request(outcome: Outcome, prompt: str, source: Source, folder: Path, *, model: str) -> Paint:
    """Return the request for one picture from an edited one."""
    place, settings = folder / f"{outcome.task.seed:04}", usual(model)
    place.mkdir(parents=True)
    path = place / "edited.png"
    outcome.picture.save(path)
    return Paint(
        job=place.name,
        model=model,
        prompt=prompt,
        count=1,
        seed=1000 + outcome.task.seed,
        feedback=PLAIN,
        source=dataclasses.replace(source, path=path, digest=digest_of(path.read_bytes())),
        previews=False,
        out=place,
        steps=settings.steps,
        guidance=settings.guidance,
        scheduler=settings.scheduler,
    )
