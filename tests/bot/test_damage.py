"""A database that is damaged while the bot runs: a sentence for members, and one in the log."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.settings import Settings
from storage.database import DATABASE_NAME
from tests.bot.world import World

PAGE = 4096


def damage(settings: Settings, table: str) -> None:
    """Overwrite the first page of a table."""
    path = settings.data_dir / DATABASE_NAME
    with closing(sqlite3.connect(path)) as shell:
        (root,) = shell.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]
        ).fetchone()
        shell.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(b"\xff" * PAGE)


@pytest.mark.usefixtures("expected_faults")
async def test_members_and_the_host_are_told(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    round_ = await world.painted(world.alice)
    message = await world.message_of(round_)
    image = (await world.store.images.of_round(round_.id))[0]
    damage(settings, "images")

    pressed = await world.bob.click(message, custom_id=f"like:{image.id}")
    await world.bob.react(message, "1️⃣")

    sentence = (
        "My database is damaged. Please tell whoever runs me that the log says how to restore a "
        "backup."
    )
    assert world.words(pressed.response) == sentence
    assert f"{settings.data_dir / DATABASE_NAME} is damaged" in caplog.text
    assert "restore a backup with `python -m bot restore`" in caplog.text
    assert "Traceback" not in caplog.text
