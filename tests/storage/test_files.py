from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.errors import FileMismatch
from storage.files import Files
from storage.records import NewImage
from storage.store import Store, open_store
from tests.storage.painting import DAY, Clock, begin_board, begin_job, paint, picture


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path)
    files.prepare()
    return files


def stored(store: Store) -> set[str]:
    return {path.name for path in store.files.root.glob("*/*")}


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n"])
def test_only_a_digest_names_a_file(files: Files, digest: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        files.path(digest)


def test_a_file_is_found_by_its_digest(files: Files, tmp_path: Path) -> None:
    source = tmp_path / "0.png"
    source.write_bytes(b"pixels")
    digest = files.settle(source)

    files.adopt(source, digest)
    files.adopt(source, digest)

    assert files.path(digest).read_bytes() == b"pixels"
    assert files.size(digest) == 6
    assert files.used() == 6
    assert [path.name for path in files.path(digest).parent.iterdir()] == [digest]


def test_a_file_that_decayed_is_replaced_by_a_whole_one(files: Files, tmp_path: Path) -> None:
    source = tmp_path / "0.png"
    source.write_bytes(b"pixels")
    digest = files.settle(source)
    files.path(digest).parent.mkdir()
    files.path(digest).write_bytes(b"pix")

    files.adopt(source, digest)

    assert files.path(digest).read_bytes() == b"pixels"


def test_adopting_works_where_links_do_not(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links on this file system")

    source = tmp_path / "0.png"
    source.write_bytes(b"pixels")
    digest = files.settle(source)
    monkeypatch.setattr(os, "link", refuse)

    files.adopt(source, digest)

    assert files.path(digest).read_bytes() == b"pixels"


def test_bytes_that_do_not_match_their_digest_are_refused(files: Files, tmp_path: Path) -> None:
    source = tmp_path / "0.png"
    source.write_bytes(b"pixels")

    with pytest.raises(FileMismatch):
        files.settle(source, "0" * 64)


async def test_a_file_goes_with_its_last_owner(store: Store) -> None:
    board = await begin_board(store)
    rounds = []
    for _ in range(2):
        painting, job = await begin_job(store, board)
        attempt = await store.jobs.begin(job.id)
        folder = store.files.workspace(job.id)
        strip = folder / "steering.png"
        strip.write_bytes(b"a strip that both rounds show")
        same = picture(folder, "0.png", b"the same pixels")
        own = picture(folder, "1.png", f"round {painting.id}".encode())
        await store.jobs.finish(job.id, attempt, [same, own, same], strip)
        rounds.append(painting)
    assert len(stored(store)) == 4

    await store.rounds.delete(rounds[0].id)
    assert len(stored(store)) == 3

    await store.rounds.delete(rounds[1].id)
    assert stored(store) == set()


async def test_a_strip_that_is_also_a_picture_stays_while_either_is_there(store: Store) -> None:
    board = await begin_board(store)
    one, job = await begin_job(store, board)
    folder = store.files.workspace(job.id)
    shown = picture(folder, "0.png", b"both")
    await store.jobs.finish(job.id, await store.jobs.begin(job.id), [shown])
    other, job = await begin_job(store, board)
    folder = store.files.workspace(job.id)
    strip = folder / "steering.png"
    strip.write_bytes(b"both")
    nothing = NewImage(path=None, digest=None, seed=0, width=8, height=8, parameters={})
    await store.jobs.finish(job.id, await store.jobs.begin(job.id), [nothing], strip)

    await store.rounds.delete(one.id)
    assert stored(store) == {shown.digest}
    await store.rounds.delete(other.id)
    assert stored(store) == set()


async def test_a_sheet_goes_with_its_round(store: Store) -> None:
    painting, job = await begin_job(store, await begin_board(store))
    folder = store.files.workspace(job.id)
    sheet = folder / "sheet.png"
    sheet.write_bytes(b"all in one")
    shown = picture(folder, "0.png", b"one")
    await store.jobs.finish(job.id, await store.jobs.begin(job.id), [shown], None, sheet)

    done = await store.rounds.get(painting.id)
    assert done is not None
    assert stored(store) == {shown.digest, done.sheet_digest}
    await store.rounds.delete(painting.id)
    assert stored(store) == set()


async def test_leftovers_older_than_a_day_are_collected_at_the_start(
    data_dir: Path, clock: Clock
) -> None:
    async with open_store(data_dir) as store:
        painting, images = await paint(store, await begin_board(store), strip=True)
        _, job = await begin_job(store, await begin_board(store))
        wanted = stored(store)
        (store.files.workspace(job.id) / "0.png").write_bytes(b"half painted")
        (store.files.workspace(999) / "0.png").write_bytes(b"of a job that is over")
        stray = store.files.path("ab" * 32)
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"nobody's")
        arriving = stray.with_name(stray.name + ".arriving")
        arriving.write_bytes(b"never arrived")

    async with open_store(data_dir) as store:
        assert len(stored(store)) == len(wanted) + 2, "a day's grace"

    clock.now = os.stat(stray).st_ctime + 1.01 * DAY  # noqa: PTH116
    async with open_store(data_dir, clock=clock) as store:
        assert stored(store) == wanted
        assert [folder.name for folder in store.files.work.iterdir()] == [str(job.id)]
        assert await store.images.of_round(painting.id) == images
