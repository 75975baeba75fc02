"""Validation of requests: a problem for one that cannot be done."""

from __future__ import annotations

import math
import re

from generation.catalog.entries import (
    FEW_STEPS,
    Defaults,
    usual,
    usual_editing,
    usual_feedback,
)
from generation.protocol.options import ModelCard
from generation.protocol.problems import Code
from generation.protocol.requests import (
    MAX_PICTURES,
    Adapter,
    Box,
    Feedback,
    Imagic,
    Paint,
    Source,
)
from generation.protocol.samplers import SCHEDULERS
from generation.requests.called_adapters import TAG
from generation.requests.comparisons import check_axes, count_of
from generation.requests.expansion import cell, with_called
from generation.requests.memory import MemoryNeed, Shortage, shortage
from generation.requests.pasted import prompts_of
from generation.requests.prompts import chosen, unbroken
from generation.requests.refused import Refused
from generation.requests.sizes import MIN_SIDE, size_of

GIGABYTE = 1e9
MAX_STEPS = 150
LCM_SCHEDULE = 50
"""Steps that latent consistency models are distilled from (Luo et al., arXiv 2310.04378)."""
MAX_GUIDANCE = 30.0
MAX_IMAGE_GUIDANCE = 5.0
MOST_ETA = 2.0
MOST_FITTING = 5000
"""Steps of each of Imagic's stages."""
MOST_TIMES = 4
"""That a source is enlarged."""
MOST_NOISE = 0.5
"""That is taken out of a picture, as a standard deviation of values from 0 to 1; with more, hardly
anything of it is left."""
MOST_FEEDBACK = 10.0
"""Limit on the weights of feedback."""
MAX_REFERENCES = 64
MAX_ADAPTERS = 8
MAX_STRENGTH = 2.0
"""Of an adapter, in either direction; beyond, pictures fall apart."""
MAX_NAME = 100
"""Characters of an adapter's name."""
MAX_SEED = 2**63 - 1
LEAST_SHARE = 0.1
"""Of a picture's width and height that a part of it takes: thinner ones say nothing."""


