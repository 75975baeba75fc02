"""Rounds that begin from a picture: whose file it is, and how long it stays."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.backup import backup
from storage.database import load_migrations
from storage.errors import Missing
from storage.files import Files
from storage.records import Holding, NewSource, Round
from storage.restore import restore
from storage.store import Store, open_store
from tests.storage.painting import (
    ANN,
    BEN,
    DAY,
    SERVER,
    Clock,
    begin_board,
    begin_job,
    paint,
)

UPLOAD, MASK = b"an upload ".ljust(500), b"a mask ".ljust(300)


@pytest.fixture
def upload(tmp_path: Path) -> NewSource:
    (tmp_path / "upload").write_bytes(UPLOAD)
    (tmp_path / "mask").write_bytes(MASK)
    return NewSource(path=tmp_path / "upload", mask=tmp_path / "mask")


def held(store: Store, round_: Round) -> list[bytes]:
    """Return the contents of the files that a round starts from."""
    digests = [digest for digest in (round_.source_digest, round_.mask_digest) if digest]
    return [store.files.path(digest).read_bytes() for digest in digests]


def there(store: Store) -> int:
    return len(list(store.files.root.glob("??/*")))


async def test_an_upload_becomes_the_rounds_own(store: Store, upload: NewSource) -> None:
    painting, _ = await begin_job(store, await begin_board(store), source=upload)
    assert upload.path is not None
    upload.path.unlink()

    known = await store.rounds.get(painting.id)
    assert known == painting
    assert held(store, painting) == [UPLOAD, MASK]
    assert painting.source_image_id is None


async def test_it_outlives_a_restart_and_the_collection_of_leftovers(
    data_dir: Path, clock: Clock, upload: NewSource
) -> None:
    async with open_store(data_dir, clock=clock) as store:
        painting, _ = await begin_job(store, await begin_board(store), source=upload)
    clock.now += 1000 * DAY
    async with open_store(data_dir, clock=clock) as store:
        assert held(store, painting) == [UPLOAD, MASK]


async def test_files_go_with_the_last_round_that_begins_from_them(
    store: Store, upload: NewSource
) -> None:
    board = await begin_board(store)
    first, _ = await begin_job(store, board, source=upload)
    second, _ = await begin_job(store, board, source=NewSource(round_id=first.id))
    assert (second.source_digest, second.mask_digest) == (first.source_digest, first.mask_digest)

    await store.rounds.delete(first.id)
    assert held(store, second) == [UPLOAD, MASK]
    await store.rounds.delete(second.id)
    assert there(store) == 0


async def test_pictures_remember_the_one_that_they_were_made_from(store: Store) -> None:
    board = await begin_board(store)
    _, (parent, *_) = await paint(store, board)
    made, children = await paint(store, board, source=NewSource(image_id=parent.id))
    assert (made.source_digest, made.source_image_id) == (parent.digest, parent.id)
    assert {child.parent_id for child in children} == {parent.id}

    _, grandchildren = await paint(store, board, source=NewSource(round_id=made.id))
    assert {child.parent_id for child in grandchildren} == {parent.id}


async def test_deleting_the_parent_breaks_no_round_that_was_made_from_it(store: Store) -> None:
    board = await begin_board(store)
    first, (parent, *_) = await paint(store, board)
    made, job = await begin_job(store, board, source=NewSource(image_id=parent.id))
    attempt = await store.jobs.begin(job.id)

    await store.rounds.delete(first.id)

    left = await store.rounds.get(made.id)
    assert left is not None
    assert (left.source_digest, left.source_image_id) == (parent.digest, None)
    assert held(store, left) == [f"{first.id}/0 ".encode().ljust(16, b".")]
    assert await store.jobs.finish(job.id, attempt, []) == []
    _, children = await paint(store, board, source=NewSource(round_id=made.id))
    assert {child.parent_id for child in children} == {None}


async def test_what_was_deleted_cannot_be_begun_from(store: Store, upload: NewSource) -> None:
    board = await begin_board(store)
    first, (parent, *_) = await paint(store, board)
    plain, _ = await begin_job(store, board)
    await store.rounds.delete(first.id)

    for gone in (
        NewSource(image_id=parent.id),
        NewSource(round_id=first.id),
        NewSource(round_id=plain.id),
    ):
        with pytest.raises(Missing, match="to begin from has been deleted"):
            await begin_job(store, board, source=gone)
    with pytest.raises(Missing):
        await store.rounds.create(board_id=999, parameters={}, source=upload)
    assert there(store) == 0


async def test_a_backup_holds_it_and_brings_it_back(
    data_dir: Path, tmp_path: Path, upload: NewSource
) -> None:
    async with open_store(data_dir) as store:
        painting, _ = await begin_job(store, await begin_board(store), source=upload)

    saved = backup(data_dir, tmp_path / "konomi.tar")
    restored = restore(saved.path, tmp_path / "elsewhere")

    assert (saved.files, restored.files) == (2, 2)
    async with open_store(tmp_path / "elsewhere") as store:
        assert held(store, painting) == [UPLOAD, MASK]


def of_the_first_version(data_dir: Path) -> str:
    """A data folder as the first version left it, with one picture; returns its digest."""
    files = Files(data_dir)
    data_dir.mkdir()
    files.prepare()
    (data_dir / "old.png").write_bytes(b"an old picture")
    digest = files.settle(data_dir / "old.png")
    files.adopt(data_dir / "old.png", digest)
    (data_dir / "old.png").unlink()
    number, script = load_migrations()[0]
    with closing(sqlite3.connect(data_dir / "konomi.db")) as connection:
        connection.executescript(f"{script}\nPRAGMA user_version = {number};")
        connection.execute("INSERT INTO boards VALUES (1, 7, 70, 1, 0, 0, 1, NULL, 0)")
        connection.execute("INSERT INTO rounds VALUES (1, 1, 1, NULL, '{}', NULL, 0)")
        connection.execute(
            "INSERT INTO images VALUES (1, 1, 0, ?, 5, 96, 96, '{}', NULL, 0)", [digest]
        )
        connection.commit()
    return digest


async def test_a_folder_of_the_first_version_is_saved_and_brought_back_with_its_files(
    tmp_path: Path,
) -> None:
    digest = of_the_first_version(tmp_path / "old")

    saved = backup(tmp_path / "old", tmp_path / "old.tar")
    with tarfile.open(saved.path) as archive:
        assert f"files/{digest}" in archive.getnames()
    assert restore(saved.path, tmp_path / "new").files == 1

    async with open_store(tmp_path / "new") as store:
        painting = await store.rounds.get(1)
        assert painting is not None
        assert painting.source_digest is None
        assert store.files.path(digest).read_bytes() == b"an old picture"


class TestWhenThereIsNoMoreRoom:
    async def test_uploads_go_with_their_rounds_and_count(
        self, store: Store, clock: Clock, upload: NewSource
    ) -> None:
        board = await begin_board(store)
        await paint(store, board, count=2, bytes_each=100, source=upload)
        clock.now += DAY

        pruned = await store.prune(disk_limit_bytes=1)

        assert (pruned.pictures, pruned.bytes) == (2, 200 + len(UPLOAD) + len(MASK))
        assert there(store) == 0

    async def test_what_failed_rounds_were_to_begin_from_goes_first(
        self, store: Store, clock: Clock, upload: NewSource
    ) -> None:
        board = await begin_board(store)
        _, pictures = await paint(store, board, count=2, bytes_each=100)
        failed, job = await begin_job(store, board, source=upload)
        await store.jobs.fail(job.id, "invalid", "no picture")
        clock.now += DAY

        assert (await store.prune(disk_limit_bytes=300)).pictures == 2, "not delivered yet"
        await store.jobs.delivered(job.id)
        _, pictures = await paint(store, board, count=2, bytes_each=100)
        clock.now += DAY
        pruned = await store.prune(disk_limit_bytes=300)

        assert (pruned.pictures, pruned.bytes) == (0, len(UPLOAD) + len(MASK))
        assert await store.rounds.get(failed.id) is None
        assert await store.jobs.get(job.id) is not None, "it counts on the member's limit"
        assert await store.images.get(pictures[0].id) is not None

    async def test_a_picture_stays_while_a_round_begins_from_its_file(
        self, store: Store, clock: Clock
    ) -> None:
        board = await begin_board(store)
        _, (parent,) = await paint(store, board, count=1, bytes_each=100)
        clock.now += DAY
        _, (other,) = await paint(store, board, count=1, bytes_each=100)
        clock.now += DAY
        _, (child,) = await paint(
            store, board, count=1, bytes_each=100, source=NewSource(image_id=parent.id)
        )
        clock.now += DAY

        await store.prune(disk_limit_bytes=250)
        left = [await store.images.get(image.id) for image in (parent, other, child)]
        assert [image is not None for image in left] == [True, False, True]

        await store.ratings.press(SERVER, child.id, ANN, 1)
        await store.prune(disk_limit_bytes=1)
        assert there(store) == 0


async def test_who_holds_a_file_is_known_within_a_server(store: Store, upload: NewSource) -> None:
    anns, bens = await begin_board(store), await begin_board(store, owner=BEN)
    painted, images = await paint(store, anns, count=1)
    painting, _ = await begin_job(store, bens, source=upload)
    following, _ = await begin_job(store, bens, source=NewSource(image_id=images[0].id))
    places = await store.rounds.places([painted.id, painting.id, following.id])
    digest = images[0].digest
    assert digest
    assert painting.source_digest
    assert painting.mask_digest
    here: dict[str, Any] = {"place": places[painting.id], "image_id": None}

    assert await store.boards.holding(SERVER, [digest, "0" * 64]) == [
        Holding(digest=digest, image_id=images[0].id, place=places[painted.id]),
        Holding(digest=digest, image_id=None, place=places[following.id]),
    ]
    for each in (painting.source_digest, painting.mask_digest):
        assert await store.boards.holding(SERVER, [each]) == [Holding(digest=each, **here)]
    assert await store.boards.holding(SERVER + 1, [digest]) == []

    await store.rounds.delete(painting.id)
    assert await store.boards.holding(SERVER, [painting.source_digest]) == []
