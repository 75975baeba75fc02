"""Consent taken back by a process that is killed: then it is taken back in whole, or not at all."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.files import Files
from storage.store import Store, open_store
from storage.style_records import StyleState
from tests.storage.learning import begun, of_both, picture_of, places_of, put_together, trained
from tests.storage.painting import ANN, BEN

ROOT = Path(__file__).parents[2]
REVOKED = (picture_of(BEN, 0), picture_of(BEN, 1), picture_of(BEN, 7), b"by member 2")
TO_THE_END = 10_000


async def filled(data_dir: Path) -> list[bytes]:
    """A style of two members', one of the second's alone, and a training under way.

    Returns the contents of the files that were made from the second's pictures.
    """
    async with open_store(data_dir) as store:
        both = await trained(store, await of_both(store))
        of_one = await put_together(store, {BEN: [picture_of(BEN, 7)]}, name="alone")
        alone = await trained(store, of_one)
        await begun(store, await of_both(store, "under way"))
        digests = [
            digest
            for style in (both, alone)
            for digest in (style.digest, style.preview_digest)
            if digest is not None
        ]
        return [store.files.path(digest).read_bytes() for digest in digests]


def revoke(data_dir: Path, point: int) -> tuple[int, list[str]]:
    """Revoke the second member's consents in a process that is killed at a point."""
    command = [sys.executable, "-m", "tests.storage.revoking", str(data_dir), str(BEN), str(point)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode, ended.stdout.splitlines()


async def check(data_dir: Path, learned: list[bytes]) -> bool:
    """Return whether it was revoked after a restart; nothing in between is possible."""
    async with open_store(data_dir) as store:
        consents = await store.consents.of_member(BEN)
        revoked = {not consent.stands for consent in consents}
        assert len(revoked) == 1, "all of it, or nothing"
        styles = {style.name: style for style in await store.styles.of_server(7)}
        if revoked == {False}:
            assert all(store.files.path(style.digest).exists() for style in styles.values())
            assert len(await store.jobs.pending()) == 1
            for revocation in await store.revocations.revoke(BEN):
                await store.revocations.clean(revocation)
            styles = {style.name: style for style in await store.styles.of_server(7)}
        assert places_of(data_dir, *REVOKED, *learned) == []
        assert list(styles) == ["rocky"]
        assert (styles["rocky"].state, styles["rocky"].digest) == (StyleState.WITHDRAWN, "")
        await _check_trainings(store, styles["rocky"].id)
        return revoked == {True}


async def _check_trainings(store: Store, style_id: int) -> None:
    trainings = [await store.trainings.of_job(job.id) for job in await store.jobs.pending()]
    assert [each and each.style_id for each in trainings] == [style_id, None]
    for training in trainings:
        assert training is not None
        pictures = await store.datasets.pictures(training.dataset_id)
        assert {picture.member_id for picture in pictures} == {ANN}


async def killed_at(tmp_path: Path, learned: list[bytes], point: int) -> bool:
    """Kill it at a point and look; returns whether it was revoked."""
    copy = tmp_path / f"killed at {point}"
    shutil.copytree(tmp_path / "data", copy)
    try:
        ended, _ = revoke(copy, point)
        assert ended == -signal.SIGKILL
        return await check(copy, learned)
    finally:
        shutil.rmtree(copy)


async def points(tmp_path: Path) -> tuple[list[bytes], list[str]]:
    """Everything that such a process does, which it can be killed before."""
    learned = await filled(tmp_path / "data")
    shutil.copytree(tmp_path / "data", tmp_path / "whole")
    ended, done = revoke(tmp_path / "whole", TO_THE_END)
    assert (ended, done[-1]) == (0, "done")
    assert await check(tmp_path / "whole", learned)
    assert not any(Files(tmp_path / "whole").work.iterdir())
    return learned, done[:-1]


async def test_killed_around_its_commit(tmp_path: Path) -> None:
    learned, done = await points(tmp_path)
    commit = done.index("COMMIT")
    files = next(at for at, what in enumerate(done) if what.startswith("os.remove files"))
    folder = next(at for at, what in enumerate(done) if what.startswith("shutil.rmtree"))

    assert commit < files < folder
    assert not await killed_at(tmp_path, learned, commit)
    assert await killed_at(tmp_path, learned, files)
    assert await killed_at(tmp_path, learned, folder)


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_killed_at_every_point(tmp_path: Path) -> None:
    learned, done = await points(tmp_path)
    commit = done.index("COMMIT")

    for point in range(len(done)):
        assert await killed_at(tmp_path, learned, point) == (point > commit), done[point]