def check(
    request: Paint,
    card: ModelCard,
    model: str,
    multiple: int,
    usual: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """The width and height to paint; `Refused` if the request cannot be done.

    `model` is what the loaded model was asked for as; sides are multiples of `multiple`;
    `usual` is the size where none is said, else the model's native one.
    """
    if request.model not in (card.name, model):
        raise Refused(Code.OTHER_MODEL, model=request.model, loaded=card.name)
    if not request.out.is_dir():
        raise Refused(Code.NO_FOLDER, folder=str(request.out))
    check_values(request, card)
    size = size_of(request, card, multiple, usual)
    check_memory(request, size, card, multiple)
    return size


def check_values(request: Paint, card: ModelCard | None = None) -> None:
    """Raise `Refused` for anything but the size, the files and the memory that it takes.

    card: the model's, None while it is being loaded.  Blocks: prompts are read, those of a
    comparison one by one.
    """
    _check_count(request)
    for place in range(request.count if request.axes else 1):
        _check_picture(cell(request, place))
    if request.image_guidance is not None and card is not None and not card.edits:
        raise Refused(Code.CANNOT_EDIT, model=card.name)


def check_memory(request: Paint, size: tuple[int, int], card: ModelCard, multiple: int) -> None:
    """Raise `Refused` for what does not fit into the model's memory at this size, even alone."""
    short = shortage_of(request, size, card, multiple)
    if short is None:
        return
    width, height = size
    needed, limit = short.needed / GIGABYTE, short.limit / GIGABYTE
    steering = len({*request.liked, *request.disliked})
    if short.size is not None and short.references is not None:
        raise Refused(
            Code.MEMORY_SIZE_OR_STEERING,
            width=width,
            height=height,
            steering=steering,
            needed=needed,
            limit=limit,
            better_width=short.size[0],
            better_height=short.size[1],
            count=short.references,
        )
    if short.size is not None:
        raise Refused(
            Code.MEMORY_SIZE,
            width=width,
            height=height,
            needed=needed,
            limit=limit,
            better_width=short.size[0],
            better_height=short.size[1],
        )
    if short.references is not None:
        raise Refused(Code.MEMORY_STEERING, steering=steering, limit=limit, count=short.references)
    raise Refused(Code.MEMORY_NOTHING, needed=needed, limit=limit)


def shortage_of(
    request: Paint, size: tuple[int, int], card: ModelCard, multiple: int
) -> Shortage | None:
    """Return the shortage if a request of this size does not fit into memory, even alone."""
    if card.memory is None:
        return None
    cells = [cell(request, place) for place in range(request.count if request.axes else 1)]
    reads = any(max(one.feedback.strength, one.feedback.floor) > 0 for one in cells)
    references = {one.digest for one in (*request.liked, *request.disliked)} if reads else ()
    need = MemoryNeed(
        width=size[0],
        height=size[1],
        rows=2 if any(one.guidance > 1 for one in cells) else 1,
        references=len(references),
        tile=(card.width, card.height) if request.tiled else None,
        adapters=sum(_bytes_of(adapter) for adapter in request.adapters),
    )
    return shortage(card.memory, need, multiple, MIN_SIDE)


def _check_count(request: Paint) -> None:
    if not request.axes:
        if not 1 <= request.count <= MAX_PICTURES:
            raise Refused(Code.COUNT, most=MAX_PICTURES, given=request.count)
        return
    check_axes(request.axes, (request.prompt, request.negative_prompt))
    if len(request.axes) > 2 or request.count != count_of(request.axes):
        raise Refused(Code.COMPARE_SHAPE)
    parts = {axis.parameter.partition("_")[0] for axis in request.axes}
    if "feedback" in parts and not (request.liked or request.disliked):
        raise Refused(Code.COMPARE_NO_FEEDBACK)
    if "image" in parts and request.image_guidance is None:
        raise Refused(Code.COMPARE_NO_EDIT)
    calls = request.offered and TAG.search(request.prompt)
    if "adapter" in parts and not (request.adapters or calls):
        raise Refused(Code.COMPARE_NO_ADAPTER)
    if "source" in parts and request.source is None:
        raise Refused(Code.COMPARE_NO_PICTURE)


def _check_picture(request: Paint) -> None:
    if not 1 <= request.steps <= most_steps(request.scheduler):
        few = FEW_STEPS.steps if request.scheduler == "lcm" else None
        raise Refused(
            Code.STEPS,
            most=most_steps(request.scheduler),
            given=request.steps,
            usual=few or _usual(request).steps,
        )
    if not 1 <= request.guidance <= MAX_GUIDANCE:
        suits = _usual(request).guidance
        raise Refused(Code.GUIDANCE, most=MAX_GUIDANCE, given=request.guidance, usual=suits)
    if request.scheduler not in SCHEDULERS:
        raise Refused(Code.SCHEDULER, given=request.scheduler, names=", ".join(SCHEDULERS))
    if not 0 <= request.seed <= MAX_SEED - MAX_PICTURES:
        raise Refused(Code.SEED, most=MAX_SEED - MAX_PICTURES)
    prompt, _ = (
        chosen(unbroken(each) if request.literal else each, request.seed)
        for each in prompts_of(request)
    )
    check_feedback(request.feedback, request.model)
    _check_references(request)
    _check_adapters(with_called(request, prompt)[0])
    check_source_of(request)


def _usual(request: Paint) -> Defaults:
    """Return what is usual for the model, where pictures are painted or edited."""
    edits = request.image_guidance is not None
    return usual_editing(request.model) if edits else usual(request.model)


def check_source_of(request: Paint) -> None:
    """Raise `Refused` where the request's picture cannot be edited, or begun from, so."""
    if request.imagic is not None:
        _check_imagic(request, request.imagic)
    elif request.image_guidance is not None:
        _check_edit(request, request.image_guidance)
    elif request.source is not None:
        _check_source(request.source, request.steps, request.scheduler)


def _check_imagic(request: Paint, settings: Imagic) -> None:
    if request.source is None:
        raise Refused(Code.NOTHING_TO_FIT)
    if request.liked or request.disliked or request.tiled:
        raise Refused(Code.FITTED_ALONE)
    if not 0 <= request.eta <= MOST_ETA:
        raise Refused(Code.ETA, most=MOST_ETA, given=request.eta)
    if not 1 <= settings.embedding_steps <= MOST_FITTING:
        raise Refused(Code.EMBEDDING_STEPS, most=MOST_FITTING, given=settings.embedding_steps)
    if not 1 <= settings.tuning_steps <= MOST_FITTING:
        raise Refused(Code.TUNING_STEPS, most=MOST_FITTING, given=settings.tuning_steps)


def _check_edit(request: Paint, image_guidance: float) -> None:
    if request.source is None:
        raise Refused(Code.NOTHING_TO_EDIT)
    if not request.prompt.strip():
        raise Refused(Code.NO_INSTRUCTION)
    if not 1 <= image_guidance <= MAX_IMAGE_GUIDANCE:
        raise Refused(
            Code.IMAGE_GUIDANCE,
            most=MAX_IMAGE_GUIDANCE,
            given=image_guidance,
            usual=usual_editing(request.model).image_guidance,
        )
    _check_parts(request.source)


def most_steps(scheduler: str) -> int:
    """LCM picks its steps out of those that its models were distilled from."""
    return LCM_SCHEDULE if scheduler == "lcm" else MAX_STEPS


def check_lcm(steps: int, strength: float, schedule: int = LCM_SCHEDULE) -> None:
    """Raise `Refused` if LCM cannot pick so many steps from this share of its schedule."""
    if steps > schedule:
        raise Refused(Code.STEPS, most=schedule, given=steps, usual=FEW_STEPS.steps)
    if int(schedule * strength) < steps:
        shares = (hundredths / 100 for hundredths in range(1, 101))
        least = next(share for share in shares if int(schedule * share) >= steps)
        raise Refused(Code.STRENGTH_TOO_LITTLE_LCM, steps=steps, given=strength, least=least)


def _check_source(source: Source, steps: int, scheduler: str) -> None:
    """Raise `Refused` where a picture to begin from cannot be begun from so."""
    if not 1 <= source.times <= MOST_TIMES:
        raise Refused(Code.ENLARGEMENT, most=MOST_TIMES, given=source.times)
    if not 0 < source.strength <= 1:
        raise Refused(Code.STRENGTH, given=source.strength)
    if scheduler == "lcm":
        check_lcm(steps, source.strength)
    elif int(steps * source.strength) < 1:
        raise Refused(
            Code.STRENGTH_TOO_LITTLE,
            steps=steps,
            given=source.strength,
            least=math.ceil(100 / steps) / 100,
        )
    _check_parts(source)
    if source.mend is not None and (source.anew or source.within):
        raise Refused(Code.RESTORED_WHOLE)
    noise = source.mend.noise if source.mend else None
    if noise is not None and not 0 <= noise <= MOST_NOISE:
        raise Refused(Code.NOISE, most=MOST_NOISE, given=noise)


def _check_parts(source: Source) -> None:
    """Raise `Refused` where parts of a picture are none, or too thin to see anything in them."""
    parts = source.anew if source.within is None else (*source.anew, source.within)
    if not all(_is_part(part) for part in parts):
        raise Refused(Code.PART, least=LEAST_SHARE)


def _is_part(box: Box) -> bool:
    sides = ((box.left, box.right), (box.top, box.bottom))
    return all(a >= 0 and b <= 1 and b - a >= LEAST_SHARE for a, b in sides)


def check_feedback(feedback: Feedback, model: str) -> None:
    """`Refused` where a window or a weight of likes and dislikes is out of range.

    The refusal names what is usual for the model.
    """
    suits = usual_feedback(model)
    if not 0 <= feedback.start <= feedback.end <= 1:
        raise Refused(Code.FEEDBACK_WINDOW, start=suits.start, end=suits.end)
    most = MOST_FEEDBACK
    if not 0 <= feedback.strength <= most:
        given = feedback.strength
        raise Refused(Code.FEEDBACK_STRENGTH, most=most, given=given, usual=suits.strength)
    if not 0 <= feedback.floor <= most:
        raise Refused(Code.FEEDBACK_FLOOR, most=most, given=feedback.floor)
    if not 0 <= feedback.dislike_scale <= most:
        raise Refused(Code.FEEDBACK_DISLIKE_SCALE, most=most, given=feedback.dislike_scale)
    if not 0 <= feedback.explore_avoid <= most:
        raise Refused(Code.FEEDBACK_EXPLORE_AVOID, most=most, given=feedback.explore_avoid)
    if not 0 <= feedback.dislike_end <= 1:
        raise Refused(Code.FEEDBACK_DISLIKE_END, given=feedback.dislike_end)
    if not 0 <= feedback.steered_guidance <= 1:
        raise Refused(Code.FEEDBACK_STEERED_GUIDANCE, given=feedback.steered_guidance)
    if not 0 <= feedback.explore <= 1:
        raise Refused(Code.FEEDBACK_EXPLORE, given=feedback.explore, usual=suits.explore)
    if not 0 <= feedback.explore_guidance <= 1:
        raise Refused(Code.FEEDBACK_EXPLORE_GUIDANCE, given=feedback.explore_guidance)
    if not 0 <= feedback.drop <= 1:
        raise Refused(Code.FEEDBACK_DROP, given=feedback.drop)


def _check_references(request: Paint) -> None:
    references = (*request.liked, *request.disliked)
    if len(references) > MAX_REFERENCES:
        raise Refused(Code.REFERENCES, most=MAX_REFERENCES, given=len(references))
    if not all(0 <= reference.weight < math.inf for reference in references):
        raise Refused(Code.REFERENCE_WEIGHT)


def _bytes_of(adapter: Adapter) -> int:
    """Return the size of an adapter's file; 0 if it cannot be read, which is said later."""
    try:
        return adapter.path.stat().st_size
    except OSError:
        return 0


def check_strength(strength: float) -> None:
    """Raise `Refused` for a strength that no adapter may have."""
    if not -MAX_STRENGTH <= strength <= MAX_STRENGTH:
        raise Refused(Code.ADAPTER_STRENGTH, most=MAX_STRENGTH, given=strength)


def _check_adapters(request: Paint) -> None:
    adapters = request.adapters
    if len(adapters) > MAX_ADAPTERS:
        raise Refused(Code.ADAPTERS, most=MAX_ADAPTERS, given=len(adapters))
    for adapter in adapters:
        for strength in (adapter.strength, adapter.strength_of_text):
            check_strength(strength)
        if not re.fullmatch(r"[0-9a-f]{64}", adapter.digest):
            raise Refused(Code.ADAPTER_DIGEST)
        if len(adapter.name) > MAX_NAME:
            raise Refused(Code.ADAPTER_NAME, most=MAX_NAME)
    if len({adapter.digest for adapter in adapters}) < len(adapters):
        raise Refused(Code.ADAPTER_TWICE)
    if adapters and request.imagic is not None:
        raise Refused(Code.ADAPTERS_IMAGIC)
    if adapters and request.image_guidance is not None:
        raise Refused(Code.ADAPTERS_EDIT)
