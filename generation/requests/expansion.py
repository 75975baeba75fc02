"""Expansion of a request for several images to a request for each: seeds, axes, alternatives."""

from __future__ import annotations

import dataclasses
import random

from generation.protocol.requests import (
    Axis,
    Paint,
)
from generation.requests.called_adapters import (
    called,
    with_strength,
    with_triggers,
    without_tags,
)
from generation.requests.comparisons import Value, replaced, values_at
from generation.requests.feedback import drops_prompt, explores, guidance_beside_likes
from generation.requests.pasted import prompts_of
from generation.requests.prompts import chosen

VARIED = (0.8, 1.2)
"""Range from which a varied edit draws its guidances, as multiples of those asked for.

For InstructPix2Pix's usual 7.5 and 1.5 these are 6 to 9 and 1.2 to 1.8, within its useful ranges: 5
to 10, and 1 to 1.5 and somewhat above (Brooks, Holynski and Efros, arXiv 2211.09800, §4).
"""


def picture_of(request: Paint, place: int) -> Paint:
    """Return the request for one of its images alone, which paints that very image.

    With its own seed and values, the prompt alternatives that its seed chooses, no prompt if that
    is dropped, and the guidance that it takes beside likes.  Raises `Refused` for a prompt that
    cannot be read.
    """
    liked = len(request.liked)
    if request.axes:
        one = cell(request, place)
        explorer = explores(one.feedback, 0, 1, liked)
    else:
        one = dataclasses.replace(request, seed=request.seed + place)
        one = varied(one) if one.varied else one
        explorer = explores(one.feedback, place, request.count, liked)
    feedback = one.feedback
    follows = liked > 0 and not explorer and max(feedback.strength, feedback.floor) > 0
    compared = any(axis.parameter == "guidance" for axis in request.axes)
    if (explorer or follows) and one.image_guidance is None and not compared:
        guidance = guidance_beside_likes(feedback, one.guidance, explorer=explorer)
        one = dataclasses.replace(one, guidance=guidance)
    dropped = drops_prompt(feedback, one.seed, follows=follows)
    prompt, negative = (chosen(words, one.seed) for words in prompts_of(one))
    one, prompt = with_called(one, prompt)
    return dataclasses.replace(
        one,
        prompt="" if dropped else prompt,
        negative_prompt=negative,
        count=1,
        axes=(),
        grid=False,
        feedback=dataclasses.replace(
            feedback,
            steered_guidance=1.0,
            explore=float(explorer),
            explore_guidance=1.0,
            drop=float(dropped),
        ),
    )


def with_called(request: Paint, prompt: str) -> tuple[Paint, str]:
    """Return the request with the adapters that its prompt calls, and the prompt without the calls.

    The prompt has the trigger words of all that act.

    prompt: the one that it is painted by, of its alternatives.
    """
    if request.literal or not (request.adapters or request.offered):
        return request, prompt
    adapters = called(prompt, request.adapters, request.offered)
    request = dataclasses.replace(request, adapters=adapters, offered=())
    return request, with_triggers(without_tags(prompt), adapters, request.negative_prompt)


def varied(request: Paint) -> Paint:
    """Return the request with guidances drawn from its seed."""
    # A random stream of its own: the seed's first numbers already choose prompt alternatives.
    chance = random.Random(f"guidances of {request.seed}")
    obey = request.guidance * chance.uniform(*VARIED)
    keep = (request.image_guidance or 1.0) * chance.uniform(*VARIED)
    return dataclasses.replace(
        request,
        guidance=round(obey, 2),
        image_guidance=max(1.0, round(keep, 2)),
        varied=False,
    )


def cell(request: Paint, place: int) -> Paint:
    """Return a comparison's request with the values of one place."""
    for axis, value in values_at(request.axes, place):
        request = _with(request, axis, value)
    return request


def _with(request: Paint, axis: Axis, value: Value) -> Paint:
    name = axis.parameter
    if name == "prompt":
        return dataclasses.replace(
            request,
            prompt=replaced(request.prompt, axis, value),
            negative_prompt=replaced(request.negative_prompt, axis, value),
        )
    part, _, field = name.partition("_")
    if part == "adapter":
        return _at_strength(request, float(value))
    if part == "feedback":
        feedback = dataclasses.replace(request.feedback, **{field: value})  # type: ignore[arg-type]
        return dataclasses.replace(request, feedback=feedback)
    if part == "source" and request.source is not None:
        source = dataclasses.replace(request.source, **{field: value})  # type: ignore[arg-type]
        return dataclasses.replace(request, source=source)
    return dataclasses.replace(request, **{name: value})  # type: ignore[arg-type]


def _at_strength(request: Paint, strength: float) -> Paint:
    """Return the request with all of its adapters at this strength, those that it calls, too."""
    adapters, offered = (
        tuple(
            each
            if each.embedding
            else dataclasses.replace(each, strength=strength, text_strength=None)
            for each in some
        )
        for some in (request.adapters, request.offered)
    )
    return dataclasses.replace(
        request,
        adapters=adapters,
        offered=offered,
        prompt=with_strength(request.prompt, strength),
    )
