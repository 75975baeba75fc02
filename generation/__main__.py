"""The generator without Discord: `python -m generation imagine "…"`, `… replay PICTURE`, …"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from generation.catalog.entries import ModelUnavailable
from generation.commands import evaluate, fetch, imagine, replay
from generation.commands.run import INTERRUPTED, WRONG, complain
from generation.shapes.evaluation.ledger import OtherStudy

COMMANDS = {
    "imagine": ("paint pictures of a prompt", imagine.add_words),
    "replay": ("paint a picture again, from what its file says", replay.add_words),
    "evaluate": ("measure the embedded model", evaluate.add_words),
    "fetch": ("download a model", fetch.add_words),
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and leave."""
        self.exit(WRONG, f"{self.prog}: {message}\n")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks; the exit status."""
    arguments = build_parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except (ModelUnavailable, OtherStudy) as error:
        return complain(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def build_parser() -> Parser:
    """Every command with all its options."""
    parser = Parser(prog="python -m generation", description="The generator without Discord.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (what, add_words) in COMMANDS.items():
        add_words(commands.add_parser(name, help=what))
    return parser


if __name__ == "__main__":
    sys.exit(main())
