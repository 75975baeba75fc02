"""`python -m bot doctor`: check the host's setup and print the results, one per line.

It changes nothing: it loads no model, opens no second connection to a database in use, and imports
torch only in a child process.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib.metadata
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from bot.host.heartbeat import STUCK_AFTER_SECONDS, seconds_since_beat
from bot.host.invite import TokenMisshapen, application_id
from bot.host.periodic import TaskRecord, read_records
from bot.settings import ENV_FILE, Settings, SettingsError
from generation.catalog import entries, integrity
from generation.catalog.files import locate, locate_checker, locate_parts, locate_settings
from generation.catalog.prediction import WORDS, prediction_of
from generation.catalog.single_files import identify
from generation.protocol.options import Prediction
from storage.database import DATABASE_NAME
from storage.inspection import DatabaseState, bytes_taken, inspect
from storage.private import open_to_others

API = "https://discord.com/api/v10"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
GIGABYTE, MIB = 1e9, 2**20
LITTLE_SPACE = 1 * GIGABYTE
NETWORK_SECONDS = 10
TORCH_SECONDS = 120
"""Time limit for importing torch, which is slow from a cold disk."""


class CheckState(enum.Enum):
    """State of a check; its value is the mark at the start of the line."""

    GOOD = "✓"
    NOTICE = "!"
    BAD = "✗"


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """Result of a check: its subject, its state, and what to do if it failed."""

    verdict: CheckState
    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict.value} {self.subject}: {self.sentence}"


def good(subject: str, sentence: str) -> CheckResult:
    """Return a result that needs no action."""
    return CheckResult(CheckState.GOOD, subject, sentence)


def notice(subject: str, sentence: str) -> CheckResult:
    """Return a warning: the bot can run with it."""
    return CheckResult(CheckState.NOTICE, subject, sentence)


def bad(subject: str, sentence: str) -> CheckResult:
    """Return an error with which the bot cannot run."""
    return CheckResult(CheckState.BAD, subject, sentence)


def report(findings: Iterator[CheckResult], say: Callable[[str], object] = print) -> int:
    """Print each result as soon as it is known; return the exit status, 1 if one is an error."""
    verdicts = []
    for finding in findings:
        say(str(finding))
        verdicts.append(finding.verdict)
    return int(CheckState.BAD in verdicts)


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
    yield look_at_model(settings.model, settings.prediction)
    if settings.safety_checker is not None:
        yield look_at_checker(settings.safety_checker)
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
        return notice("packages", "Konomi is not installed in this Python; make run installs it.")
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
            "not set. The playground does without; to run on Discord, put "
            "KONOMI_DISCORD_TOKEN=… into .env.",
        )
    try:
        application = application_id(token)
    except TokenMisshapen as error:
        return bad(
            "token",
            f"KONOMI_DISCORD_TOKEN is no bot's token: {error}. "
            "Copy it in the Developer Portal under Bot, Reset Token.",
        )
    return good("token", f"has the right shape, for application {application}.")


def look_at_intents() -> CheckResult:
    """Report the intents; there is nothing to switch on, and hosts look for it."""
    return good(
        "intents",
        "servers, messages and reactions; none of them is privileged, so there is nothing to "
        "switch on in the Developer Portal.",
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
            cure = "Make a new one in the Developer Portal under Bot, Reset Token."
            return bad("login", f"Discord does not know this token. {cure}")
        return notice("login", f"not checked: Discord answered {error.code}; try again later.")
    except (OSError, ValueError):
        return notice("login", "not checked: no connection to Discord.")
    return good("login", f"Discord knows this token; the application is {application['name']!r}.")


def look_at_data_folder(folder: Path) -> CheckResult:
    """Check that the database and the pictures can be written to the data folder."""
    if folder.exists() and not folder.is_dir():
        return bad("data folder", f"{folder} is a file. Set KONOMI_DATA_DIR to a folder.")
    existing = _nearest_existing(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        cure = "Change its owner, or set KONOMI_DATA_DIR to a folder of yours."
        return bad("data folder", f"{existing} cannot be written to ({error.strerror}). {cure}")
    if existing != folder:
        return good("data folder", f"{folder} is not there yet; the first start makes it.")
    return good("data folder", f"{folder.resolve()} can be written to.")


def look_at_privacy(folder: Path, env_file: Path = ENV_FILE) -> Iterator[CheckResult]:
    """Name what other users of the machine can read of the token and of members' data."""
    database = folder / DATABASE_NAME
    # Within a closed folder nobody else gets to what is in it.
    looked_at = {env_file: "600", folder: "700"} | ({database: "600"} if database.exists() else {})
    for path, mode in looked_at.items():
        if open_to_others(path):
            command = f"chmod {mode} {shlex.quote(str(path))}"
            yield notice(
                "privacy", f"other users of this machine can get at {path}. Run: {command}"
            )


