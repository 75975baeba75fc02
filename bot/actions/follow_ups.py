"""Parameters and wording of rounds that continue from a picture or a round."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from bot.actions.asker import Asker
from bot.actions.edits import instruction_of
from bot.actions.member_settings import MemberSettings
from bot.actions.parameters import PARTS_OF_FEEDBACK, USUAL_COUNT, Parameters
from bot.actions.replays import repeats_record
from bot.actions.sight import Sight
from bot.actions.source_options import RESTYLED, STRONG, VARIATIONS, SourceOptions, members_words
from bot.settings import Settings
from generation.catalog.entries import Defaults, usual
from generation.protocol.options import ModelCard
from storage.records import Image, Round
from storage.store import Store


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """A prompt and a negative prompt as a member changes them; None: as it is."""

    prompt: str
    negative_prompt: str | None = None


class FollowUps:
    """Reads the parameters and the wording of what a member paints next, before it is changed."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        sight: Sight,
        member_settings: MemberSettings,
        model: Callable[[], ModelCard | None],
    ) -> None:
        """`model`: the loaded model's card."""
        self._settings = settings
        self._store = store
        self._sight = sight
        self._member_settings = member_settings
        self._model = model

    async def parameters_of(self, asker: Asker, round_id: int) -> tuple[Round, Parameters]:
        """Return a round that a member sees, and its parameters without the seed."""
        round_, _ = await self._sight.round(asker, round_id)
        return round_, dataclasses.replace(Parameters.of(round_.parameters), seed=None)

    async def of_round(
        self, asker: Asker, round_id: int
    ) -> tuple[Round, Parameters, SourceOptions | None]:
        """Return a round, and the parameters and source of the one that a member paints next."""
        parent, parameters = await self.parameters_of(asker, round_id)
        source_options = None
        if parameters.axes:
            parameters, source_options = await self._after_comparison(asker, parent, parameters)
        elif repeats_record(parent):
            parameters = after_replay(parent, parameters)
        if parent.source_digest is None and not parameters.axes:
            board = await self._store.boards.get(parent.board_id)
            if board is not None and not board.group and board.owner_id != asker.member_id:
                parameters = await self._member_settings.for_fork(asker, parameters)
        return parent, parameters, source_options

    async def _after_comparison(
        self, asker: Asker, parent: Round, parameters: Parameters
    ) -> tuple[Parameters, SourceOptions | None]:
        """Return parameters for continuing from a comparison: the values of its liked picture."""
        liked = [
            image.position
            for image in await self._store.images.of_round(parent.id)
            for rating in await self._store.ratings.of_image(image.id)
            if rating.member_id == asker.member_id and rating.value > 0
        ]
        chosen = dataclasses.replace(parameters, axes=())
        source_options = SourceOptions.of(parent.parameters)
        if len(liked) == 1:
            chosen = parameters.at(liked[0])
            source_options = source_options and source_options.at(parameters.axes, liked[0])
        return dataclasses.replace(chosen, count=USUAL_COUNT, seed=None), source_options

    async def wording_of_next(self, asker: Asker, round_id: int) -> Wording:
        """Return the words of the round after this one, without any that a command put in."""
        _, parameters, _ = await self.of_round(asker, round_id)
        prompt = members_words(parameters.prompt)
        return Wording(prompt=prompt, negative_prompt=parameters.negative_prompt)

    async def wording_of_picture(self, asker: Asker, image_id: int) -> Wording:
        """Return the words with which one of our pictures would be varied."""
        image, parent = await self._sight.picture(asker, image_id)
        return wording_of(
            image, parent, model=self._settings.model, negatives=self.takes_negatives()
        )

    def takes_negatives(self) -> bool:
        """Return True unless the model is known to have no use for a negative prompt."""
        card = self._model()
        return card is None or card.has_negative_prompt

    def heeded(self, wording: Wording) -> Wording:
        """Return the words that the model can use: one without negative prompts is given none."""
        if self.takes_negatives():
            return wording
        return dataclasses.replace(wording, negative_prompt="")


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
