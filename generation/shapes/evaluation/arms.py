"""The arms of the study: each is one way of using likes and dislikes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from generation.catalog.entries import usual, usual_feedback
from generation.protocol.requests import Feedback, Influence
from generation.requests.feedback import FADING, named_feedback
from generation.requests.refused import Refused
from generation.requests.validation import check_feedback

BASE = Feedback(
    start=0.0,
    end=0.5,
    strength=0.8,
    floor=0.0,
    dislike_scale=0.5,
    dislike_end=1.0,
    influence=Influence.TOTAL,
    steered_guidance=1.0,
    explore=0.0,
    explore_guidance=1.0,
    explore_avoid=0.0,
    drop=0.0,
)
"""The settings of which each ablation changes one; spelled out, so that new defaults leave them as
they are."""

PAPER = dataclasses.replace(
    BASE, start=0.33, end=0.66, strength=1.0, floor=0.1, influence=Influence.EACH
)
"""The settings of the published code (von Rütte et al. 2023)."""
LATER = dataclasses.replace(BASE, end=0.8, strength=0.3, influence=Influence.EACH)
"""The settings of its later evaluation configurations."""
DEMO = dataclasses.replace(BASE, end=0.8, influence=Influence.EACH)
"""The settings of its demo."""
TUTORIAL = dataclasses.replace(BASE, influence=Influence.EACH)
"""The settings that users of the plug-ins know: w = 0.8 over the first half of the steps."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arm:
    """One way of using likes and dislikes; arms with equal settings are the same arm.

    Without likes and dislikes, images are still rated, so that their similarity to the rated ones
    can be compared, but the ratings steer nothing.
    """

    name: str
    feedback: Feedback = BASE
    likes: bool = True
    dislikes: bool = True
    drop: float = 0.0
    """Share of the images of a steered round that are generated without the prompt (§ 5)."""
    bank: int = 0
    """Number of likes given at once in a single round; 0 for the protocol of three rounds."""
    guidance: float | None = None
    """Guidance scale; None for the setup's."""
    fading: float = 1.0
    """Factor by which a rating's weight shrinks with each round after it; 1 for no fading."""

    def __post_init__(self) -> None:
        if self.drop and self.feedback.explore:
            raise ValueError("an arm can drop the prompt or let pictures explore, not both")

    @property
    def settings(self) -> dict[str, Any]:
        """Return everything but the name, in JSON types."""
        settings = dataclasses.asdict(self)
        del settings["name"]
        settings["feedback"]["influence"] = self.feedback.influence.value
        if self.feedback.steered_guidance == 1:  # so that records from before it stay its records
            del settings["feedback"]["steered_guidance"]
        if not (self.likes or self.dislikes):
            settings["feedback"] = None
        return settings

    @property
    def key(self) -> str:
        """Key of the settings, equal for arms with equal settings."""
        return key_of(self.settings)


def key_of(settings: Mapping[str, Any]) -> str:
    """Return a key that is equal for equal settings."""
    return json.dumps(settings, sort_keys=True)


def arm_of(name: str, settings: Mapping[str, Any]) -> Arm:
    """Return the arm with these settings."""
    feedback = settings["feedback"]
    if feedback is None:
        return Arm(**{**settings, "name": name, "feedback": BASE})
    influence = Influence(feedback["influence"])
    return Arm(
        **{**settings, "name": name, "feedback": Feedback(**{**feedback, "influence": influence})}
    )


PLAIN = Arm(name="plain", likes=False, dislikes=False)
LIKES = Arm(name="likes", dislikes=False)
BOTH = Arm(name="likes and dislikes")
OTHER_MODEL = "sd15"
"""Any model of the catalogue without settings of its own."""
GUIDANCE = usual("shapes").guidance
"""Guidance scale that Konomi uses with this model; the study's own is that of the published
settings and their users."""
OURS = Arm(name="ours", feedback=usual_feedback("shapes"), fading=FADING, guidance=GUIDANCE)
CLOSER = dataclasses.replace(OURS, name="ours, closer", feedback=named_feedback("closer", "shapes"))
PAPERS = Arm(name="paper", feedback=PAPER)
PAPERS_GUIDANCE = Arm(name="paper, guidance 8", feedback=PAPER, guidance=8.0)
TUTORIALS = Arm(name="tutorial", feedback=TUTORIAL)
PLAIN_AS_OURS = dataclasses.replace(PLAIN, name="plain, our guidance", guidance=GUIDANCE)
PAPERS_AS_OURS = dataclasses.replace(PAPERS, name="paper, our guidance", guidance=GUIDANCE)
"""The published settings at our guidance; with the arm above, they separate the effect of guidance
from that of likes."""
MAIN = (
    PLAIN,
    LIKES,
    BOTH,
    OURS,
    CLOSER,
    PAPERS,
    PAPERS_GUIDANCE,
    TUTORIALS,
    PLAIN_AS_OURS,
    PAPERS_AS_OURS,
)
"""Arms of the main comparison; the paper's code also calls for its own guidance."""
ELSEWHERE = Arm(
    name="default for other models", feedback=usual_feedback(OTHER_MODEL), fading=FADING
)
"""What Konomi does with a model for which nobody chose settings."""
CLOSER_ELSEWHERE = dataclasses.replace(
    ELSEWHERE, name="the same, closer", feedback=named_feedback("closer", OTHER_MODEL)
)
OTHER_MODELS = (PLAIN, PAPERS, TUTORIALS, ELSEWHERE, CLOSER_ELSEWHERE)
"""Arms of the comparison on models that nobody tuned for, all at the setup's guidance."""
RIVALS = (OURS, CLOSER, PAPERS, PAPERS_GUIDANCE, PLAIN_AS_OURS, PAPERS_AS_OURS)
"""Arms of the main comparison that get more trials, to tell them apart."""

