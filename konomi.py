"""The `konomi` command: runs every command of `python -m bot` and `python -m generation`.

It imports a program only when it runs it.  Every process that the bot starts imports this module
again, and the one that paints must not load Discord's library.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

PROG = "konomi"
WRONG = 2
"""Exit status of an unknown command."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that is named first; return the exit status."""
    words = sys.argv[1:] if words is None else words
    bot, generator = bot_commands(), generator_commands()
    match words:
        case []:
            print(help_page(bot, generator), file=sys.stderr)
            return WRONG
        case ["-h" | "--help", *_]:
            print(help_page(bot, generator))
            return 0
        case [name, *_] if name in bot:
            from bot.__main__ import main as run_bot

            return run_bot(words, prog=PROG)
        case [name, *_] if name in generator:
            from generation.__main__ import main as run_generator

            return run_generator(words, prog=PROG)
    print(f"{PROG}: there is no command {words[0]}; `{PROG} --help` lists all.", file=sys.stderr)
    return WRONG


def bot_commands() -> Mapping[str, str]:
    """Return the commands of `python -m bot`, a line each."""
    from bot.__main__ import COMMANDS

    return COMMANDS


def generator_commands() -> Mapping[str, str]:
    """Return the commands of `python -m generation`, a line each."""
    from generation.commands import SUMMARIES

    return SUMMARIES


def help_page(bot: Mapping[str, str], generator: Mapping[str, str]) -> str:
    """Return every command with its line."""
    width = max(map(len, (*bot, *generator))) + 2

    def listed(commands: Mapping[str, str]) -> str:
        return "\n".join(f"  {name:{width}}{line}" for name, line in commands.items())

    return (
        f"usage: {PROG} COMMAND ...\n\n"
        "Konomi paints on Discord and learns what you like.\n\n"
        f"the bot:\n{listed(bot)}\n\n"
        f"pictures without Discord:\n{listed(generator)}\n\n"
        f"`{PROG} COMMAND --help` lists the options of one."
    )


if __name__ == "__main__":
    sys.exit(main())
