"""Convert a picture's record to the request that reproduces it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from generation.catalog.entries import usual, usual_feedback
from generation.metadata.a1111 import ForeignRecord
from generation.metadata.record import Edges, Rated, Record
from generation.protocol.options import ModelCard
from generation.protocol.requests import (
    Adapter,
    Box,
    Feedback,
    Paint,
    Reference,
    Restoration,
    Source,
)
from generation.requests.sizes import size_like
from generation.requests.validation import most_steps


class MissingFiles(Exception):
    """Files that a picture was made from are missing; the message is a sentence that says which."""

    def __init__(self, steering: int, source: bool, adapters: int = 0) -> None:
        what = [f"{steering} of the pictures that steered it"] if steering else []
        if source:
            what.append("the picture that it started from, or its mask")
        if adapters:
            what.append(f"{adapters} of its adapters")
        super().__init__(f"This picture needs files that are not here: {' and '.join(what)}.")
        self.steering = steering
        self.source = source
        self.adapters = adapters


def feedback_of(record: Record, model: str) -> Feedback:
    """Return the record's feedback settings, or the defaults if there were no references.

    Nothing explores: references that an explorer ignored are not in its record.
    """
    steering = record.feedback
    if steering is None:
        return dataclasses.replace(usual_feedback(model), explore=0.0)
    return Feedback(
        start=steering.start,
        end=steering.end,
        strength=steering.strength,
        floor=steering.floor,
        dislike_scale=steering.dislike_scale,
        dislike_end=steering.dislike_end,
        influence=steering.influence,
        explore=0.0,
        drop=float(steering.prompt_dropped),
    )


def digests_of(record: Record) -> set[str]:
    """Return the digests of all files that a picture was made from."""
    source = record.source
    made_from = [] if source is None else [source.digest, source.mask]
    made_from += [adapter.digest for adapter in record.adapters]
    return {digest for digest in (*steering_digests(record), *made_from) if digest is not None}


def steering_digests(record: Record) -> list[str]:
    """Return the digests of the references, liked ones first."""
    return [digest for digest, _ in (*record.liked, *record.disliked)]


def without(record: Record, digests: Collection[str]) -> Record:
    """Return the record without these references."""
    if record.feedback is None:
        return record

    def left(half: Rated) -> Rated:
        return tuple((digest, weight) for digest, weight in half if digest not in digests)

    steering = dataclasses.replace(
        record.feedback, liked=left(record.liked), disliked=left(record.disliked)
    )
    return dataclasses.replace(record, feedback=steering)


def boxes(edges: Iterable[Edges]) -> tuple[Box, ...]:
    """Convert edges to boxes."""
    return tuple(Box(left=a, top=b, right=c, bottom=d) for a, b, c, d in edges)


def within(edges: Edges | None) -> Box | None:
    """Convert edges to a box; None for none."""
    return None if edges is None else boxes([edges])[0]


def request_of(record: Record, *, model: str, files: Mapping[str, Path], out: Path) -> Paint:
    """Return the request that reproduces one of our pictures.  Raises `MissingFiles`.

    `files` are those that it was made from, by digest.
    """
    source = record.source
    named = () if source is None else (source.digest, source.mask)
    no_source = any(digest is not None and digest not in files for digest in named)
    missing = sum(digest not in files for digest in steering_digests(record))
    no_adapters = sum(adapter.digest not in files for adapter in record.adapters)
    if missing or no_source or no_adapters:
        raise MissingFiles(missing, no_source, no_adapters)
    return Paint(
        job="replay",
        model=model,
        prompt=record.prompt,
        negative_prompt=record.negative_prompt,
        literal=record.literal,
        count=1,
        seed=record.seed,
        steps=record.steps,
        guidance=record.guidance,
        width=record.width,
        height=record.height,
        scheduler=record.scheduler,
        liked=_references(record.liked, files),
        disliked=_references(record.disliked, files),
        feedback=feedback_of(record, model),
        source=None
        if source is None
        else Source(
            path=files[source.digest],
            digest=source.digest,
            strength=source.strength,
            mask=None if source.mask is None else files[source.mask],
            anew=boxes(source.anew),
            within=within(source.within),
            times=source.times,
            mend=None if source.mend is None else Restoration(**dataclasses.asdict(source.mend)),
        ),
        image_guidance=record.image_guidance,
        imagic=None if record.imagic is None else record.imagic.settings,
        eta=1.0 if record.imagic is None else record.imagic.eta,
        adapters=tuple(
            Adapter(
                path=files[adapter.digest],
                digest=adapter.digest,
                strength=adapter.strength,
                text_strength=adapter.text_strength,
                name=adapter.name,
            )
            for adapter in record.adapters
        ),
        tiled=record.tiled,
        previews=False,
        out=out,
    )


def request_like(
    foreign: ForeignRecord, *, model: str, card: ModelCard | None, seed: int, out: Path
) -> Paint:
    """Return a request for another program's picture, as far as this model supports it.

    card: the model's, None while it is being loaded; seed: used if none is given.
    """
    defaults = usual(model)
    scheduler = foreign.scheduler or defaults.scheduler
    steps = defaults.steps if foreign.steps is None else foreign.steps
    width, height, aspect = size_like(foreign.width, foreign.height, card)
    return Paint(
        job="replay",
        model=model,
        prompt=foreign.prompt,
        negative_prompt=foreign.negative_prompt,
        count=1,
        seed=seed if foreign.seed is None else foreign.seed,
        steps=min(steps, most_steps(scheduler)),
        guidance=defaults.guidance if foreign.guidance is None else foreign.guidance,
        width=width,
        height=height,
        aspect=aspect,
        scheduler=scheduler,
        feedback=usual_feedback(model),
        previews=False,
        out=out,
    )


def found_in(paths: Iterable[Path], digests: Collection[str]) -> dict[str, Path]:
    """Return those of the files that are wanted, by digest; stops once all are found."""
    found: dict[str, Path] = {}
    for path in paths:
        if len(found) == len(digests):
            break
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest in digests:
                found[digest] = path
    return found


def _references(half: Rated, files: Mapping[str, Path]) -> tuple[Reference, ...]:
    return tuple(
        Reference(path=files[digest], digest=digest, weight=weight) for digest, weight in half
    )
