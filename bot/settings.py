"""The host's settings, read once from the environment and `.env`; nothing else reads either."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "KONOMI_"
ENV_FILE = Path(".env")
_SECRET = re.compile(
    r"(?:^|_)(?:TOKEN|SECRETS?|PASSWORD|PASSWD|CREDENTIALS?|API_?KEY|ACCESS_KEY|PRIVATE_KEY)(?:_|$)",
    re.IGNORECASE,
)
"""Names of variables that other programs keep secrets in."""


class SettingsError(Exception):
    """The settings cannot be used; each of `sentences` names one fault and what to do about it."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def _split_at_commas(value: object) -> object:
    """Turn `1, 2` as written in the environment into its parts; leave anything else alone."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _upper_case(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower_case(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _expand_home(value: object) -> object:
    return Path(value).expanduser() if isinstance(value, (str, Path)) else value


# Discord's ids are unsigned 64-bit numbers.
DiscordId = Annotated[int, Field(gt=0, lt=2**64)]
DiscordIds = Annotated[tuple[DiscordId, ...], NoDecode, BeforeValidator(_split_at_commas)]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(_upper_case, json_schema_input_type=str),
]
Filters = Annotated[
    Literal["off", "spoiler", "withhold"],
    BeforeValidator(_lower_case, json_schema_input_type=str),
]
Precision = Annotated[
    Literal["auto", "float32", "float16", "bfloat16"],
    BeforeValidator(_lower_case, json_schema_input_type=str),
]
Predicts = Annotated[
    Literal["auto", "epsilon", "v_prediction", "v_prediction_zero_snr"],
    BeforeValidator(_lower_case, json_schema_input_type=str),
]
Revoked = Annotated[
    Literal["retrain", "delete"],
    BeforeValidator(_lower_case, json_schema_input_type=str),
]
Switch = Annotated[
    Literal["auto", "on", "off"], BeforeValidator(_lower_case, json_schema_input_type=str)
]
Device = Annotated[str, StringConstraints(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")]


class Settings(BaseSettings):
    """The host's settings; the README's table lists each field's description.

    Read them with `read_settings`, which adds the file `.env` and turns errors into sentences.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        dotenv_filtering="match_prefix",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord_token: SecretStr | None = Field(
        default=None,
        description="The bot's token from the Developer Portal. Needed to run on Discord, not "
        "for the playground.",
    )
    data_dir: Annotated[Path, BeforeValidator(_expand_home)] = Field(
        default=Path("data"), description="Folder for the database and the pictures."
    )
    model: str = Field(
        default="shapes",
        min_length=1,
        description="The model that paints: a catalogue name, a hub id such as `owner/name`, "
        "a diffusers folder, or a `.safetensors` file.",
    )
    device: Device = Field(
        default="auto", description="Device to paint on: `auto`, `cpu`, `mps`, `cuda` or `cuda:1`."
    )
    threads: int | None = Field(
        default=None, ge=1, le=1024, description="CPU threads for painting. Empty: one per core."
    )
    editor: str | None = Field(
        default=None,
        min_length=1,
        description="Model whose UNet edits by words: a folder, or the catalogue name or hub id "
        "of a downloaded one; `off` for none. Empty: the one that goes with the "
        "model, if it is on this machine.",
    )
    precision: Precision = Field(
        default="auto",
        description="Precision of the computation: `float32`, `float16`, `bfloat16`, or `auto` "
        "(`bfloat16` on GPUs that support it, `float16` on older ones, `float32` on "
        "a CPU).",
    )
    prediction: Predicts = Field(
        default="auto",
        description="What the model predicts. `auto` trusts its files; if they are wrong or do "
        "not say, use `epsilon`, `v_prediction` or `v_prediction_zero_snr` (zero "
        "terminal SNR).",
    )
    compile: bool = Field(
        default=False,
        description="Compile the model when it is loaded. The start takes minutes longer, then "
        "steps are faster, except those that read liked pictures.",
    )
    vae_slicing: Switch = Field(
        default="auto",
        description="Decode pictures one by one instead of together: `auto` (if together they "
        "would take too much memory), `on` or `off`.",
    )
    vae_tiling: Switch = Field(
        default="auto", description="Decode each picture in tiles: `auto`, `on` or `off`."
    )
    offload: Switch = Field(
        default="auto",
        description="Keep only the UNet in the GPU's memory and load other parts when they are "
        "needed: `auto` (if the model takes more than half of the memory), `on` or `off`.",
    )
    memory_limit_mb: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="MiB of the device's memory that painting may use; requests that cannot fit "
        "are refused at once. Empty: all free memory on a GPU, no limit on a CPU.",
    )
    safety_checker: str | None = Field(
        default=None,
        min_length=1,
        description="Safety checker in place of the model's own: `bundled`, which comes with "
        "Konomi, or a folder, or the catalogue name or hub id of a downloaded one, such as `sd15`. "
        "Empty: the model's own; for models of the catalogue without one, `bundled`.",
    )
    safety_threshold: float | None = Field(
        default=None,
        ge=0.01,
        le=0.99,
        allow_inf_nan=False,
        description="Score, from 0 to 1, at which `bundled` and image classifiers report adult "
        "content: a lower one finds more, but is wrong more often. Empty: 0.2 for `bundled`, 0.5 "
        "for others.",
    )
    captioner: str | None = Field(
        default=None,
        min_length=1,
        description="Caption model (BLIP or GIT) that proposes captions for training pictures: a "
        "folder, or the hub id of a downloaded one, such as `microsoft/git-base-coco`. Empty: "
        "none; captions are templates, or written by members.",
    )
    mildest_filter: Filters = Field(
        default="off",
        description="The mildest content filter that servers may choose for their age-restricted "
        "channels: `off`, `spoiler` or `withhold`.",
    )
    owner_ids: DiscordIds = Field(
        default=(),
        description="Ids of the members whose machine this is, separated by commas. Empty: the "
        "owner of the Discord application.",
    )
    allowed_servers: DiscordIds = Field(
        default=(),
        description="Ids of the servers where the bot paints, separated by commas. Empty: every "
        "server it is in.",
    )
    waiting_per_member: int = Field(
        default=3, ge=1, le=100, description="Number of requests that a member can have waiting."
    )
    waiting: int = Field(
        default=100, ge=1, le=10_000, description="Number of requests that can wait in total."
    )
    pictures_per_day: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Number of pictures that a member can ask for in 24 hours. 0: no limit.",
    )
    pictures_together: int = Field(
        default=8,
        ge=1,
        le=64,
        description="Number of pictures painted at once. More is faster on a large GPU, but "
        "needs more memory.",
    )
    disk_limit_gb: float = Field(
        default=20,
        ge=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="Gigabytes that pictures can take up. Beyond that, the oldest unrated ones "
        "are removed first. 0: no limit.",
    )
    retention_days: int = Field(
        default=90,
        ge=0,
        le=36_500,
        description="Days after which unrated pictures are removed. 0: never.",
    )
    revoked_styles: Revoked = Field(
        default="retrain",
        description="What happens to a style when one of several contributors takes their consent "
        "back: `retrain` without their pictures, or `delete`.",
    )
    previews: bool = Field(
        default=True, description="Show a small preview while a picture is being painted."
    )
    progress_seconds: float = Field(
        default=2.0,
        ge=0.1,
        le=60,
        allow_inf_nan=False,
        description="Seconds between updates of a progress message. Discord slows down bots "
        "that go below 2.",
    )
    log_level: LogLevel = Field(
        default="INFO", description="Log level: `DEBUG`, `INFO`, `WARNING`, `ERROR`."
    )


