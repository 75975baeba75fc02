"""Settings from `.env`: defaults, errors as sentences, and the token never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, describe, hide_from_children, read_settings


def faults(env_file: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(env_file)
    return caught.value.sentences


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_nothing_needs_to_be_set(env_file: Path) -> None:
    settings = read_settings(env_file)
    assert settings.discord_token is None
    assert settings.data_dir == Path("data")
    assert settings.model == "shapes"
    assert settings.waiting_per_member == 3


def test_values_come_from_the_file(env_file: Path) -> None:
    env_file.write_text("KONOMI_WAITING=7\nKONOMI_PREVIEWS=no\n# a comment\n")
    settings = read_settings(env_file)
    assert settings.waiting == 7
    assert settings.previews is False


def test_the_environment_wins_over_the_file(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("KONOMI_WAITING=7\n")
    monkeypatch.setenv("KONOMI_WAITING", "8")
    assert read_settings(env_file).waiting == 8


def test_other_programs_may_share_the_file(env_file: Path) -> None:
    env_file.write_text("HF_TOKEN=x\nCOMPOSE_PROFILES=gpu\n")
    assert read_settings(env_file) == Settings()


def test_an_empty_value_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_DISCORD_TOKEN", "")
    monkeypatch.setenv("KONOMI_THREADS", "")
    monkeypatch.setenv("KONOMI_OWNER_IDS", "")
    assert read_settings(None) == Settings()


@pytest.mark.parametrize("written", ["1,2", "1, 2", " 1 ,2,"])
def test_ids_are_written_with_commas_between(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_OWNER_IDS", written)
    assert read_settings(None).owner_ids == (1, 2)


def test_one_id_needs_no_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_ALLOWED_SERVERS", "81384788765712384")
    assert read_settings(None).allowed_servers == (81384788765712384,)


def test_the_log_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_LOG_LEVEL", "debug")
    assert read_settings(None).log_level == "DEBUG"


def test_the_mildest_filter_is_one_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_MILDEST_FILTER", "Spoiler")
    assert read_settings(None).mildest_filter == "spoiler"
    monkeypatch.setenv("KONOMI_MILDEST_FILTER", "none")
    assert faults() == ["KONOMI_MILDEST_FILTER must be one of 'off', 'spoiler' or 'withhold'."]


def test_a_home_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("KONOMI_DATA_DIR", "~/konomi")
    assert read_settings(None).data_dir == Path("/home/someone/konomi")


@pytest.mark.parametrize("device", ["auto", "cpu", "mps", "cuda", "cuda:1"])
def test_devices_are_named_as_the_generator_names_them(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KONOMI_DEVICE", device)
    assert read_settings(None).device == device


def test_a_typo_in_the_environment_names_the_key_that_was_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KONOMI_DISCORD_TOKN", "secret")
    assert faults() == [
        "KONOMI_DISCORD_TOKN in the environment is not a setting; "
        "did you mean KONOMI_DISCORD_TOKEN?"
    ]


def test_a_typo_in_the_file_names_the_file(env_file: Path) -> None:
    env_file.write_text("KONOMI_MODLE=shapes\n")
    assert faults(env_file) == [
        f"KONOMI_MODLE in {env_file} is not a setting; did you mean KONOMI_MODEL?"
    ]


def test_a_key_like_no_other_points_to_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_XYZZY", "1")
    assert faults() == [
        "KONOMI_XYZZY in the environment is not a setting; the README lists all there are."
    ]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("WAITING", "0", "KONOMI_WAITING must be at least 1."),
        ("WAITING", "99999", "KONOMI_WAITING must be at most 10000."),
        ("WAITING", "many", "KONOMI_WAITING must be a whole number."),
        ("DISK_LIMIT_GB", "a lot", "KONOMI_DISK_LIMIT_GB must be a number."),
        ("DISK_LIMIT_GB", "nan", "KONOMI_DISK_LIMIT_GB must be a number."),
        ("PROGRESS_SECONDS", "0", "KONOMI_PROGRESS_SECONDS must be at least 0.1."),
        ("PREVIEWS", "perhaps", "KONOMI_PREVIEWS must be true or false."),
        (
            "OWNER_IDS",
            "1, me",
            "KONOMI_OWNER_IDS must be ids (whole numbers) separated by commas.",
        ),
        (
            "ALLOWED_SERVERS",
            "-1",
            "KONOMI_ALLOWED_SERVERS must be ids (whole numbers) separated by commas.",
        ),
        (
            "DEVICE",
            "gpu",
            "KONOMI_DEVICE must be auto, cpu, mps, cuda, or cuda:N with N the number of the GPU.",
        ),
        (
            "LOG_LEVEL",
            "chatty",
            "KONOMI_LOG_LEVEL must be one of 'DEBUG', 'INFO', 'WARNING' or 'ERROR'.",
        ),
    ],
)
def test_a_value_out_of_range_gets_one_sentence(
    key: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"KONOMI_{key}", value)
    assert faults() == [sentence]


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_WAITING", "0")
    monkeypatch.setenv("KONOMI_PREVIEWS", "perhaps")
    assert len(faults()) == 2


def test_the_token_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_DISCORD_TOKEN", "very.secret.token")
    settings = read_settings(None)
    assert "very.secret.token" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "very.secret.token"


def test_a_value_that_is_wrong_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_WAITING", "very.secret.token")
    assert "secret" not in " ".join(faults())


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().waiting = 5


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.meaning.endswith(".") for setting in describe())
    assert [s.key for s in describe() if s.default == "true"] == ["KONOMI_PREVIEWS"]


def test_children_inherit_neither_settings_nor_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = ("KONOMI_DISCORD_TOKEN", "konomi_model", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY")
    kept = ("PATH", "HF_HOME", "TOKENIZERS_PARALLELISM", "CUDA_VISIBLE_DEVICES", "KEYBOARD")
    monkeypatch.setattr(os, "environ", dict.fromkeys((*secret, *kept), "x"))
    hide_from_children()
    assert list(os.environ) == list(kept)
