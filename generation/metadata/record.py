"""Generation data of a picture: written into PNGs, and read back from any file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from generation.catalog.entries import public_name
from generation.metadata.a1111 import ForeignRecord, read_a1111, write_a1111
from generation.metadata.chunks import HEAD, MOST_CHARACTERS, texts_in
from generation.protocol.problems import Code
from generation.protocol.requests import (
    COMPARABLE,
    MAX_CELLS,
    Box,
    Imagic,
    Influence,
    Paint,
    Reference,
    Source,
)
from generation.protocol.samplers import SCHEDULERS
from generation.requests.expansion import picture_of
from generation.requests.feedback import explores, exploring
from generation.requests.pasted import is_foreign
from generation.requests.prompts import has_breaks
from generation.requests.refused import Refused
from generation.requests.validation import MAX_ADAPTERS, MAX_NAME, MAX_REFERENCES, MAX_SEED

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**31), lt=2**31)]
"""Far wider than any rule, but not so far that a number could not be reckoned with or written."""
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rated = Annotated[tuple[tuple[Digest, Weight], ...], Field(max_length=MAX_REFERENCES)]
"""Digests of references, each with its weight."""
Edges = tuple[Number, Number, Number, Number]
"""Left, top, right, bottom, as in `Box`."""

STRICT = ConfigDict(extra="forbid", strict=True)
"""Unknown fields are refused, because the picture may depend on them."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SteeringRecord:
    """Feedback that steered a picture; the names are those of `Feedback`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    liked: Rated
    disliked: Rated
    start: Number
    end: Number
    strength: Number
    floor: Number
    dislike_scale: Number
    influence: Influence
    dislike_end: Number = 1.0
    prompt_dropped: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class RestorationRecord:
    """Damage that was removed from a source; the names are those of `Restoration`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    noise: Number | None = 0.0
    scratches: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SourceRecord:
    """A picture's source; the names are those of `Source`, with files as digests."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    digest: Digest
    strength: Number
    mask: Digest | None = None
    anew: Annotated[tuple[Edges, ...], Field(max_length=16)] = ()
    within: Edges | None = None
    times: Whole = 1
    mend: RestorationRecord | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ImagicRecord:
    """Settings for fitting a model to the source; the names are those of `Imagic`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    eta: Number
    embedding_steps: Whole
    embedding_rate: Number
    tuning_steps: Whole
    tuning_rate: Number
    rank: Annotated[int, Field(ge=1, le=128)]
    batch: Annotated[int, Field(ge=1, le=16)]

    @property
    def settings(self) -> Imagic:
        """Return the settings for a request, without η."""
        said = dataclasses.asdict(self)
        del said["eta"]
        return Imagic(**said)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AdapterRecord:
    """An adapter that acted on the model; the names are those of `Adapter`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    digest: Digest
    name: Annotated[str, Field(max_length=MAX_NAME)]
    strength: Number = 1.0
    text_strength: Number | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AxisRecord:
    """One parameter of a comparison; the names are those of `Axis`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    parameter: Annotated[str, Field(pattern=f"^({'|'.join(COMPARABLE)})$")]
    values: Annotated[tuple[int | Number | str, ...], Field(max_length=MAX_CELLS)]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SheetRecord:
    """The pictures on a sheet, row by row: seeds from the record's on, or values along axes."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    count: Annotated[int, Field(ge=1, le=2**10)]
    axes: Annotated[tuple[AxisRecord, ...], Field(max_length=2)] = ()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The complete record of how one of our pictures was made: enough to repeat it exactly.

    Ranges are not checked here but where anything is painted
    (`generation.requests.validation.check`).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    version: Literal[1]
    model: Annotated[str, Field(max_length=200)]
    prompt: str
    negative_prompt: str
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    steps: Whole
    guidance: Number
    scheduler: Annotated[str, Field(pattern=f"^({'|'.join(SCHEDULERS)})$")]
    width: Annotated[int, Field(gt=0, le=2**16)]
    height: Annotated[int, Field(gt=0, le=2**16)]
    feedback: SteeringRecord | None = None
    source: SourceRecord | None = None
    image_guidance: Number | None = None
    imagic: ImagicRecord | None = None
    adapters: Annotated[tuple[AdapterRecord, ...], Field(max_length=MAX_ADAPTERS)] = ()
    tiled: bool = False
    flagged: bool = False
    breaks: bool = False
    """`BREAK` in its prompts begins a part; in older records it is a word."""
    sheet: SheetRecord | None = None
    """What is on a sheet, whose prompts are as they were asked for; None for a single picture."""

    @property
    def literal(self) -> bool:
        """True if its prompts were read before the syntax in them meant anything."""
        return not self.breaks and is_foreign(self.prompt, self.negative_prompt)

    @property
    def liked(self) -> Rated:
        """References that were liked."""
        return () if self.feedback is None else self.feedback.liked

    @property
    def disliked(self) -> Rated:
        """References that were disliked."""
        return () if self.feedback is None else self.feedback.disliked


_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


def parameter_texts(
    request: Paint, seed: int, width: int, height: int, *, flagged: bool = False
) -> dict[str, str]:
    """Return the texts of a picture: A1111's parameters, and our complete record as JSON.

    They contain nothing about who asked or where files are, and nothing that differs between two
    runs of the same request.
    """
    record = record_of(request, seed, width, height, flagged=flagged)
    return {
        "parameters": write_a1111(request, seed, width, height),
        "konomi": _dumped(record),
    }


def sheet_texts(request: Paint, width: int, height: int, *, flagged: bool) -> dict[str, str]:
    """Return the texts of the sheet of a request's pictures, each of this size.

    A1111's parameters are those of the first, and of the axes as its X/Y/Z plot writes them.
    """
    record = record_of(request, request.seed, width, height, flagged=flagged)
    axes = tuple(
        AxisRecord(parameter=axis.parameter, values=tuple(axis.values)) for axis in request.axes
    )
    sheet = SheetRecord(count=request.count, axes=axes)
    first = picture_of(request, 0)
    return {
        "parameters": write_a1111(first, first.seed, width, height, axes=request.axes),
        "konomi": _dumped(dataclasses.replace(record, sheet=sheet)),
    }


def _dumped(record: Record) -> str:
    written = _RECORD.dump_python(record, mode="json", exclude_defaults=True)
    return json.dumps(written, ensure_ascii=False, sort_keys=True)


def record_of(
    request: Paint, seed: int, width: int, height: int, *, flagged: bool = False
) -> Record:
    """Return the record of the picture with this seed and size; reads the mask, if there is one."""
    feedback, liked, disliked = request.feedback, request.liked, request.disliked
    if explores(feedback, seed - request.seed, request.count, len(liked)):
        feedback, disliked = exploring(feedback, liked, disliked)
        liked = ()
    steering = None
    if liked or disliked:
        steering = SteeringRecord(
            liked=_rated(liked),
            disliked=_rated(disliked),
            start=feedback.start,
            end=feedback.end,
            strength=feedback.strength,
            floor=feedback.floor,
            dislike_scale=feedback.dislike_scale,
            dislike_end=feedback.dislike_end,
            influence=feedback.influence,
            prompt_dropped=feedback.drop == 1 and not request.prompt,
        )
    return Record(
        version=1,
        model=public_name(request.model),
        prompt=request.prompt,
        negative_prompt=request.negative_prompt,
        seed=seed,
        steps=request.steps,
        guidance=request.guidance,
        scheduler=request.scheduler,
        width=width,
        height=height,
        feedback=steering,
        source=None if request.source is None else _source_record(request.source),
        image_guidance=request.image_guidance,
        imagic=None
        if request.imagic is None
        else ImagicRecord(eta=request.eta, **dataclasses.asdict(request.imagic)),
        adapters=tuple(
            AdapterRecord(
                digest=each.digest,
                name=each.name,
                strength=each.strength,
                text_strength=each.text_strength,
            )
            for each in request.adapters
        ),
        tiled=request.tiled,
        flagged=flagged,
        breaks=not request.literal
        and any(map(has_breaks, (request.prompt, request.negative_prompt))),
    )


def read_file(path: Path) -> Record | ForeignRecord:
    """Read the record in a picture's file.  Raises `Refused`, `OSError`.

    No pixel is decoded, and no more than the file's head is read.
    """
    with path.open("rb") as file:
        return read_texts(texts_in(file.read(HEAD)))


def read_texts(texts: Mapping[str, str]) -> Record | ForeignRecord:
    """Read the record in the texts of a file, by their names.  Raises `Refused`."""
    if (ours := texts.get("konomi")) is not None:
        return read_ours(ours)
    theirs = read_a1111(texts.get("parameters", ""))
    if theirs is None:
        raise Refused(Code.NO_RECORD)
    return theirs


def read_ours(text: str) -> Record:
    """Parse a record from the JSON in one of our pictures.  Raises `Refused`, also for a sheet."""
    if len(text) > MOST_CHARACTERS:
        raise Refused(Code.RECORD_UNREADABLE, field="length")
    try:
        record = _RECORD.validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        kinds = {each["type"] for each in found}
        if kinds & {"unexpected_keyword_argument", "literal_error"}:
            raise Refused(Code.RECORD_NEWER) from error
        # Names of fields alone, and those are ours: nothing that a stranger wrote.
        field = next((str(each["loc"][0]) for each in found if each["loc"]), "JSON")
        raise Refused(Code.RECORD_UNREADABLE, field=field) from error
    if record.sheet is not None:
        raise Refused(Code.RECORD_SHEET, count=record.sheet.count)
    return record


def _rated(references: Sequence[Reference]) -> Rated:
    return tuple((reference.digest, reference.weight) for reference in references)


def _source_record(source: Source) -> SourceRecord:
    mask = None
    if source.mask is not None:
        with source.mask.open("rb") as file:
            mask = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceRecord(
        digest=source.digest,
        strength=source.strength,
        mask=mask,
        anew=tuple(_edges(box) for box in source.anew),
        within=None if source.within is None else _edges(source.within),
        times=source.times,
        mend=None if source.mend is None else RestorationRecord(**dataclasses.asdict(source.mend)),
    )


def _edges(box: Box) -> Edges:
    return (box.left, box.top, box.right, box.bottom)
