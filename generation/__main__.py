"""The generator without Discord: `python -m generation imagine "…"`, `… replay PICTURE`, …"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from generation.catalog.entries import ModelUnavailable
from generation.commands import SUMMARIES, caption, evaluate, fetch, imagine, pairs, replay, train
from generation.commands.run import INTERRUPTED, WRONG, complain
from generation.shapes.evaluation.ledger import OtherStudy

OPTIONS = {
    "imagine": imagine.add_words,
    "train": train.add_words,
    "caption": caption.add_words,
    "pairs": pairs.add_words,
    "replay": replay.add_words,
    "evaluate": evaluate.add_words,
    "fetch": fetch.add_words,
}
"""Adds the options of a command to its parser."""


class Parser(argparse.ArgumentParser):
    """Argument parser that reports a mistake in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit."""
        self.exit(WRONG, f"{self.prog}: {message}\n")


def main(words: Sequence[str] | None = None, *, prog: str = "python -m generation") -> int:
    """Parse the command line, run the command and return its exit status."""
    words = sys.argv[1:] if words is None else words
    parser = build_parser(prog)
    if not words:
        parser.print_help(sys.stderr)
        return WRONG
    arguments = parser.parse_args(words)
    try:
        return int(arguments.run(arguments))
    except (ModelUnavailable, OtherStudy) as error:
        return complain(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def build_parser(prog: str = "python -m generation") -> Parser:
    """Build the parser of all commands and their options."""
    parser = Parser(prog=prog, description="Paint, edit and train without Discord.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, what in SUMMARIES.items():
        OPTIONS[name](commands.add_parser(name, help=what))
    return parser


if __name__ == "__main__":
    sys.exit(main())
