"""The loss curve of a training, drawn by matplotlib without its global state.

matplotlib is imported where it draws: every generator imports this module, few draw anything, and
it takes 20 MB.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence

SMOOTHING = 0.95
"""Weight of the past in the smoothed curve: about the last twenty steps."""
INCHES = (5.0, 3.4)
"""Small, so that its writing can still be read where a phone shrinks it."""
AXES = (0.15, 0.15, 0.82, 0.81)
"""Left, bottom, width and height of the axes, as shares of the figure."""
DPI = 200

Points = Sequence[tuple[int, float]]
"""Steps with their losses."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """The losses of a training; `checkpoints` are steps, and `proposed` is one of them."""

    training: Points = ()
    validation: Points = ()
    """On fixed pictures, timesteps and noise."""
    checkpoints: Sequence[int] = ()
    proposed: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Ink:
    """Colours of a plot for one background."""

    ground: str
    writing: str
    faint: str
    training: str
    validation: str


LIGHT = Ink(
    ground="#ffffff", writing="#1f2328", faint="#b8bec6", training="#2867c4", validation="#b3430a"
)
DARK = Ink(
    ground="#1b1d21", writing="#e3e5e8", faint="#565b63", training="#7fb0ff", validation="#ffab70"
)


def smoothed(points: Points, weight: float = SMOOTHING) -> list[tuple[int, float]]:
    """Return the exponential moving average of a curve, without bias towards its start."""
    average, total, smooth = 0.0, 0.0, []
    for step, loss in points:
        average = weight * average + (1 - weight) * loss
        total = weight * total + (1 - weight)
        smooth.append((step, average / total))
    return smooth


def draw_losses(losses: Losses, ink: Ink = LIGHT) -> bytes:
    """Draw the curves and a mark at each checkpoint as a PNG file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DPI, facecolor=ink.ground)
    # A layout that matplotlib finds by itself takes as long again as drawing.
    axes = figure.add_axes(AXES, facecolor=ink.ground)
    for number, step in enumerate(losses.checkpoints):
        label = "checkpoint" if number == 0 else None
        axes.axvline(step, color=ink.faint, linewidth=0.8, linestyle=":", label=label)
    if losses.training:
        steps, values = zip(*losses.training, strict=True)
        axes.plot(steps, values, color=ink.training, linewidth=0.6, alpha=0.25)
        steps, values = zip(*smoothed(losses.training), strict=True)
        axes.plot(steps, values, color=ink.training, linewidth=1.6, label="training, smoothed")
    if losses.validation:
        steps, values = zip(*losses.validation, strict=True)
        axes.plot(
            steps, values, color=ink.validation, linewidth=1.6, marker="o", markersize=4,
            label="validation (fixed)",
        )  # fmt: skip
    if losses.proposed is not None:
        axes.axvline(losses.proposed, color=ink.writing, linewidth=1.2, label="proposed")
    axes.set_xlabel("step", color=ink.writing)
    axes.set_ylabel("loss", color=ink.writing)
    axes.tick_params(colors=ink.writing)
    for spine in axes.spines.values():
        spine.set_color(ink.faint)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            fontsize="small", facecolor=ink.ground, edgecolor=ink.faint, labelcolor=ink.writing
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
