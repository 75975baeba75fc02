"""`python -m bot doctor`: check the host's setup and print the results, one per line.

It changes nothing: it loads no model, opens no second connection to a database in use, and imports
torch only in a child process.
"""

from __future__ import annotations

import importlib.metadata
import json
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

from packaging.requirements import Requirement

from bot.host.captioner_checks import look_at_captioner
from bot.host.check import CheckResult, bad, good, notice
from bot.host.checker_checks import look_at_checker
from bot.host.data_folder_checks import (
    look_at_data_folder,
    look_at_database,
    look_at_disk,
    look_at_periodic_tasks,
    look_at_privacy,
)
from bot.host.device_checks import devices, look_at_device, look_at_options
from bot.host.invite import TokenMisshapen, application_id
from bot.host.training_notes import look_at_trainings
from bot.settings import Settings, SettingsError
from generation.catalog import entries, integrity
from generation.catalog.files import locate, locate_parts, locate_settings
from generation.catalog.prediction import WORDS, prediction_of
from generation.catalog.single_files import identify
from generation.protocol.options import Prediction

API = "https://discord.com/api/v10"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
GIGABYTE = 1e9
NETWORK_SECONDS = 10


def examine(
    read_settings: Callable[[], Settings], *, quick: bool = False, api: str = API
) -> Iterator[CheckResult]:
    """Run all checks, the basic ones first; `quick` leaves out the network and the device."""
    yield look_at_python()
    yield look_at_packages()
    try:
        settings = read_settings()
    except SettingsError as error:
        yield from (bad("settings", sentence) for sentence in error.sentences)
        return
    token = settings.discord_token.get_secret_value() if settings.discord_token else None
    yield look_at_token(token)
    yield look_at_intents()
    if token and not quick:
        yield look_at_login(token, api)
    yield look_at_data_folder(settings.data_dir)
    yield from look_at_privacy(settings.data_dir)
    yield look_at_database(settings.data_dir)
    yield look_at_disk(settings.data_dir, settings.disk_limit_gb)
    yield from look_at_periodic_tasks(settings.data_dir)
    yield from look_at_trainings(settings.data_dir)
    yield look_at_model(settings.model, settings.prediction)
    yield from look_at_checker(settings)
    yield from look_at_captioner(settings.captioner)
    if not quick:
        seen = devices()
        yield look_at_device(settings.device, seen)
        yield from look_at_options(settings, seen)


def look_at_python() -> CheckResult:
    """Report the Python interpreter and its SQLite."""
    running = sys.version_info[:3]
    sentence = f"{'.'.join(map(str, running))} with SQLite {sqlite3.sqlite_version}."
    if OLDEST_PYTHON <= running[:2] <= NEWEST_PYTHON:
        return good("Python", sentence)
    return bad("Python", f"{sentence} Konomi needs Python 3.11, 3.12 or 3.13.")


def look_at_packages() -> CheckResult:
    """Check the versions of installed packages against the requirements, without importing any."""
    try:
        required = importlib.metadata.requires("konomi") or []
    except importlib.metadata.PackageNotFoundError:
        return notice(
            "packages", "Konomi is not installed in this Python. To install it, use: make run"
        )
    found, wrong = [], []
    for requirement in map(Requirement, required):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        found.append(f"{requirement.name} {version}")
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    if wrong:
        cure = "Run: pip install --constraint constraints.txt --editable ."
        return bad("packages", f"{'; '.join(wrong)}. {cure}")
    return good("packages", f"{', '.join(found)}.")


def look_at_token(token: str | None) -> CheckResult:
    """Check the token's shape, which tells it from everything else in the Developer Portal."""
    if token is None:
        return notice(
            "token",
            "not set. The playground needs none; to run on Discord, put "
            "KONOMI_DISCORD_TOKEN=… into .env.",
        )
    try:
        application = application_id(token)
    except TokenMisshapen as error:
        return bad(
            "token",
            f"KONOMI_DISCORD_TOKEN is not a bot's token: {error}. "
            "Copy it from the Developer Portal under Bot, Reset Token.",
        )
    return good("token", f"has the right shape, for application {application}.")


def look_at_intents() -> CheckResult:
    """Report the intents; there is nothing to switch on, and hosts look for it."""
    return good(
        "intents",
        "servers, messages and reactions. None is privileged, so there is nothing to turn on "
        "in the Developer Portal.",
    )


def look_at_login(token: str, api: str) -> CheckResult:
    """Check that Discord accepts the token, by requesting the application that it belongs to."""
    request = urllib.request.Request(  # noqa: S310 — `api` is ours
        f"{api}/applications/@me",
        headers={"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (Konomi, 1)"},
    )
    try:
        with urllib.request.urlopen(request, timeout=NETWORK_SECONDS) as reply:  # noqa: S310
            application = json.load(reply)
    except urllib.error.HTTPError as error:
        if error.code == 401:
            cure = "Create a new one in the Developer Portal under Bot, Reset Token."
            return bad("login", f"Discord does not know this token. {cure}")
        return notice("login", f"not checked: Discord answered {error.code}. Try again later.")
    except (OSError, ValueError):
        return notice("login", "not checked: no connection to Discord.")
    return good("login", f"Discord knows this token; the application is {application['name']!r}.")


def look_at_model(name: str, prediction: str = "auto") -> CheckResult:
    """Check that the model's files are on this machine, complete, and of a kind that paints."""
    try:
        path, elsewhere = locate(name), locate_parts(name)
        integrity.check(name, path, elsewhere)
    except entries.ModelUnavailable as error:
        return bad("model", str(error))
    except OSError as error:
        return bad("model", f"{error.filename or name} cannot be read: {error.strerror}.")
    known = entries.find(name)
    licence = f"licence {known.licence}" if known else "for its licence, see where it came from"
    size = integrity.size(path, *elsewhere.values()) / GIGABYTE
    predicted = prediction_of(name, path, Prediction(prediction))
    predicts = f"predicts {WORDS[predicted]}"
    if path.is_file():
        original = identify(path)[1].settings_of(predicted)
        if locate_settings(original) is None:
            return notice(
                "model",
                f"{name} {predicts}, but its tokenizer is not on this machine yet. "
                "The first start downloads it if there is a network; or run: "
                f"python -m generation fetch {original}",
            )
    return good("model", f"{name}, {size:.2f} GB of weights, {predicts}, {licence}.")