@dataclasses.dataclass(frozen=True)
class Described:
    """A setting as the README's table shows it: its key, its default as text, its description."""

    key: str
    default: str
    meaning: str


def describe() -> list[Described]:
    """Return every setting in the order of `Settings`, for the README and its test."""
    return [
        Described(
            key=PREFIX + name.upper(),
            default=_as_written(field.get_default()),
            meaning=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def read_settings(env_file: Path | None = ENV_FILE) -> Settings:
    """Read the settings, the environment before `env_file`; raise `SettingsError` on any fault."""
    try:
        unknown = _unknown_keys(env_file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{env_file} cannot be read as text in UTF-8: {error}."]) from None
    if unknown:
        raise SettingsError(unknown)
    try:
        # pydantic-settings takes the file here but hides the parameter from its types.
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError([_sentence(fault) for fault in error.errors()]) from None


def hide_from_children() -> None:
    """Take the settings and all secrets out of the environment, which children would inherit.

    They stay in a file such as `.env`, if that is where they are from.
    """
    for key in list(os.environ):
        if key.upper().startswith(PREFIX) or _SECRET.search(key):
            del os.environ[key]


def _as_written(default: object) -> str:
    """Write a default as it would stand in `.env`; empty if there is none."""
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def _unknown_keys(env_file: Path | None) -> list[str]:
    """Say of each key with our prefix that is no setting which one was probably meant."""
    written = dict.fromkeys(os.environ, "the environment")
    if env_file is not None:
        written |= dict.fromkeys(dotenv_values(env_file), str(env_file))
    names = [(key, key.upper().removeprefix(PREFIX), place) for key, place in written.items()]
    return [
        f"{key} in {place} is not a setting; {_meant(name)}"
        for key, name, place in sorted(names)
        if key.upper().startswith(PREFIX) and name.lower() not in Settings.model_fields
    ]


def _meant(name: str) -> str:
    matches = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1)
    if not matches:
        return "the README lists all there are."
    return f"did you mean {PREFIX}{matches[0].upper()}?"


def _sentence(fault: ErrorDetails) -> str:
    """Put one of pydantic's faults into a sentence that never repeats the value itself."""
    key = PREFIX + str(fault["loc"][0]).upper()
    if len(fault["loc"]) > 1:
        return f"{key} must be ids (whole numbers) separated by commas."
    bounds = fault.get("ctx", {})
    match fault["type"]:
        case "greater_than_equal":
            expected = f"at least {bounds['ge']:.15g}"
        case "less_than_equal":
            expected = f"at most {bounds['le']:.15g}"
        case "int_parsing" | "int_from_float":
            expected = "a whole number"
        case "float_parsing" | "finite_number":
            expected = "a number"
        case "bool_parsing":
            expected = "true or false"
        case "literal_error":
            expected = f"one of {bounds['expected']}"
        case "string_pattern_mismatch":
            expected = "auto, cpu, mps, cuda, or cuda:N with N the number of the GPU"
        case _:
            return f"{key} cannot be used: {fault['msg']}."
    return f"{key} must be {expected}."
