"""The paper's protocol, with a simulated member whose taste is known.

Batches of four, three rounds; after each, the best image is liked and the worst disliked, and the
references of earlier rounds stay (von Rütte et al., arXiv 2307.10159, § 5).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from generation.protocol.requests import Reference
from generation.shapes.evaluation.arms import Arm
from generation.shapes.evaluation.easel import Easel, Picture
from generation.shapes.evaluation.favourites import preference
from generation.shapes.evaluation.ledger import TrialRecord, TrialRound
from generation.shapes.evaluation.similarity import Embedder, Vectors, diversity, likeness
from generation.shapes.evaluation.trials import Trial
from generation.shapes.scorers import read

BATCH, ROUNDS = 4, 3
BANK = 48
"""Number of a trial's plain images, the best of which are the likes given at once."""
BANK_SEED = 1000
"""First seed of those images, beyond the rounds' seeds, so that no image is steered by itself."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Seen:
    """An image's reading, preference score and embedding `vector` (D,)."""

    reference: Reference
    preference: float
    favourite: bool
    named: float
    vector: Vectors


class Sitting:
    """One trial, run for any number of arms, which share the images they have in common."""

    def __init__(self, easel: Easel, embed: Embedder, trial: Trial) -> None:
        self._easel = easel
        self._embed = embed
        self._trial = trial
        self._seen: dict[str, Seen] = {}
        self._best: list[Seen] = []

    def play(self, arm: Arm) -> TrialRecord:
        """Run the trial with one arm and return all measurements."""
        liked: list[Seen] = []
        disliked: list[Seen] = []
        rounds = []
        if arm.bank:
            liked = self.best_of_bank()[: arm.bank]
            rounds.append(_measured(ROUNDS, self._paint(arm, ROUNDS, liked, []), liked, []))
        else:
            for number in range(1, ROUNDS + 1):
                pictures = self._paint(arm, number, liked, disliked)
                rounds.append(_measured(number, pictures, liked, disliked))
                ranked = sorted(pictures, key=lambda picture: -picture.preference)
                liked = [*liked, ranked[0]]
                disliked = [*disliked, ranked[-1]]
        trial = self._trial
        return TrialRecord(
            arm=arm.name,
            settings=arm.settings,
            trial=trial.number,
            half=trial.half,
            kind=trial.favourite.kind,
            favourite=str(trial.favourite),
            prompt=trial.prompt,
            liked=tuple(picture.preference for picture in liked),
            disliked=tuple(picture.preference for picture in disliked),
            rounds=tuple(rounds),
        )

    def best_of_bank(self) -> list[Seen]:
        """Return plain images of the trial's prompt, the closest to the favourite first."""
        if not self._best:
            trial = self._trial
            bank = self._easel.paint_many(trial.prompt, seed=trial.seed + BANK_SEED, count=BANK)
            self._best = sorted(self._look(bank), key=lambda picture: -picture.preference)
        return self._best

    def _paint(
        self, arm: Arm, number: int, liked: Sequence[Seen], disliked: Sequence[Seen]
    ) -> list[Seen]:
        """Generate a round; the seeds are the same for every arm."""
        prompt, seed = self._trial.prompt, self._trial.seed + BATCH * (number - 1)
        steering: dict[str, Any] = {
            "liked": _faded(liked, arm) if arm.likes else [],
            "disliked": _faded(disliked, arm) if arm.dislikes else [],
            "feedback": arm.feedback,
            "guidance": arm.guidance,
        }
        if not (arm.drop and liked):
            return self._look(self._easel.paint(prompt, seed=seed, count=BATCH, **steering))
        coins = Random(f"drop/{self._trial.number}/{number}")
        prompts = ["" if coins.random() < arm.drop else prompt for _ in range(BATCH)]
        return self._look(
            [
                picture
                for place, said in enumerate(prompts)
                for picture in self._easel.paint(said, seed=seed + place, **steering)
            ]
        )

    def _look(self, pictures: Sequence[Picture]) -> list[Seen]:
        """Read, score and embed images, each only once."""
        new = {each.reference.digest: each for each in pictures}
        new = {digest: each for digest, each in new.items() if digest not in self._seen}
        if new:
            vectors = self._embed([each.image for each in new.values()])
            for (digest, each), vector in zip(new.items(), vectors, strict=True):
                self._seen[digest] = _judged(each, vector, self._trial)
        return [self._seen[each.reference.digest] for each in pictures]


def _faded(rated: Sequence[Seen], arm: Arm) -> list[Reference]:
    """Return the references, one per round, oldest first, with weights that fade with age."""
    if arm.bank:
        return [picture.reference for picture in rated]
    return [
        dataclasses.replace(picture.reference, weight=arm.fading**age)
        for age, picture in zip(reversed(range(len(rated))), rated, strict=True)
    ]


def _judged(picture: Picture, vector: Vectors, trial: Trial) -> Seen:
    reading = read(picture.image)
    return Seen(
        reference=picture.reference,
        preference=round(preference(picture.image, trial.favourite), 4),
        favourite=trial.favourite.shown_by(reading),
        named=round(trial.named_right(reading), 4),
        vector=vector,
    )


def _measured(
    number: int, pictures: Sequence[Seen], liked: Sequence[Seen], disliked: Sequence[Seen]
) -> TrialRound:
    vectors = np.stack([picture.vector for picture in pictures])

    def to(references: Sequence[Seen]) -> float | None:
        if not references:
            return None
        return round(likeness(vectors, np.stack([each.vector for each in references])), 4)

    return TrialRound(
        number=number,
        preference=tuple(picture.preference for picture in pictures),
        favourite=tuple(picture.favourite for picture in pictures),
        named=tuple(picture.named for picture in pictures),
        diversity=round(diversity(vectors), 4),
        to_liked=to(liked),
        to_disliked=to(disliked),
    )
