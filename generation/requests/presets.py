"""Ways to let likes steer that people know by name."""

from __future__ import annotations

import dataclasses

from generation.catalog.entries import TUTORIAL, usual_feedback
from generation.protocol.messages import Feedback, Influence

PRESETS = ("ours", "closer", "paper", "tutorial")
"""Names that `named_feedback` knows; "ours" is what suits the model, as without any name, and
"closer" the same for those who know what they want."""

PUBLISHED = {
    # The code published with FABRIC (von Rütte et al., arXiv 2307.10159): the middle third.
    "paper": Feedback(
        start=0.33,
        end=0.66,
        strength=1.0,
        floor=0.1,
        dislike_scale=0.5,
        influence=Influence.EACH,
        explore=0.0,
    ),
    "tutorial": dataclasses.replace(TUTORIAL, influence=Influence.EACH, explore=0.0),
}
"""As elsewhere: each reference weighs for itself, old ones as much as new ones, and no picture
leaves likes aside."""


def named_feedback(name: str | None, model: str) -> Feedback:
    """The feedback of this name, of `PRESETS`; None: as suits the model."""
    usual = usual_feedback(model)
    if name == "closer":
        # Still two of four while there is but one like, which is when looking pays.
        return dataclasses.replace(usual, explore=usual.explore / 2)
    return PUBLISHED.get(name or "", usual)
