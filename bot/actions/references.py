"""References: the rated pictures that steer a board's next round, and their weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bot.actions.asker import Asker
from bot.actions.parameters import Parameters
from bot.actions.replays import is_steered_by_record
from bot.actions.sight import Sight
from bot.errors import Refusal
from bot.text import invalid
from generation.protocol.options import ModelCard
from generation.protocol.requests import Reference
from generation.requests.feedback import PUBLISHED, faded
from storage.records import Board, Image, Round, Steer
from storage.store import Store

MOST_REFERENCES = 8
"""Maximum number of references per half.  Each costs attention at every step and memory for its
states, while their total influence is constant: a ninth would weaken the newest eight, which best
show where the board is going.
"""

BOARDS_LOOKED_AT = 10
"""Number of a member's newest boards searched for ratings to steer a comparison of feedback."""


class References:
    """Chooses the pictures that steer a round: rated ones, or those of the round before it."""

    def __init__(
        self, *, store: Store, sight: Sight, model: Callable[[], ModelCard | None]
    ) -> None:
        """`model`: the loaded model's card."""
        self._store = store
        self._sight = sight
        self._model = model

    async def choose(
        self,
        asker: Asker,
        board: Board,
        parameters: Parameters,
        parent: Round | None,
        *,
        again: bool,
    ) -> tuple[Sequence[Steer], bool]:
        """Return what steers a board's next round, and if a picture's record says so.

        These are its ratings. A fork goes on with what steered the round that it continues, until
        its owner has rated something on it or starts anew by a Reset; a Reroll (`again`) always
        does.
        """
        if parent is None or not again:
            rated = await self._store.ratings.for_board(board.id)
            if rated or parent is None or board.forked_from is None or board.since_round:
                return choose(rated, fading=parameters.feedback_preset not in PUBLISHED), False
        return await self._standing(asker, parent), is_steered_by_record(parent)

    async def _standing(self, asker: Asker, round_: Round) -> Sequence[Steer]:
        """Return what steered a round, to steer another one of a member's likewise.

        Ratings that were taken back have no influence any more, and nobody is steered by pictures
        that they do not see. A round that was steered by a picture's record had no ratings.
        """
        rounds, recorded = self._store.rounds, is_steered_by_record(round_)
        standing = []
        for steer in await (rounds.steers if recorded else rounds.standing_steers)(round_.id):
            image = await self._store.images.get(steer.image_id)
            if image is not None and await self._sight.among(asker, {image.round_id}):
                standing.append(steer)
        return standing

    async def liked_last(self, asker: Asker) -> tuple[Round | None, Sequence[Steer]]:
        """Return a member's newest rated round, and what steers the board that it is on."""
        boards = await self._store.boards.newest_of(
            asker.server_id, asker.member_id, BOARDS_LOOKED_AT
        )
        for board in boards:
            rated = await self._store.ratings.for_board(board.id)
            seen = await self._sight.among(asker, {image.round_id for image, _ in rated})
            rated = [(image, value) for image, value in rated if image.round_id in seen]
            if steers := choose(rated):
                newest, _ = rated[-1]
                return await self._store.rounds.get(newest.round_id), steers
        raise Refusal(invalid.NOTHING_LIKED)

    def heeded(self, steers: Sequence[Steer]) -> Sequence[Steer]:
        """Return the steers that the loaded model can use."""
        card = self._model()
        if card is None or card.has_negative_prompt:
            return steers
        return [steer for steer in steers if steer.value > 0]

    async def fit_to_follow(self, asker: Asker, steers: Sequence[Steer]) -> list[Steer]:
        """Return the steers that may be used here.

        Outside age-restricted channels none may lead towards pictures that would have to be
        withheld; inside them, all may.
        """
        fit = []
        for steer in steers:
            image = await self._store.images.get(steer.image_id)
            flagged = image is not None and image.flagged
            if asker.age_restricted or steer.value < 0 or not flagged:
                fit.append(steer)
        return fit

    async def of_round(self, round_: Round) -> tuple[list[Reference], list[Reference]]:
        """Return the liked and the disliked references of a round that is stored."""
        halves: dict[int, list[Reference]] = {1: [], -1: []}
        for steer in await self._store.rounds.steers(round_.id):
            image = await self._store.images.get(steer.image_id)
            if image is not None and image.digest is not None:
                rated = await self._store.rounds.get(image.round_id)
                reference = Reference(
                    path=self._store.files.path(image.digest).absolute(),
                    digest=image.digest,
                    weight=steer.weight,
                    flagged=image.flagged,
                    name="" if rated is None else _name_on_strip(image, rated, round_),
                )
                halves[steer.value].append(reference)
        return halves[1], halves[-1]


def choose(
    rated: Iterable[tuple[Image, int]], most: int = MOST_REFERENCES, *, fading: bool = True
) -> list[Steer]:
    """Choose the references of a round: liked ones first, each half oldest first.

    `rated` are pictures with their net votes, newest last. A picture's weight is the number of its
    votes: 1 on a board of one member, more where a group agrees. With `fading` it decreases with
    each later rated round.
    """
    net = [(image, value) for image, value in rated if value and not image.withheld]
    newer = _rounds_after(image.round_id for image, _ in net)
    liked = [(image, value) for image, value in net if value > 0][-most:]
    disliked = [(image, value) for image, value in net if value < 0][-most:]
    return [
        Steer(
            image_id=image.id,
            value=1 if value > 0 else -1,
            weight=faded(abs(value), newer[image.round_id] if fading else 0),
        )
        for image, value in liked + disliked
    ]


def reference_name(round_number: int, position: int, *, elsewhere: bool = False) -> str:
    """Return the name of a picture on the strip of those that steered: round and number.

    `elsewhere`: it is on another board, whose rounds have the same numbers; an asterisk says so.
    """
    return f"R{round_number} #{position + 1}{'*' if elsewhere else ''}"


def _name_on_strip(image: Image, rated: Round, steered: Round) -> str:
    elsewhere = rated.board_id != steered.board_id
    return reference_name(rated.number, image.position, elsewhere=elsewhere)


def _rounds_after(round_ids: Iterable[int]) -> dict[int, int]:
    """Return how many of these rounds are newer than each; ids increase with time."""
    return {round_id: age for age, round_id in enumerate(sorted(set(round_ids), reverse=True))}
