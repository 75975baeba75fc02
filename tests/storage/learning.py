"""Shared parts of the tests on consent taken back: members' pictures, trainings and styles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.records import Job
from storage.store import Store
from storage.style_records import NewStyle, Style, StyleKind, StyleOrigin, StyleScope
from storage.training_records import Dataset, NewDatasetPicture
from tests.storage.painting import ANN, BEN, CHANNEL, SERVER

REQUEST = {"method": {"kind": "lora"}, "name": "rocky", "recipe": {"steps": 4, "seed": 3}}


def picture_of(member: int, number: int = 0) -> bytes:
    """The bytes of a member's picture."""
    return f"picture {number} of member {member}".encode()


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def put_together(
    store: Store,
    contents: Mapping[int, Sequence[bytes]],
    *,
    consents: bool = True,
    images: Mapping[bytes, int] | None = None,
    name: str = "rocky",
    server: int = SERVER,
    channel: int = CHANNEL,
) -> Dataset:
    """A data set of the first member's with everyone's pictures and consents.

    images: ids of the pictures of Konomi's that some are copies of.
    """
    await store.training_rights.grant(server)
    dataset = await store.datasets.create(
        server, channel, next(iter(contents)), "en", {"name": name}
    )
    for member, pictures in contents.items():
        scratch = store.files.scratch()
        new = []
        for number, content in enumerate(pictures):
            path = scratch / str(number)
            path.write_bytes(content)
            caption = f"caption {number} by member {member}"
            new.append(
                NewDatasetPicture(
                    digest=digest_of(content),
                    path=path,
                    member_id=member,
                    caption=caption,
                    image_id=(images or {}).get(content),
                )
            )
        await store.datasets.add_pictures(dataset.id, new)
        store.files.clear(scratch)
        if consents:
            await store.consents.give(dataset.id, member, f"I, {member}, agree.", "en")
    return dataset


async def of_both(store: Store, name: str = "rocky") -> Dataset:
    """A data set with two pictures of each of two members."""
    contents = {member: [picture_of(member, 0), picture_of(member, 1)] for member in (ANN, BEN)}
    return await put_together(store, contents, name=name)


async def begun(store: Store, dataset: Dataset) -> tuple[Job, int]:
    """A training that runs, with a folder of its pictures and a checkpoint."""
    job = await store.trainings.start(
        dataset.id,
        {**REQUEST, "name": dataset.plan["name"]},
        server_id=dataset.server_id,
        channel_id=dataset.channel_id,
        member_id=dataset.member_id,
        locale="en",
    )
    return job, await run_on(store, job)


async def run_on(store: Store, job: Job) -> int:
    """Begin an attempt at a training: its pictures lie in its folder, with what it has learned."""
    attempt = await store.jobs.begin(job.id)
    training = await store.trainings.of_job(job.id)
    assert training is not None
    folder = store.files.workspace(job.id) / "data"
    folder.mkdir()
    learned = hashlib.sha256()
    for picture in await store.datasets.pictures(training.dataset_id):
        if picture.dropped is None:
            content = store.files.path(picture.digest).read_bytes()
            (folder / f"{picture.position}.png").write_bytes(content)
            learned.update(content)
    for step in (2, 4):
        adapter, sheet = (store.files.workspace(job.id) / f"{step}.{end}" for end in ("st", "png"))
        adapter.write_bytes(f"adapter {step} {learned.hexdigest()}".encode())
        sheet.write_bytes(f"sheet {step} {learned.hexdigest()}".encode())
        await store.trainings.checkpoint(
            job.id, attempt, step=step, adapter=adapter, sheet=sheet, scores={}
        )
    return attempt


async def completed(store: Store, job: Job, attempt: int, **fields: Any) -> Style:
    """End a training with the style that it made."""
    checkpoint = (await store.trainings.checkpoints(job.id))[-1]
    training = await store.trainings.of_job(job.id)
    assert training is not None
    assert checkpoint.adapter_digest is not None
    pictures = await store.datasets.pictures(training.dataset_id)
    values: dict[str, Any] = {
        "server_id": job.server_id,
        "owner_id": job.member_id,
        "name": training.request["name"],
        "kind": StyleKind.LORA,
        "digest": checkpoint.adapter_digest,
        "preview_digest": checkpoint.sheet_digest,
        "scope": StyleScope.SERVER,
        "origin": StyleOrigin.TRAINED,
        "evaluation": {"step": 4},
        "job_id": job.id,
        "contributors": tuple(sorted({each.member_id for each in pictures if not each.dropped})),
    }
    style_id = await store.jobs.complete(job.id, attempt, NewStyle(**(values | fields)))
    assert style_id is not None
    return await existing(store, style_id)


async def trained(store: Store, dataset: Dataset, **fields: Any) -> Style:
    """A style trained on a data set."""
    return await completed(store, *await begun(store, dataset), **fields)


async def existing(store: Store, style_id: int) -> Style:
    style = await store.styles.get(style_id)
    assert style is not None
    return style


def places_of(data_dir: Path, *contents: bytes) -> list[Path]:
    """The files below a folder that hold any of these bytes, or that are named by their hash."""
    names = {digest_of(content) for content in contents}
    return [
        path
        for path in sorted(data_dir.rglob("*"))
        if path.is_file()
        and (path.name in names or any(content in path.read_bytes() for content in contents))
    ]
