"""The parameters of a round: as given by a member, validated, and as the JSON that is stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from bot.actions.sizes import Size
from bot.actions.source_options import STRENGTH, SourceOptions
from bot.actions.styles.chosen import (
    STYLE_STRENGTH,
    ChosenStyle,
    acting_on,
    adapters_of,
    at_strength,
    chosen_in,
    with_known_tags,
)
from bot.errors import Refusal, problems_told
from bot.text import invalid
from bot.text import messages as text
from generation.catalog.entries import usual, usual_imagic
from generation.editing.edited_caption.caption import EditedCaption, caption_after
from generation.protocol.options import ModelCard
from generation.protocol.requests import (
    MAX_CELLS,
    MAX_PICTURES,
    Axis,
    Feedback,
    Filter,
    Influence,
    Paint,
    Reference,
    Source,
)
from generation.requests.called_adapters import with_strength
from generation.requests.comparisons import count_of, replaced, values_at
from generation.requests.expansion import picture_of
from generation.requests.feedback import named_feedback
from generation.requests.prompts import check_braces
from generation.requests.sizes import check_size
from generation.requests.validation import check_values

MAX_PROMPT = 1500
"""Maximum length of a prompt in characters; encoders read far less, and messages are limited."""
MAX_SEED = 2**53 - 1 - MAX_PICTURES
"""Largest integer that Discord's options carry exactly, less the round's other seeds."""
USUAL_COUNT = 4
"""Default number of pictures of a round."""

PARTS_OF_FEEDBACK = tuple(field.name for field in dataclasses.fields(Feedback))

ANY_REFERENCE, ANY_SOURCE = Reference(path=Path(), digest=""), Source(path=Path(), digest="")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """The parameters of the pictures that a member requests.

    None stands for a random seed, for the model's native size, and for the model's default
    feedback.
    """

    prompt: str
    negative_prompt: str = ""
    literal: bool = False
    """True for replayed pictures whose prompts were read before pasted syntax meant anything."""
    count: int = USUAL_COUNT
    seed: int | None = None
    steps: int = 20
    guidance: float = 6.0
    width: int | None = None
    height: int | None = None
    aspect: float | None = None
    scheduler: str = "euler_a"
    feedback_preset: str | None = None
    feedback_start: float | None = None
    feedback_end: float | None = None
    feedback_strength: float | None = None
    feedback_explore: float | None = None
    feedback_drop: float | None = None
    feedback_floor: float | None = None
    """This and the next six are set only for replayed pictures."""
    feedback_dislike_scale: float | None = None
    feedback_dislike_end: float | None = None
    feedback_influence: str | None = None
    """The value of an `Influence`."""
    feedback_steered_guidance: float | None = None
    feedback_explore_guidance: float | None = None
    feedback_explore_avoid: float | None = None
    grid: bool = False
    axes: tuple[Axis, ...] = ()
    image_guidance: float | None = None
    """For edits by instruction: how much of the picture is kept."""
    varied: bool = False
    """True if each picture of an edit draws its own guidances."""
    imagic: bool = False
    """True if a model is fitted to the picture (Imagic); the prompt then describes the result."""
    eta: float = 0.7
    """Interpolation from the picture (0) to the prompt (1)."""
    about: str | None = None
    """The prompt of the picture that is edited."""
    about_negative: str = ""
    """Its negative prompt."""
    styles: tuple[ChosenStyle, ...] = ()
    """The styles that act, and those that the prompt calls."""

    @property
    def size(self) -> Size:
        """The size of its pictures."""
        return Size(width=self.width, height=self.height, aspect=self.aspect)

    @property
    def shows(self) -> str:
        """Description of the pictures in words: for an edit, the source's, rewritten."""
        return self.prompt if self.image_guidance is None else self._edited.prompt

    @property
    def avoids(self) -> str:
        """Description of what the pictures lack: for an edit, also of what it removed."""
        if self.image_guidance is None:
            return self.negative_prompt
        return ", ".join(filter(None, [self.about_negative, self._edited.removed]))

    @property
    def _edited(self) -> EditedCaption:
        return caption_after(self.about or "", self.prompt)

    @classmethod
    def for_model(
        cls,
        model: str,
        *,
        steps: int | None = None,
        guidance: float | None = None,
        scheduler: str | None = None,
        **rest: Any,
    ) -> Self:
        """Return parameters for a model; steps, guidance and scheduler default to the model's."""
        said = {"steps": steps, "guidance": guidance, "scheduler": scheduler}
        known = {name: value for name, value in said.items() if value is not None}
        return cls(**(dataclasses.asdict(usual(model)) | known | rest))

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Return the parameters that a round stored."""
        names = (field.name for field in dataclasses.fields(cls))
        said = {name: stored[name] for name in names if name in stored}
        if said.get("feedback_strength") is not None:
            # Rounds of earlier versions were steered at their whole guidance.
            said.setdefault("feedback_steered_guidance", 1.0)
        axes = tuple(
            Axis(parameter=axis["parameter"], values=tuple(axis["values"]))
            for axis in said.pop("axes", ())
        )
        return cls(**said | {"styles": chosen_in(stored)}, axes=axes)

    @classmethod
    def again(cls, request: Paint) -> Self:
        """Return parameters to repeat the picture of a one-picture request, with its feedback."""
        names = ("prompt", "negative_prompt", "count", "seed", "steps", "guidance", "scheduler")
        others = ("width", "height", "aspect", "image_guidance", "eta", "literal")
        said = {name: getattr(request, name) for name in (*names, *others)}
        fitted = request.imagic is not None
        return cls(**said, imagic=fitted, **_remembered(request.feedback))

    def labelled(self, locale: str) -> tuple[Axis, ...]:
        """Return the axes, each with its parameter's label in this language."""
        names = dict(text.PARAMETERS)
        if self.image_guidance is not None:
            names["guidance"] = text.OBEYING
        # Plain text: labels go to the painter, which draws them.
        return tuple(
            dataclasses.replace(axis, label=names[axis.parameter].plain(locale))
            for axis in self.axes
        )

    def at(self, place: int) -> Self:
        """Return the parameters of one cell of a comparison."""
        parameters = dataclasses.replace(self, axes=(), count=1)
        for axis, value in values_at(self.axes, place):
            if axis.parameter == "prompt":
                change = {
                    name: replaced(getattr(parameters, name), axis, value)
                    for name in ("prompt", "negative_prompt")
                }
                parameters = dataclasses.replace(parameters, **change)  # type: ignore[arg-type]
            elif axis.parameter == STYLE_STRENGTH:
                parameters = dataclasses.replace(
                    parameters,
                    prompt=with_strength(parameters.prompt, float(value)),
                    styles=at_strength(parameters.styles, float(value)),
                )
            elif axis.parameter != STRENGTH:  # that is for `SourceOptions.at`
                parameters = dataclasses.replace(parameters, **{axis.parameter: value})  # type: ignore[arg-type]
        return parameters

    def stored(self, *, seed: int, model: str) -> dict[str, Any]:
        """Return the JSON that a round stores, once its seed and model are known."""
        feedback = self.feedback(model)
        return {
            **dataclasses.asdict(self),
            "seed": seed,
            "model": model,
            **_remembered(feedback),
        }

    def feedback(self, model: str) -> Feedback:
        """Return the feedback as given, with the model's defaults for the rest."""
        given = {name: getattr(self, f"feedback_{name}") for name in PARTS_OF_FEEDBACK}
        said = {name: value for name, value in given.items() if value is not None}
        if "influence" in said:
            said["influence"] = Influence(said["influence"])
        return dataclasses.replace(named_feedback(self.feedback_preset, model), **said)


