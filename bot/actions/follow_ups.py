"""Parameters of rounds that continue from a picture or a round."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from bot.actions.edits import instruction_of
from bot.actions.parameters import PARTS_OF_FEEDBACK, USUAL_COUNT, Parameters
from bot.actions.replays import repeats_record
from bot.actions.source_options import RESTYLED, STRONG, VARIATIONS, SourceOptions, members_words
from generation.catalog.entries import Defaults, usual
from storage.records import Image, Round


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """A prompt and a negative prompt as a member changes them; None: as it is."""

    prompt: str
    negative_prompt: str | None = None


def reworded(parameters: Parameters, wording: Wording) -> Parameters:
    """Return parameters with other words; `Refusal` for an instruction that no edit can follow."""
    prompt, negative = wording.prompt, wording.negative_prompt
    if parameters.image_guidance is not None:
        prompt = instruction_of(prompt)
    if negative is None:
        negative = parameters.negative_prompt
    same = (prompt, negative) == (parameters.prompt, parameters.negative_prompt)
    return dataclasses.replace(
        parameters,
        prompt=prompt,
        negative_prompt=negative,
        # What is typed now is read as it is today.
        literal=parameters.literal and same,
    )


def from_picture(
    image: Image,
    parent: Round,
    *,
    model: str,
    prompt: str | None,
    count: int,
    settings: Defaults | None,
    as_large: bool,
    negatives: bool,
    change: Mapping[str, Any],
) -> Parameters:
    """Return parameters for pictures that start from one of ours, by default with its prompt.

    An edited picture has that of its source, as the edit changed it: the old one would undo it.
    One that left its prompt aside, to follow likes alone, has its round's.

    `settings`: the steps, guidances and scheduler to use instead of its own. Those of an edit, an
    enlarged or a restored picture are never used: they describe how it was made from another.
    `negatives`: does the model have negative prompts.
    `change`: other parameters to replace.
    """
    own, whole = Parameters.of(image.parameters), Parameters.of(parent.parameters)
    here = whole.at(image.position)
    if own.feedback_drop == 1 and not own.prompt:  # It followed likes alone; this has none.
        own = dataclasses.replace(own, prompt=here.prompt)
    if repeats_record(parent):
        own, whole, here = map(_steered_as_usual, (own, whole, here))
    if not whole.axes:  # beside likes a picture's own guidance is less
        share = whole.feedback_steered_guidance
        own = dataclasses.replace(own, guidance=whole.guidance, feedback_steered_guidance=share)
    source_options = SourceOptions.of(image.parameters)
    if own.image_guidance is not None or (source_options and not source_options.painted):
        settings = settings or usual(model)
    said = {} if settings is None else dataclasses.asdict(settings)
    prompt, negative = own.shows if prompt is None else prompt, own.negative_prompt
    if own.image_guidance is not None:
        negative = _unsaid(own.avoids, prompt) if negatives else ""
    follows: dict[str, Any] = {
        "prompt": prompt,
        "negative_prompt": negative,
        "count": count,
        "seed": None,
        "image_guidance": None,
        "varied": False,
        "imagic": False,
        "about": None,
        "about_negative": "",
        "width": image.width if as_large else None,
        "height": image.height if as_large else None,
        "feedback_explore": whole.feedback_explore,
        "feedback_explore_guidance": whole.feedback_explore_guidance,
        "feedback_drop": here.feedback_drop,
    }
    return dataclasses.replace(own, **follows | said | dict(change))


def wording_of(image: Image, parent: Round, *, model: str, negatives: bool) -> Wording:
    """Return the words with which a picture would be varied; none that a command put in."""
    varied = from_picture(
        image,
        parent,
        model=model,
        prompt=None,
        count=VARIATIONS,
        settings=None,
        as_large=True,
        negatives=negatives,
        change={},
    )
    return Wording(prompt=members_words(varied.prompt), negative_prompt=varied.negative_prompt)


def restyling_strength(image: Image) -> float:
    """Return the strength to restyle a picture with: its own if all of it was painted with one."""
    own, parameters = SourceOptions.of(image.parameters), Parameters.of(image.parameters)
    edited = parameters.image_guidance is not None or parameters.imagic
    if own is None or edited or not own.painted or own.within or own.anew:
        return RESTYLED
    return min(own.strength, STRONG)


def _unsaid(negative: str, prompt: str) -> str:
    """Return a negative prompt without what the prompt asks for: a hat that was removed before."""
    said = prompt.lower()
    parts = map(str.strip, negative.split(","))
    return ", ".join(part for part in parts if part and part.lower() not in said)


def after_replay(parent: Round, parameters: Parameters) -> Parameters:
    """Return parameters for continuing from a replayed picture: a round steered like any other."""
    source_options = SourceOptions.of(parent.parameters)
    enlarges = source_options is not None and source_options.times > 1
    count = parameters.count if enlarges else USUAL_COUNT
    return _steered_as_usual(dataclasses.replace(parameters, count=count))


def _steered_as_usual(parameters: Parameters) -> Parameters:
    """Remove what a replayed picture recorded of its own feedback.

    Its guidance stays with its share beside likes: that of a picture that likes steered has had it.
    """
    parts = (part for part in PARTS_OF_FEEDBACK if part != "steered_guidance")
    unsaid: dict[str, Any] = {f"feedback_{part}": None for part in parts}
    return dataclasses.replace(parameters, **unsaid)
