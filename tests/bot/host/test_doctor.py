"""The doctor's report: one line for each check, and what to do about it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shlex
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.client import intents
from bot.host import data_folder_checks, device_checks, doctor
from bot.host.check import CheckResult, CheckState, bad, good, notice, report
from bot.host.heartbeat import heartbeat_file, keep_beating
from bot.settings import Settings, read_settings
from storage.database import DATABASE_NAME
from storage.files import Files

APPLICATION = 1187654321098765432
TOKEN = base64.b64encode(str(APPLICATION).encode()).decode().rstrip("=") + ".GabcdE.x-y_z012345"

CPU: dict[str, Any] = {
    "torch": "2.13.0",
    "built_for_cuda": None,
    "threads": 2,
    "mps": False,
    "cuda": [],
}
GPU = CPU | {
    "built_for_cuda": "13.0",
    "cuda": [
        {
            "name": "NVIDIA H200",
            "free": 100 * 10**9,
            "total": 150 * 10**9,
            "precision": "bfloat16",
        }
    ],
}


class Discord(BaseHTTPRequestHandler):
    """Knows one token, the one above."""

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == f"Bot {TOKEN}"
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"id": str(APPLICATION), "name": "Konomi"}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def discord_api() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Discord) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_line_carries_a_mark_a_subject_and_a_sentence() -> None:
    assert str(bad("token", "is missing.")) == "✗ token: is missing."


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([CheckState.GOOD, CheckState.NOTICE], 0),
        ([CheckState.GOOD, CheckState.BAD, CheckState.GOOD], 1),
    ],
)
def test_only_what_is_bad_fails(verdicts: list[CheckState], status: int) -> None:
    said: list[str] = []
    findings = (CheckResult(verdict, "it", "stands.") for verdict in verdicts)
    assert report(findings, said.append) == status
    assert said == [f"{verdict.value} it: stands." for verdict in verdicts]


def test_a_fresh_clone_has_nothing_bad_but_perhaps_its_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    findings = list(doctor.examine(lambda: settings, quick=True))
    assert {f.subject for f in findings if f.verdict is CheckState.BAD} <= {"model"}
    assert not (tmp_path / "data").exists()


def test_a_typo_in_the_settings_stands_among_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONOMI_WATING", "3")
    *_, last = doctor.examine(lambda: read_settings(None), quick=True)
    assert last.verdict is CheckState.BAD
    assert "did you mean KONOMI_WAITING?" in last.sentence


def test_without_a_token_the_playground_is_named() -> None:
    finding = doctor.look_at_token(None)
    assert finding.verdict is CheckState.NOTICE
    assert "playground" in finding.sentence


def test_a_token_shows_its_application_and_not_itself() -> None:
    finding = doctor.look_at_token(TOKEN)
    assert finding.verdict is CheckState.GOOD
    assert str(APPLICATION) in finding.sentence
    assert TOKEN not in finding.sentence


def test_a_client_secret_is_no_token() -> None:
    finding = doctor.look_at_token("Zr8-a-client-secret-and-no-token")
    assert finding.verdict is CheckState.BAD
    assert "client secret" in finding.sentence
    assert "Zr8" not in finding.sentence


def test_no_intent_is_privileged_as_the_doctor_says() -> None:
    asked = intents()
    assert not any((asked.members, asked.presences, asked.message_content))
    assert (asked.guilds, asked.guild_messages, asked.guild_reactions) == (True, True, True)
    assert "nothing to turn on" in doctor.look_at_intents().sentence


def test_discord_names_the_application_of_a_good_token(discord_api: str) -> None:
    finding = doctor.look_at_login(TOKEN, discord_api)
    assert finding == good("login", "Discord knows this token; the application is 'Konomi'.")


def test_a_token_that_was_reset_is_bad(discord_api: str) -> None:
    finding = doctor.look_at_login(TOKEN + "old", discord_api)
    assert finding.verdict is CheckState.BAD
    assert "Reset Token" in finding.sentence


def test_without_a_connection_the_token_is_not_checked() -> None:
    finding = doctor.look_at_login(TOKEN, "http://127.0.0.1:9")
    assert finding == notice("login", "not checked: no connection to Discord.")


def test_a_writable_folder_is_good(tmp_path: Path) -> None:
    assert data_folder_checks.look_at_data_folder(tmp_path).verdict is CheckState.GOOD
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_bad(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    finding = data_folder_checks.look_at_data_folder(tmp_path / "data")
    assert finding.verdict is CheckState.BAD
    assert "KONOMI_DATA_DIR" in finding.sentence


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_someone_else_is_bad(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert data_folder_checks.look_at_data_folder(tmp_path / "data").verdict is CheckState.BAD


def test_a_file_in_the_place_of_the_database_is_bad(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"not a database at all" * 100)
    finding = data_folder_checks.look_at_database(tmp_path)
    assert finding.verdict is CheckState.BAD
    assert "restore" in finding.sentence


def test_what_others_can_read_is_named_with_what_closes_it(tmp_path: Path) -> None:
    folder, env_file = tmp_path / "the data", tmp_path / ".env"
    assert list(data_folder_checks.look_at_privacy(folder, env_file)) == []
    folder.mkdir(mode=0o700)
    for path in (folder / "konomi.db", env_file):
        path.touch(mode=0o600)
    assert list(data_folder_checks.look_at_privacy(folder, env_file)) == []

    folder.chmod(0o755)
    for path in (folder / "konomi.db", env_file):
        path.chmod(0o644)
    found = list(data_folder_checks.look_at_privacy(folder, env_file))
    assert [each.verdict for each in found] == [CheckState.NOTICE] * 3
    for each in found:
        command = shlex.split(each.sentence.partition("Run: ")[2])
        subprocess.run(command, check=True)
    assert list(data_folder_checks.look_at_privacy(folder, env_file)) == []


def test_no_database_is_no_fault(tmp_path: Path) -> None:
    assert data_folder_checks.look_at_database(tmp_path).verdict is CheckState.GOOD


def test_the_disk_line_counts_what_is_there(tmp_path: Path) -> None:
    picture = Files(tmp_path).path("0" * 64)
    picture.parent.mkdir(parents=True)
    picture.touch()
    os.truncate(picture, 200_000_000)
    assert "0.2 GB taken" in data_folder_checks.look_at_disk(tmp_path, 0).sentence


def test_more_allowed_than_the_disk_holds_is_worth_a_notice(tmp_path: Path) -> None:
    finding = data_folder_checks.look_at_disk(tmp_path, 1_000_000)
    assert finding.verdict in (CheckState.NOTICE, CheckState.BAD)
    assert "free up space" in finding.sentence


def test_a_model_that_nobody_knows_is_bad() -> None:
    finding = doctor.look_at_model("mona-lisa")
    assert finding.verdict is CheckState.BAD
    assert "shapes" in finding.sentence


def test_a_model_cut_short_is_bad(tmp_path: Path) -> None:
    file = tmp_path / "half.safetensors"
    file.write_bytes(b"\x10\0\0\0\0\0\0\0{")
    assert doctor.look_at_model(str(file)).verdict is CheckState.BAD


@pytest.mark.parametrize(
    ("wish", "seen", "verdict", "told"),
    [
        ("auto", GPU, CheckState.GOOD, "NVIDIA H200, 100.0 of 150.0 GB free"),
        ("cuda:0", GPU, CheckState.GOOD, "NVIDIA H200"),
        ("cuda:1", GPU, CheckState.BAD, "no cuda:1 here. Set"),
        ("cpu", GPU, CheckState.GOOD, "CPU with 2 threads"),
        ("cpu", CPU, CheckState.GOOD, "CPU with 2 threads"),
        ("cuda", CPU, CheckState.BAD, "built without CUDA"),
        ("mps", CPU, CheckState.BAD, "no mps"),
        ("mps", CPU | {"mps": True}, CheckState.GOOD, "Apple"),
        ("auto", "torch does not work (OSError)", CheckState.BAD, "README"),
    ],
)
def test_the_device_is_the_one_that_was_asked_for(
    wish: str, seen: dict[str, Any] | str, verdict: CheckState, told: str
) -> None:
    finding = device_checks.look_at_device(wish, seen)
    assert finding.verdict is verdict
    assert told in finding.sentence


@pytest.mark.parametrize(
    ("options", "seen", "told"),
    [
        ({"memory_limit_mb": 16_000}, GPU, None),
        ({"memory_limit_mb": 160_000}, GPU, "160000 MiB are allowed, but there are only 143051."),
        ({"offload": "on"}, GPU, None),
        ({"offload": "on"}, CPU, "Leave KONOMI_OFFLOAD at auto"),
        ({"offload": "on", "device": "cpu"}, GPU, "Leave KONOMI_OFFLOAD at auto"),
        ({"precision": "bfloat16"}, GPU, None),
        ({"precision": "bfloat16"}, CPU, "Leave KONOMI_PRECISION at auto"),
        ({"compile": True}, CPU, "apt install g++"),
    ],
)
def test_options_that_do_no_good_are_named(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], seen: dict[str, Any], told: str | None
) -> None:
    monkeypatch.setenv("PATH", "")
    found = " ".join(map(str, device_checks.look_at_options(Settings(**options), seen)))
    assert (told or "") in found
    assert bool(found) == bool(told)


def test_torch_is_asked_in_a_process_of_its_own() -> None:
    seen = device_checks.devices()
    assert isinstance(seen, dict)
    assert seen["torch"].startswith("2.")


def test_a_bot_that_never_ran_shows_no_life(tmp_path: Path) -> None:
    assert data_folder_checks.look_for_life(tmp_path).verdict is CheckState.BAD


async def test_a_running_bot_shows_life(tmp_path: Path) -> None:
    beating = asyncio.create_task(keep_beating(tmp_path))
    await asyncio.sleep(0)
    assert data_folder_checks.look_for_life(tmp_path).verdict is CheckState.GOOD
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating


@pytest.mark.usefixtures("expected_faults")
async def test_a_heart_beats_again_when_its_folder_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    beating = asyncio.create_task(keep_beating(folder))
    await asyncio.sleep(0.1)
    assert data_folder_checks.look_for_life(folder).verdict is CheckState.BAD
    folder.mkdir()
    while not heartbeat_file(folder).exists():
        assert not beating.done()
        await asyncio.sleep(0.05)
    assert data_folder_checks.look_for_life(folder).verdict is CheckState.GOOD
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating


def test_a_stuck_bot_is_noticed(tmp_path: Path) -> None:
    heartbeat_file(tmp_path).touch()
    os.utime(heartbeat_file(tmp_path), (1, 1))
    finding = data_folder_checks.look_for_life(tmp_path)
    assert finding.verdict is CheckState.BAD
    assert "stuck" in finding.sentence