def _remembered(feedback: Feedback) -> dict[str, Any]:
    """Return the parameters stored for such a round, in JSON types."""
    parts = {name: getattr(feedback, name) for name in PARTS_OF_FEEDBACK}
    parts["influence"] = feedback.influence.value
    return {f"feedback_{name}": value for name, value in parts.items()}


def feedback_of(stored: Mapping[str, Any]) -> Feedback:
    """Return when and how strongly references steer a round with these parameters."""
    return Parameters.of(stored).feedback(stored["model"])


def request_of(
    stored: Mapping[str, Any],
    *,
    job: str = "",
    liked: Sequence[Reference] = (),
    disliked: Sequence[Reference] = (),
    source: Source | None = None,
    style_path: Callable[[str], Path] = lambda _: Path(),
    previews: bool = False,
    out: Path,
) -> Paint:
    """Return the request of a round with these parameters, the same each time.

    style_path: tells where the file of a style is, by its digest.
    """
    parameters = Parameters.of(stored)
    adapters, offered = adapters_of(parameters.styles, style_path)
    prompt, axes = parameters.prompt, parameters.labelled(str(stored.get("locale", "en")))
    if parameters.styles and not parameters.literal:
        prompt, axes = _calling(parameters.styles, prompt, axes)
    return Paint(
        job=job,
        model=stored["model"],
        prompt=prompt,
        negative_prompt=parameters.negative_prompt,
        literal=parameters.literal,
        count=parameters.count,
        seed=stored["seed"],
        steps=parameters.steps,
        guidance=parameters.guidance,
        width=parameters.width,
        height=parameters.height,
        aspect=parameters.aspect,
        scheduler=parameters.scheduler,
        liked=tuple(liked),
        disliked=tuple(disliked),
        feedback=feedback_of(stored),
        source=source,
        tiled=source is not None and source.in_tiles,
        image_guidance=parameters.image_guidance,
        varied=parameters.varied,
        imagic=usual_imagic(stored["model"]) if parameters.imagic else None,
        eta=parameters.eta,
        adapters=adapters,
        offered=offered,
        axes=axes,
        grid=parameters.grid,
        filter=Filter(stored.get("filter", Filter.WITHHOLD.value)),
        previews=previews,
        out=out,
    )