def look_at_database(folder: Path) -> CheckResult:
    """Check the database's integrity, unless a running bot has it open."""
    inspection = inspect(folder)
    verdict = {
        DatabaseState.ABSENT: CheckState.GOOD,
        DatabaseState.SOUND: CheckState.GOOD,
        DatabaseState.IN_USE: CheckState.NOTICE,
        DatabaseState.DAMAGED: CheckState.BAD,
        DatabaseState.TOO_NEW: CheckState.BAD,
        DatabaseState.UNUSABLE: CheckState.BAD,
    }[inspection.condition]
    return CheckResult(verdict, "database", inspection.sentence)


def look_at_disk(folder: Path, limit_gb: float) -> CheckResult:
    """Check that the disk has room for the pictures up to their limit."""
    free = shutil.disk_usage(_nearest_existing(folder)).free
    taken = bytes_taken(folder)
    sentence = f"{free / GIGABYTE:.1f} GB free, {taken / GIGABYTE:.1f} GB taken by pictures"
    if free < LITTLE_SPACE:
        return bad("disk", f"{sentence}. That is too little to keep pictures: make room.")
    if limit_gb and taken + free < limit_gb * GIGABYTE:
        cure = "lower KONOMI_DISK_LIMIT_GB or make room"
        return notice("disk", f"{sentence}, but {limit_gb:g} GB are allowed: {cure}.")
    return good("disk", f"{sentence}, {f'{limit_gb:g} GB' if limit_gb else 'any amount'} allowed.")


def look_at_periodic_tasks(folder: Path) -> Iterator[CheckResult]:
    """Check that the running bot's periodic tasks succeed; says nothing if no bot runs."""
    seconds = seconds_since_beat(folder)
    if seconds is None or seconds > STUCK_AFTER_SECONDS:
        return
    now = time.time()
    for name, record in read_records(folder).items():
        if record.late(now):
            yield notice(
                name,
                f"{_last_done(record, now)}, so it is overdue. The bot's log may say why; "
                "restart the bot.",
            )
        elif record.failures:
            times = "once" if record.failures == 1 else f"{record.failures} times in a row"
            yield notice(
                name,
                f"failed {times}, the last time with “{record.error}”; {_last_done(record, now)}. "
                "The bot keeps trying; its log says more.",
            )


def _last_done(record: TaskRecord, now: float) -> str:
    if not record.succeeded:
        return "never succeeded since the bot started"
    return f"last succeeded {max(0.0, now - record.succeeded) / 60:.0f} minutes ago"


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
    licence = f"licence {known.licence}" if known else "see where it came from for its licence"
    size = integrity.size(path, *elsewhere.values()) / GIGABYTE
    predicted = prediction_of(name, path, Prediction(prediction))
    predicts = f"predicts {WORDS[predicted]}"
    if path.is_file():
        original = identify(path)[1].settings_of(predicted)
        if locate_settings(original) is None:
            return notice(
                "model",
                f"{name} {predicts}, and its tokenizer is not on this machine yet: "
                "the first start downloads it, if there is a network; or run: "
                f"python -m generation fetch {original}",
            )
    return good("model", f"{name}, {size:.2f} GB of weights, {predicts}, {licence}.")


def look_at_checker(name: str) -> CheckResult:
    """Check that the files of the host's safety checker are on this machine and complete."""
    try:
        files = locate_checker(name)
    except entries.ModelUnavailable as error:
        return bad("safety checker", str(error))
    faults = [f for file in files.network.glob("*.safetensors") for f in integrity.faults(file)]
    if faults:
        return bad("safety checker", " ".join(faults))
    return good("safety checker", f"{name}, for models that bring none.")


