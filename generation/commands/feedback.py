"""Command line options of feedback, and the settings they select for the model."""

from __future__ import annotations

import argparse
import dataclasses

from generation.protocol.requests import Feedback
from generation.requests.feedback import PRESETS, named_feedback

OPTIONS = {
    "start": "share of the steps after which likes start to steer",
    "end": "share of the steps after which likes stop steering",
    "strength": "how strongly likes steer",
    "explore": "share of wildcards: pictures painted away from the likes",
    "drop": "chance that a picture follows the likes alone and ignores the prompt",
}


def add_feedback(command: argparse.ArgumentParser) -> None:
    """Add --feedback, --start and the others; the command must have --model, too."""
    command.add_argument(
        "--feedback",
        choices=PRESETS,
        help="preset for how likes steer; the options below adjust it",
    )
    for name, what in OPTIONS.items():
        command.add_argument(f"--{name}", type=float, help=f"{what} (default: the model's)")


def feedback_of(arguments: argparse.Namespace) -> Feedback:
    """Return the settings of the preset or the model, overridden by the given options."""
    wished = {name: getattr(arguments, name) for name in OPTIONS}
    said = {name: value for name, value in wished.items() if value is not None}
    return dataclasses.replace(named_feedback(arguments.feedback, arguments.model), **said)