FIRST_HALF = dataclasses.replace(BOTH, name="first half")
SECOND_HALF = Arm(name="second half", feedback=dataclasses.replace(BASE, start=0.5, end=1.0))
WHOLE = Arm(name="all steps", feedback=dataclasses.replace(BASE, end=1.0))
MIDDLE = Arm(name="middle third", feedback=dataclasses.replace(BASE, start=0.33, end=0.66))
DROPPED = Arm(name="prompt dropped, p = 0.3", drop=0.3)
LIKES_AT_ONCE = (1, 2, 3, 4, 6, 8, 12)


def _at_once(count: int, influence: Influence) -> Arm:
    return Arm(
        name=f"{count} likes, {influence.value}",
        feedback=dataclasses.replace(BASE, influence=influence),
        dislikes=False,
        bank=count,
    )


def _varied(name: str, field: str, *values: float) -> tuple[Arm, ...]:
    changes: list[dict[str, Any]] = [{field: value} for value in values]
    return tuple(
        Arm(name=f"{name} {change[field]:g}", feedback=dataclasses.replace(BASE, **change))
        for change in changes
    )


AT_ONCE = {
    influence: tuple(_at_once(count, influence) for count in LIKES_AT_ONCE)
    for influence in Influence
}
TOPICS: dict[str, tuple[Arm, ...]] = {
    "window": (FIRST_HALF, SECOND_HALF, WHOLE, MIDDLE),
    "strength": _varied("strength", "strength", 0.2, 0.4, 0.8, 1.6, 3.2),
    "dislikes": (
        dataclasses.replace(LIKES, name="no dislikes"),
        *_varied("dislikes ×", "dislike_scale", 0.25, 0.5, 1.0),
    ),
    "diversity": (*_varied("explore", "explore", 0.0, 0.25, 0.5), DROPPED),
    "rule": (
        dataclasses.replace(BOTH, name="likes share one weight"),
        dataclasses.replace(TUTORIALS, name="each like has full weight"),
    ),
    "presets": (
        OURS,
        CLOSER,
        PAPERS,
        Arm(name="paper, later", feedback=LATER),
        Arm(name="paper, demo", feedback=DEMO),
        TUTORIALS,
    ),
    "many-likes": (*AT_ONCE[Influence.TOTAL], *AT_ONCE[Influence.EACH]),
}
"""Arms of the ablations, by topic."""


def tried(words: str) -> Arm:
    """Parse an arm such as "end=0.4 strength=1.2": our defaults with these changes.

    Besides the fields of `Feedback`, `drop`, `guidance` and `fading` can be set; `guidance=setup`
    is that of the whole study.  Raises ValueError with a sentence for the host.
    """
    fields: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for word in words.replace(",", " ").split():
        name, _, value = word.partition("=")
        try:
            if name == "influence":
                fields[name] = Influence(value)
            elif (name, value) == ("guidance", "setup"):
                others[name] = None
            elif name in ("drop", "guidance", "fading"):
                others[name] = float(value)
            elif name in {field.name for field in dataclasses.fields(Feedback)}:
                fields[name] = float(value)
            else:
                raise ValueError
        except ValueError:
            raise ValueError(f"{word} is not a setting of an arm") from None
    feedback = dataclasses.replace(OURS.feedback, **fields)
    try:
        check_feedback(feedback, "shapes")
    except Refused as refusal:
        raise ValueError(str(refusal)) from None
    return dataclasses.replace(
        OURS, name=" ".join(sorted(words.split())), feedback=feedback, **others
    )
