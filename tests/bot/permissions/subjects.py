"""What gestures are about: styles, rounds, data sets, trainings and consents of the owner's.

Names are drawn at random, so that none comes near another that somebody may be told of.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import Any

from bot.actions.parameters import picture_parameters
from bot.actions.styles.chosen import ChosenStyle
from bot.actions.training.plans import Plan
from bot.actions.training.requests import new_request
from generation.metadata.record import parameter_texts
from generation.protocol.requests import Adapter, Paint
from storage.records import Job, NewImage
from storage.style_records import NewStyle, Style, StyleKind, StyleOrigin, StyleScope
from storage.training_records import Dataset, NewDatasetPicture
from tests.bot.painter import png
from tests.bot.permissions.house import House
from tests.storage.learning import completed, run_on

NEVER = 987_654_321
"""An id that was never given."""
STEP = 2
"""The step of a checkpoint that every training has."""
SHOWN = 60
"""Characters of a typed name that are said again."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subject:
    """What a gesture names: an id, a name or a hash, and what else belongs to it."""

    id: int = NEVER
    name: str = ""
    digest: str = "0" * 64
    image_id: int = NEVER
    message_id: int = NEVER
    style_id: int = NEVER
    member_id: int = NEVER
    shared: bool = False

    def hidden(self, answer: str) -> str:
        """Return an answer without what was typed to get it."""
        typed = {self.digest[:SHOWN]: "DIGEST", self.name: "NAME", str(self.id): "ID"}
        for said, mark in typed.items():
            answer = answer.replace(said, mark) if said else answer
        return answer


def record_of(digest: str) -> Mapping[str, str]:
    """Return what a picture's file says of a style that it was painted in."""
    adapter = Adapter(path=Path(), digest=digest, name="ink")
    request = Paint(
        job="",
        model="shapes",
        prompt="a star",
        out=Path(),
        adapters=(adapter,),
        width=64,
        height=64,
    )
    return parameter_texts(request, 7, 64, 64)