def devices() -> dict[str, Any] | str:
    """Return the devices that a child process with torch finds; a string says why it found none."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "generation.models.devices"],
            capture_output=True,
            text=True,
            timeout=TORCH_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"torch did not load within {TORCH_SECONDS} seconds"
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        return f"torch does not work ({lines[-1] if lines else error})"
    seen: dict[str, Any] = json.loads(child.stdout)
    return seen


def look_at_device(device: str, seen: dict[str, Any] | str) -> CheckResult:
    """Check that the configured device is among the devices `seen`."""
    if isinstance(seen, str):
        return bad("device", f"{seen}. See the README on installing torch.")
    cuda = seen["cuda"]
    index = int(device.partition(":")[2] or 0)
    if device.startswith("cuda") and index >= len(cuda):
        built = "" if seen["built_for_cuda"] else " This torch was built without CUDA."
        cure = "Set KONOMI_DEVICE=auto, or see the README on installing torch."
        return bad("device", f"there is no {device} here.{built} {cure}")
    if device == "mps" and not seen["mps"]:
        return bad("device", "there is no mps here. Set KONOMI_DEVICE=auto.")
    if cuda and device not in ("cpu", "mps"):
        gpu = cuda[index]
        memory = f"{gpu['free'] / GIGABYTE:.1f} of {gpu['total'] / GIGABYTE:.1f} GB free"
        computes = f"computes in {gpu['precision']}"
        return good("device", f"{gpu['name']}, {memory}, {computes}, torch {seen['torch']}.")
    if device == "mps":
        return good("device", f"Apple's GPU, torch {seen['torch']}.")
    cpu = f"CPU with {seen['threads']} threads, {_memory()}torch {seen['torch']}."
    if device == "auto" and shutil.which("nvidia-smi"):
        cure = "See the README on installing torch for a GPU."
        return notice("device", f"{cpu} There is NVIDIA's driver, but torch sees no GPU. {cure}")
    return good("device", cpu)


def look_at_options(settings: Settings, seen: dict[str, Any] | str) -> Iterator[CheckResult]:
    """Check for options that the device does not support, or that have no benefit on it."""
    if isinstance(seen, str):
        return
    cuda = seen["cuda"] if settings.device not in ("cpu", "mps") else []
    index = int(settings.device.partition(":")[2] or 0)
    gpu = cuda[index] if index < len(cuda) else None
    total = gpu["total"] if gpu else _physical_memory()
    limit = settings.memory_limit_mb
    if limit is not None and total is not None and limit * MIB > total:
        yield notice(
            "memory limit",
            f"{limit} MiB are allowed, but there are {total // MIB}. "
            "Lower KONOMI_MEMORY_LIMIT_MB, or leave it empty.",
        )
    if gpu is None and settings.offload == "on":
        yield notice(
            "offload",
            "on a CPU it costs time and gains nothing. Leave KONOMI_OFFLOAD at auto.",
        )
    if gpu is None and settings.precision in ("float16", "bfloat16"):
        yield notice(
            "precision",
            f"most CPUs are slower in {settings.precision}. Leave KONOMI_PRECISION at auto.",
        )
    if settings.compile and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        yield bad(
            "compile",
            "there is no C++ compiler. Install one (Debian, Ubuntu: apt install g++), or set "
            "KONOMI_COMPILE=false.",
        )


def look_for_life(folder: Path) -> CheckResult:
    """Check that the bot of this folder runs and is not stuck; for a container's health check."""
    seconds = seconds_since_beat(folder)
    if seconds is None:
        return bad("heartbeat", f"no bot has run in {folder} yet.")
    if seconds > STUCK_AFTER_SECONDS:
        return bad("heartbeat", f"the last was {seconds:.0f} seconds ago: it is down or stuck.")
    return good("heartbeat", f"the last was {seconds:.0f} seconds ago.")


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.resolve().parents) if path.is_dir())


def _memory() -> str:
    """Return the machine's memory in words, if the system reports it."""
    total = _physical_memory()
    return "" if total is None else f"{total / GIGABYTE:.1f} GB of memory, "


def _physical_memory() -> int | None:
    """Return the machine's memory in bytes, if the system reports it."""
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
