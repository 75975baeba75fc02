"""`python -m bot …` as a host types it: answers on paper, faults in a sentence, never a trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS, main
from storage.store import open_store


@pytest.fixture(autouse=True)
def folder_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    for command in ("run", "demo", "doctor", "invite", "backup", "restore"):
        assert f"\n    {command} " in said


def test_without_a_token_running_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "python -m bot demo" in capsys.readouterr().err


def test_without_a_token_or_a_command_the_commands_are_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    listed = [row.split() for row in capsys.readouterr().err.splitlines()]
    for name, line in COMMANDS.items():
        assert [name, *line.split()] in listed


def test_a_typo_in_env_is_one_sentence(
    folder_without_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder_without_settings / ".env").write_text("KONOMI_MODLE=shapes\n")
    assert main(["run"]) == 2
    assert capsys.readouterr().err == (
        "KONOMI_MODLE in .env is not a setting; did you mean KONOMI_MODEL?\n"
    )


def test_an_env_file_that_is_no_text_is_one_sentence(
    folder_without_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder_without_settings / ".env").write_bytes(b"\xff\xfeK\x00O\x00")
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith(".env cannot be read as text in UTF-8")


def test_the_invitation_needs_only_the_application(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invite", "--application", "42"]) == 0
    assert capsys.readouterr().out.startswith("https://discord.com/oauth2/authorize?client_id=42&")


def test_the_invitation_reads_the_token_and_never_shows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KONOMI_DISCORD_TOKEN", "NDI.x.secret")
    assert main(["invite"]) == 0
    said = capsys.readouterr().out
    assert "client_id=42&" in said
    assert "secret" not in said


def test_a_wrong_token_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KONOMI_DISCORD_TOKEN", "hello")
    assert main(["invite"]) == 2
    assert "three parts" in capsys.readouterr().err


def test_the_doctor_goes_through_everything(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--quick"])
    subjects = [line[2:].partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert subjects == [
        "Python",
        "packages",
        "token",
        "intents",
        "data folder",
        "database",
        "disk",
        "model",
    ]


def test_the_health_check_fails_where_no_bot_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--alive"]) == 1
    assert capsys.readouterr().out.startswith("✗ heartbeat")


def test_the_playground_says_how_to_install_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main(["demo"]) == 2
    assert "make demo" in capsys.readouterr().err


def test_without_data_there_is_nothing_to_save(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup"]) == 2
    assert "nothing to back up" in capsys.readouterr().err


def test_a_backup_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "missing.tar"]) == 2
    assert "missing.tar" in capsys.readouterr().err


async def test_what_was_saved_comes_back(
    folder_without_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_store(Path("data")):
        pass
    assert main(["backup", "saved.tar"]) == 0
    assert main(["restore", "saved.tar"]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["restore", "saved.tar", "--replace"]) == 0
    assert "files were restored" in capsys.readouterr().out


def test_the_help_loads_neither_discord_nor_pydantic() -> None:
    # A child that paints imports this module again, and must stay as light as this.
    code = "import sys, bot.__main__ as m; m.parser(); print(*sys.modules)"
    root = Path(__file__).parents[2]
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert not {"discord", "pydantic", "torch", "aiosqlite"} & set(child.stdout.split())
