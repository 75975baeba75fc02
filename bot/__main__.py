"""`python -m bot`: run the bot, or one of the host's commands.

Each command does its own imports, so that the help, `doctor` and `invite` are fast and still work
when something else is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings

REFUSED = 2
"""Exit status if the host has to fix something before the command can run."""

INSTALL = "pip install --constraint constraints.txt --editable '.{extra}'"

COMMANDS = {
    "run": "run the bot on Discord",
    "demo": "open the playground: no token, no GPU",
    "doctor": "check the setup and say what to fix",
    "invite": "print the link that adds the bot to a server",
    "backup": "save the database and the pictures",
    "restore": "restore a backup",
}
"""Every command with its line in the help."""


class CannotRun(Exception):
    """A command cannot run as things are; the message says why and what to do."""

    def __init__(self, sentence: str, *, status: int = REFUSED) -> None:
        super().__init__(sentence)
        self.status = status


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m bot") -> int:
    """Run one command and return its exit status; errors in the setup are printed as sentences."""
    options = parser(prog).parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    # What is written from here on, by children as well, is for nobody else on this machine.
    before = os.umask(0o077)
    try:
        return command(options)
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("bot", "generation", "storage"):
            raise
        print(f"{error.name} is not installed; run: {INSTALL.format(extra='')}", file=sys.stderr)
        return REFUSED
    except CannotRun as error:
        print(error, file=sys.stderr)
        return error.status
    finally:
        os.umask(before)


def parser(prog: str = "python -m bot") -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    konomi = argparse.ArgumentParser(
        prog=prog,
        description="Konomi paints on Discord and learns what you like.",
        epilog="Without a command, the bot runs.",
    )
    konomi.set_defaults(command=run_unasked)
    subparsers = konomi.add_subparsers(title="commands", metavar="command")
    commands = {name: subparsers.add_parser(name, help=what) for name, what in COMMANDS.items()}

    commands["run"].set_defaults(command=run)

    demo = commands["demo"]
    demo.add_argument(
        "--port", type=int, default=0, help="port of the page (default: any free one)"
    )
    demo.set_defaults(command=play)

    doctor = commands["doctor"]
    doctor.add_argument("--quick", action="store_true", help="leave out the network and the device")
    doctor.add_argument(
        "--alive", action="store_true", help="only check that the bot is running and not stuck"
    )
    doctor.set_defaults(command=examine)

    invite = commands["invite"]
    invite.add_argument(
        "--application",
        type=int,
        metavar="ID",
        help="id of the application (default: from the token)",
    )
    invite.set_defaults(command=print_invitation)

    backup = commands["backup"]
    backup.add_argument(
        "place",
        type=Path,
        nargs="?",
        default=Path(),
        help="new .tar file, or a folder to create it in (default: the current folder)",
    )
    backup.set_defaults(command=back_up)

    restore = commands["restore"]
    restore.add_argument("file", type=Path, help=".tar file made by backup")
    restore.add_argument(
        "--replace", action="store_true", help="even if the data folder is not empty"
    )
    restore.set_defaults(command=bring_back)
    return konomi


def run_unasked(options: argparse.Namespace) -> int:
    """Run the bot if no command was given; without a token, list the commands as well."""
    if _settings().discord_token is None:
        parser().print_help(sys.stderr)
    return run(options)


def run(_: argparse.Namespace) -> int:
    """Run the bot until it is stopped."""
    settings = _settings()
    if settings.discord_token is None:
        raise CannotRun(
            "KONOMI_DISCORD_TOKEN is not set. Put it into .env as the README describes, "
            "or try the playground with: python -m bot demo"
        )
    from aiohttp import ClientError
    from discord import ConnectionClosed, HTTPException, LoginFailure, PrivilegedIntentsRequired

    from bot.app import run_bot
    from bot.host.login import UNKNOWN_TO_DISCORD, why_closed, why_refused
    from bot.settings import hide_from_children
    from storage.errors import DataFolderUnusable, StorageError

    hide_from_children()
    # Services are stopped by SIGTERM; it shall end everything in order, as Ctrl+C does.  That one
    # has to be named as well: what a script starts with `&` ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        asyncio.run(run_bot(settings))
    except LoginFailure:
        raise CannotRun(UNKNOWN_TO_DISCORD) from None
    except PrivilegedIntentsRequired:
        raise CannotRun(why_closed(4014)) from None
    except ConnectionClosed as error:
        raise CannotRun(why_closed(error.code)) from None
    except HTTPException as error:
        passes = error.status >= 500 or error.status == 429
        raise CannotRun(why_refused(error.status), status=1 if passes else REFUSED) from None
    except (ClientError, TimeoutError) as error:
        # Nothing the host has to fix: a supervisor should restart the bot.
        told = str(error) or "it did not answer in time"
        raise CannotRun(f"Discord cannot be reached: {told}", status=1) from None
    except DataFolderUnusable as error:
        # There may be room, or a disk, another time.
        raise CannotRun(str(error), status=1) from None
    except StorageError as error:
        raise CannotRun(str(error)) from None
    return 0


def play(options: argparse.Namespace) -> int:
    """Open the playground: this bot in a local browser page."""
    settings = _settings()
    if importlib.util.find_spec("simcord") is None:
        raise CannotRun(
            "The playground needs SimCord. Install it with: make demo, or: "
            + INSTALL.format(extra="[demo]")
        )
    # Said before the imports, which take a moment as well.
    print(
        f"Konomi's playground opens as soon as the model {settings.model} has loaded.", flush=True
    )
    from bot.playground.demo import CannotPlay, run_demo
    from bot.settings import hide_from_children
    from generation.process.supervisor import GeneratorFailed
    from storage.errors import StorageError

    hide_from_children()
    try:
        asyncio.run(run_demo(settings, port=options.port))
    except (CannotPlay, GeneratorFailed, StorageError) as error:
        raise CannotRun(str(error)) from None
    return 0


def examine(options: argparse.Namespace) -> int:
    """Print the result of every check, one per line; return 1 if one keeps the bot from running."""
    from bot.host import doctor
    from bot.host.check import report
    from bot.host.data_folder_checks import look_for_life
    from bot.settings import hide_from_children, read_settings

    if options.alive:
        return report(iter([look_for_life(_settings().data_dir)]))

    def read() -> Settings:
        settings = read_settings()
        hide_from_children()
        return settings

    return report(doctor.examine(read, quick=options.quick))


def print_invitation(options: argparse.Namespace) -> int:
    """Print the invite link of the given application, or of the one whose token is set."""
    from bot.host.invite import TokenMisshapen, application_id, invite_link

    application = options.application
    if application is None:
        token = _settings().discord_token
        if token is None:
            raise CannotRun(
                "Set KONOMI_DISCORD_TOKEN, or give the application's id: "
                "python -m bot invite --application ID"
            )
        try:
            application = application_id(token.get_secret_value())
        except TokenMisshapen as error:
            raise CannotRun(f"KONOMI_DISCORD_TOKEN is not a bot's token: {error}.") from None
    print(invite_link(application))
    return 0


def back_up(options: argparse.Namespace) -> int:
    """Write a backup of the database and the files that it names; the bot may keep running."""
    from storage.backup import backup
    from storage.errors import StorageError

    try:
        saved = backup(_settings().data_dir, options.place)
    except (StorageError, OSError) as error:
        raise CannotRun(str(error)) from None
    print(f"{saved.path}: {saved.files} files, {saved.bytes / 1e6:.1f} MB.")
    if saved.lost:
        print(f"{len(saved.lost)} files were already missing or damaged, so they are not in it.")
    return 0


def bring_back(options: argparse.Namespace) -> int:
    """Replace the data folder's contents with a backup; the bot must not be running."""
    from storage.errors import StorageError
    from storage.restore import restore

    folder = _settings().data_dir
    try:
        restored = restore(options.file, folder, replace=options.replace)
    except (StorageError, OSError) as error:
        raise CannotRun(str(error)) from None
    print(f"{folder}: {restored.files} files were restored.")
    if restored.lost:
        print(f"{len(restored.lost)} files were already missing when the backup was made.")
    return 0


def _settings() -> Settings:
    from bot.settings import SettingsError, read_settings

    try:
        return read_settings()
    except SettingsError as error:
        raise CannotRun(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