def _calling(
    styles: Sequence[ChosenStyle], prompt: str, axes: Sequence[Axis]
) -> tuple[str, tuple[Axis, ...]]:
    """Return a prompt and axes that call no styles but these: of others the painter has no file."""
    return with_known_tags(prompt, styles), tuple(
        dataclasses.replace(
            axis, values=tuple(with_known_tags(str(value), styles) for value in axis.values)
        )
        if axis.parameter == "prompt"
        else axis
        for axis in axes
    )


def picture_parameters(stored: Mapping[str, Any], place: int, liked: int) -> dict[str, Any]:
    """Return parameters that would repeat picture `place` of a round by itself.

    `liked` is the round's number of liked references.  Blocks: it parses the prompt.
    """
    source_options = SourceOptions.of(stored)
    source = None if source_options is None else ANY_SOURCE
    styles = chosen_in(stored)
    if styles:  # Without trigger words, which are none of the member's own.
        quiet = [{**dataclasses.asdict(each), "trigger": ""} for each in styles]
        stored = {**stored, "styles": quiet}
    whole = request_of(stored, liked=[ANY_REFERENCE] * liked, source=source, out=Path())
    one = picture_of(whole, place)
    begins = {}
    if source_options is not None:
        begins["source"] = dataclasses.asdict(source_options.at(whole.axes, place))
    names = (
        *("prompt", "negative_prompt", "count", "seed", "steps", "guidance", "scheduler", "grid"),
        *("image_guidance", "varied", "eta"),
    )
    return {
        **stored,
        **{name: getattr(one, name) for name in names},
        **_remembered(one.feedback),
        **begins,
        "styles": [dataclasses.asdict(each) for each in acting_on(styles, one.adapters)],
        "axes": [],
    }


def check(
    parameters: Parameters,
    model: str,
    card: ModelCard | None = None,
    *,
    source_options: SourceOptions | None = None,
    again: bool = False,
) -> None:
    """Raise `Refusal` if a parameter is out of range; `card` is the model's, once it is loaded.

    Blocks: prompts are read, those of a comparison one by one.

    source_options: how they begin from a picture; again: whether a picture says so of itself,
    which may have been painted without words or from a seed that nobody can type.
    """
    # With more than a sheet holds, the generator's rules refuse all of them.
    for place in range(min(count_of(parameters.axes), MAX_CELLS)):
        _check_typed(parameters.at(place), card, again=again)
    steered = any(axis.parameter.startswith("feedback_") for axis in parameters.axes)
    request = request_of(
        parameters.stored(seed=parameters.seed or 0, model=model),
        liked=[ANY_REFERENCE] if steered else (),
        source=None if source_options is None else source_options.source(Path(), ""),
        out=Path(),
    )
    with problems_told():
        check_values(request, card)
        check_size(request, card)


def _check_typed(parameters: Parameters, card: ModelCard | None, *, again: bool) -> None:
    """Raise `Refusal` for what the generator could paint, but no member may ask for."""
    for prompt in (parameters.prompt, parameters.negative_prompt):
        if len(prompt) > MAX_PROMPT:
            raise Refusal(invalid.PROMPT_TOO_LONG, length=len(prompt), most=MAX_PROMPT)
    if again:
        return
    if not parameters.prompt.strip():
        raise Refusal(invalid.NO_PROMPT)
    with problems_told():
        for prompt in (parameters.prompt, parameters.negative_prompt):
            check_braces(prompt)
    if parameters.negative_prompt.strip() and card and not card.has_negative_prompt:
        raise Refusal(invalid.NO_NEGATIVES, model=card.name)
    if parameters.seed is not None and not 0 <= parameters.seed <= MAX_SEED:
        raise Refusal(invalid.SEED_OUT_OF_RANGE, most=MAX_SEED)