class Subjects:
    """Makes subjects; one is made once, and again after a gesture that may have used it up."""

    def __init__(self, house: House) -> None:
        self._house, self._store = house, house.store
        self._random = Random(9)
        self._made: dict[str, Subject] = {}

    async def get(self, kind: str) -> Subject:
        """Return the subject of a kind."""
        if kind not in self._made:
            self._made[kind] = await self._makers()[kind]()
        return self._made[kind]

    def forget(self) -> None:
        """Make all of them anew from now on."""
        self._made.clear()

    def never(self) -> Subject:
        """Return what never existed."""
        return Subject(name=self._name())

    def _makers(self) -> dict[str, Callable[[], Awaitable[Subject]]]:
        scopes = {
            "mine": StyleScope.MINE,
            "private": StyleScope.PRIVATE,
            "shared": StyleScope.SERVER,
        }
        word = {"kind": StyleKind.EMBEDDING, "trigger": ""}
        return {
            **{name: partial(self._of_style, scope) for name, scope in scopes.items()},
            **{
                f"{name} word": partial(self._of_style, each, **word)
                for name, each in scopes.items()
            },
            **{f"{name} round": partial(self._round, scope) for name, scope in scopes.items()},
            "bare": partial(self._of_style, StyleScope.PRIVATE, licence=""),
            "liked": self._liked,
            "open": partial(self._open, "thread"),
            "upload": partial(self._open, "upload"),
            "unagreed": partial(self._open, "thread", agreed=False),
            "used": self._used,
            "running": self._running,
            "paused": self._paused,
            "done": self._done,
            "given": self._done,
            "stranded": self._stranded,
        }

    def _name(self) -> str:
        return "".join(self._random.choice(ascii_lowercase) for _ in range(24))

    # --- styles -----------------------------------------------------------------------------

    async def _of_style(self, scope: StyleScope, **changes: Any) -> Subject:
        style = await self.style(scope, **changes)
        shared = scope is StyleScope.SERVER
        return Subject(
            id=style.id, name=style.name, digest=style.digest, style_id=style.id, shared=shared
        )

    async def style(self, scope: StyleScope, **changes: Any) -> Style:
        """Store a style of the owner's."""
        name = self._name()
        values: dict[str, Any] = {
            "server_id": self._house.guild.id,
            "owner_id": self._house.owner.id,
            "name": name,
            "kind": StyleKind.LORA,
            "digest": self._adopted(name.encode()),
            "scope": scope,
            "origin": StyleOrigin.TRAINED,
            "licence": "CC0 1.0",
            "contributors": (self._house.owner.id, self._house.uploader.id),
        }
        return await self._store.styles.add(NewStyle(**(values | changes)))

    def _adopted(self, content: bytes) -> str:
        files = self._store.files
        folder = files.scratch()
        (folder / "file").write_bytes(content)
        digest = files.settle(folder / "file")
        files.adopt(folder / "file", digest)
        files.clear(folder)
        return digest

    async def _round(self, scope: StyleScope) -> Subject:
        """Make a round of one picture that the owner painted in a style."""
        style, store, house = await self.style(scope), self._store, self._house
        template = house.template()
        board = await store.boards.create(
            server_id=house.guild.id,
            channel_id=house.channel.id,
            owner_id=house.owner.id,
            group=False,
        )
        styles = [dataclasses.asdict(ChosenStyle.of(style))]
        round_ = await store.rounds.create(
            board_id=board.id, parameters={**template, "styles": styles}
        )
        job = await store.jobs.create(
            server_id=house.guild.id,
            channel_id=house.channel.id,
            member_id=house.owner.id,
            round_id=round_.id,
            locale="en-US",
        )
        path = store.files.workspace(job.id) / "0.png"
        path.write_bytes(png((board.id % 256, board.id // 256, 7), record_of(style.digest)))
        new = NewImage(
            path=str(path),
            digest=None,
            seed=1,
            width=96,
            height=96,
            parameters=picture_parameters(round_.parameters, 0, 0),
        )
        (image,) = await store.jobs.finish(job.id, await store.jobs.begin(job.id), [new])
        await store.jobs.delivered(job.id)
        message = house.posted(f"picture {image.id}")
        await store.rounds.posted(round_.id, 0, house.channel.id, message)
        return Subject(
            id=round_.id,
            image_id=image.id,
            message_id=message,
            style_id=style.id,
            shared=scope is StyleScope.SERVER,
        )

    async def _liked(self) -> Subject:
        """Make a round that everyone likes."""
        round_ = await self._round(StyleScope.SERVER)
        server, here = self._house.guild.id, self._house.channel.id
        persons = self._house.persons.values()
        for member_id in {each.actor.id for each in persons if each.channel.id == here}:
            await self._store.ratings.press(server, round_.image_id, member_id, 1)
        return round_

    # --- data sets and trainings --------------------------------------------------------------

    async def _open(self, source: str, *, agreed: bool = True) -> Subject:
        dataset = await self._dataset(source, agreed=agreed)
        return Subject(id=dataset.id, name=str(dataset.plan["name"]))

    async def _dataset(self, source: str, *, agreed: bool = True) -> Dataset:
        """Make a data set of the owner and the uploader; one member took their pictures back."""
        house, store = self._house, self._store
        plan = Plan(method="lora", name=self._name(), trigger="rock", source=source, steps=4)
        dataset = await store.datasets.create(
            house.guild.id, house.channel.id, house.owner.id, "en-US", plan.stored()
        )
        for member in (house.owner, house.uploader, house.revoked):
            content = png((dataset.id % 256, member.id % 256, member.id // 256 % 256))
            folder = store.files.scratch()
            (folder / "picture").write_bytes(content)
            picture = NewDatasetPicture(
                digest=hashlib.sha256(content).hexdigest(),
                path=folder / "picture",
                member_id=member.id,
            )
            await store.datasets.add_pictures(dataset.id, [picture])
            store.files.clear(folder)
            if agreed or member is house.revoked:
                await store.consents.give(dataset.id, member.id, "I agree.", "en-US")
        [taken] = await store.revocations.revoke(house.revoked.id, dataset_id=dataset.id)
        await store.revocations.done(taken.id)
        await store.datasets.message(dataset.id, house.posted(f"data set {dataset.id}"))
        return dataset

    async def _used(self) -> Subject:
        """Make a data set whose training was started: its card is an old one."""
        dataset, _, _ = await self._begun()
        return Subject(id=dataset.id, name=str(dataset.plan["name"]))

    async def _begun(self) -> tuple[Dataset, Job, int]:
        house, store = self._house, self._store
        dataset = await self._dataset("upload")
        request = new_request(Plan.read(dataset.plan), house.world.bot.services.settings.model)
        job = await store.trainings.start(
            dataset.id,
            request,
            server_id=dataset.server_id,
            channel_id=dataset.channel_id,
            member_id=dataset.member_id,
            locale="en-US",
        )
        await store.jobs.message(job.id, house.channel.id, house.posted(f"training {job.id}"))
        found = await store.jobs.get(job.id)
        assert found is not None
        return dataset, found, await run_on(store, job)

    async def _running(self) -> Subject:
        dataset, job, _ = await self._begun()
        return self._of_training(dataset, job)

    async def _paused(self) -> Subject:
        dataset, job, _ = await self._begun()
        await self._store.trainings.pause(job.id, True)
        return self._of_training(dataset, job)

    def _of_training(self, dataset: Dataset, job: Job, style_id: int = NEVER) -> Subject:
        return Subject(
            id=job.id,
            name=str(dataset.plan["name"]),
            message_id=job.message_id or NEVER,
            style_id=style_id,
            image_id=dataset.id,
            member_id=self._house.uploader.id,
        )

    async def _done(self) -> Subject:
        """Make a training that has ended, with a private style of the owner and the uploader."""
        dataset, job, attempt = await self._begun()
        style = await completed(self._store, job, attempt, scope=StyleScope.PRIVATE)
        await self._store.jobs.delivered(job.id)
        return self._of_training(dataset, job, style.id)

    async def _stranded(self) -> Subject:
        """Make a style that was withdrawn and could not be trained anew."""
        done = await self._done()
        before = {job.id for job in await self._store.jobs.pending()}
        await self._store.training_rights.grant(self._house.guild.id)
        [taken] = await self._store.revocations.revoke(
            self._house.uploader.id, dataset_id=done.image_id
        )
        await self._store.revocations.done(taken.id)
        [job] = [job for job in await self._store.jobs.pending() if job.id not in before]
        await self._store.jobs.fail(job.id, "memory")
        await self._store.jobs.delivered(job.id)
        for each in await self._store.revocations.settle():
            await self._store.revocations.done(each.id)
        return done
