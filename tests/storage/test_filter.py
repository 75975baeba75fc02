"""Results of the safety checker and the filters of servers are stored."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import load_migrations, open_database
from storage.records import Server
from storage.store import Store, open_store
from tests.storage.painting import SERVER, begin_board, begin_job, picture, withheld


async def test_a_flagged_picture_stays_flagged(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        painting, job = await begin_job(store, await begin_board(store), count=3)
        folder = store.files.workspace(job.id)
        found = dataclasses.replace(picture(folder, "0.png", b"zero"), flagged=True)
        kept_back = dataclasses.replace(withheld(), flagged=True)
        harmless = picture(folder, "2.png", b"two")
        attempt = await store.jobs.begin(job.id)
        images = await store.jobs.finish(job.id, attempt, [found, kept_back, harmless])
        assert [image.flagged for image in images] == [True, True, False]

    async with open_store(tmp_path) as store:
        again = await store.images.of_round(painting.id)

    assert [image.flagged for image in again] == [True, True, False]
    assert [image.withheld for image in again] == [False, True, False]


async def test_a_flagged_picture_that_is_liked_is_still_known_as_such(store: Store) -> None:
    board = await begin_board(store)
    _, job = await begin_job(store, board, count=1)
    new = picture(store.files.workspace(job.id), "0.png", b"zero")
    attempt = await store.jobs.begin(job.id)
    (image,) = await store.jobs.finish(job.id, attempt, [dataclasses.replace(new, flagged=True)])

    await store.ratings.press(SERVER, image.id, board.owner_id, 1)

    ((liked, value),) = await store.ratings.for_board(board.id)
    assert (liked.flagged, value) == (True, 1)


@pytest.mark.parametrize("mode", ["off", "spoiler", "withhold"])
async def test_a_servers_filter_is_kept(tmp_path: Path, mode: str) -> None:
    async with open_store(tmp_path) as store:
        assert (await store.servers.get(SERVER)).content_filter == "withhold"
        await store.servers.save(Server(id=SERVER, content_filter=mode))

    async with open_store(tmp_path) as store:
        assert (await store.servers.get(SERVER)).content_filter == mode


async def test_a_filter_that_does_not_exist_is_not_kept(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        await store.servers.save(Server(id=SERVER, content_filter="none"))


async def test_what_was_withheld_before_counts_as_flagged(tmp_path: Path) -> None:
    path = tmp_path / "konomi.db"
    scripts = [sql for number, sql in load_migrations() if number == 1]
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"""
            {scripts[0]}
            INSERT INTO servers (id) VALUES (7);
            INSERT INTO boards VALUES (1, 7, 70, 1, 0, 0, 1, NULL, 0);
            INSERT INTO rounds VALUES (1, 1, 1, NULL, '{{}}', NULL, 0);
            INSERT INTO images VALUES (1, 1, 0, 'abc', 5, 96, 96, '{{}}', NULL, 0);
            INSERT INTO images VALUES (2, 1, 1, NULL, 6, 96, 96, '{{}}', NULL, 0);
            PRAGMA user_version = 1;
            """
        )

    async with open_database(path) as database:
        images = await database.rows("SELECT flagged FROM images ORDER BY id")
        server = await database.row("SELECT content_filter FROM servers")

    assert [row["flagged"] for row in images] == [0, 1]
    assert server is not None
    assert server["content_filter"] == "withhold"
