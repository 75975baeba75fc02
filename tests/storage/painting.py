"""Shared parts of the storage tests: a clock to turn, and rounds that get painted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from storage.records import Board, Image, Job, NewImage, NewSource, Round, Steer
from storage.store import Store

SERVER = 7
CHANNEL = 70
ANN = 1
BEN = 2
CAT = 3

DAY = 86400.0


class Clock:
    """A clock that stands still until somebody turns it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def begin_board(store: Store, *, owner: int = ANN, group: bool = False) -> Board:
    return await store.boards.create(
        server_id=SERVER, channel_id=CHANNEL, owner_id=owner, group=group
    )


async def begin_job(
    store: Store,
    board: Board,
    *,
    count: int = 4,
    member: int = ANN,
    steers: Sequence[Steer] = (),
    parent: Round | None = None,
    source: NewSource | None = None,
    styles: Sequence[int] = (),
) -> tuple[Round, Job]:
    named = [{"style_id": style_id} for style_id in styles]
    painting = await store.rounds.create(
        board_id=board.id,
        parameters={"prompt": "a red circle", "count": count, "styles": named},
        parent_id=parent and parent.id,
        steers=steers,
        source=source,
    )
    job = await store.jobs.create(
        server_id=SERVER,
        channel_id=CHANNEL,
        member_id=member,
        round_id=painting.id,
        locale="en",
    )
    return painting, job


def picture(folder: Path, name: str, content: bytes, *, parent: Image | None = None) -> NewImage:
    """A picture as the generator leaves it: a file in the job's folder and its digest."""
    path = folder / name
    path.write_bytes(content)
    return NewImage(
        path=str(path),
        digest=hashlib.sha256(content).hexdigest(),
        seed=5,
        width=96,
        height=96,
        parameters={"prompt": "a red circle"},
        parent_id=parent and parent.id,
    )


def withheld() -> NewImage:
    return NewImage(path=None, digest=None, seed=5, width=96, height=96, parameters={})


async def paint(
    store: Store,
    board: Board,
    *,
    count: int = 4,
    message: int | None = None,
    delivered: bool = True,
    parent: Image | None = None,
    bytes_each: int = 16,
    strip: bool = False,
    source: NewSource | None = None,
    styles: Sequence[int] = (),
) -> tuple[Round, list[Image]]:
    """Paint a round with files of their own, and post its parts as `message`, `message` + 1, …"""
    painting, job = await begin_job(store, board, count=count, source=source, styles=styles)
    attempt = await store.jobs.begin(job.id)
    folder = store.files.workspace(job.id)
    pictures = [
        picture(
            folder,
            f"{place}.png",
            f"{painting.id}/{place} ".encode().ljust(bytes_each, b"."),
            parent=parent,
        )
        for place in range(count)
    ]
    steering = None
    if strip:
        steering = folder / "steering.png"
        steering.write_bytes(f"strip {painting.id}".encode())
    images = await store.jobs.finish(job.id, attempt, pictures, steering)
    if message is not None:
        for part in range((count + 3) // 4):
            await store.rounds.posted(painting.id, part, CHANNEL, message + part)
    if delivered:
        await store.jobs.delivered(job.id)
    return painting, images


async def ratings_of_member(store: Store, images: Sequence[Image], member: int) -> dict[int, int]:
    """Position to value of what a member's gestures come to."""
    return {
        image.position: rating.value
        for image in images
        for rating in await store.ratings.of_image(image.id)
        if rating.member_id == member
    }
