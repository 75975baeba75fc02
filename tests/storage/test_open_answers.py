"""Answers that members were promised: kept until they are given, and no longer than they can be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import load_migrations
from storage.open_answers import LIFETIME_SECONDS
from storage.records import OpenAnswer, WaitsFor
from storage.store import Store, open_store
from tests.storage.painting import Clock


async def promise(store: Store, interaction_id: int) -> None:
    answer = OpenAnswer(
        interaction_id=interaction_id,
        application_id=9,
        token=f"token {interaction_id}",
        locale="ja",
        waits_for=WaitsFor.UPLOAD,
        created_at=0,
    )
    await store.open_answers.promised([answer])


async def ids(store: Store) -> list[int]:
    return [answer.interaction_id for answer in await store.open_answers.open()]


async def test_they_are_found_after_a_restart_until_they_are_given(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await promise(store, 1)
        await promise(store, 2)
        await store.open_answers.given(1)
        await store.open_answers.job_follows(2)
    async with open_store(tmp_path) as store:
        (answer,) = await store.open_answers.open()
    assert (answer.application_id, answer.token, answer.locale) == (9, "token 2", "ja")
    assert answer.waits_for is WaitsFor.JOB
    assert "token 2" not in repr(answer)


async def test_those_past_their_time_are_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    async with open_store(tmp_path, clock=clock) as store:
        await promise(store, 1)
        clock.now += 60
        await promise(store, 2)
        clock.now += LIFETIME_SECONDS - 30
        assert await ids(store) == [2]
        await promise(store, 2)  # the same once more changes nothing but its time
        clock.now += 60
        assert await ids(store) == [2]


async def test_a_database_of_the_version_before_gets_the_table_and_keeps_the_rest(
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(tmp_path / "konomi.db")) as connection:
        for number, script in load_migrations()[:6]:
            connection.executescript(f"{script}\nPRAGMA user_version = {number};")
        connection.execute("INSERT INTO servers (id) VALUES (7)")
        connection.commit()
    async with open_store(tmp_path) as store:
        await promise(store, 1)
        assert await ids(store) == [1]
        assert (await store.servers.get(7)).content_filter == "withhold"
