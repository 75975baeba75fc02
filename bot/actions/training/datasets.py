"""Members' actions on data sets: what is handed over, agreed to, changed, cancelled and started."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from bot.actions.asker import Asker
from bot.actions.rules import Rules
from bot.actions.sight import Sight, possible
from bot.actions.training.choice import (
    REMOVED,
    SMALL,
    judged,
    kept,
    proposed_caption,
    too_small,
)
from bot.actions.training.likes import Likes
from bot.actions.training.plans import WHOLE, Plan, planned
from bot.actions.training.preparations import Agreed, Cost, Preparation, listed, mentions
from bot.actions.training.requests import new_request, read
from bot.actions.training.rights import TrainingRules
from bot.errors import Refusal
from bot.settings import Settings
from bot.text import refusals
from bot.text.training import datasets as text
from generation.catalog.entries import public_name
from generation.protocol.options import ModelCard
from generation.requests.training_estimates import disk_needed, seconds_needed
from storage.errors import ConsentMissing, DatasetNotOpen, Missing, TrainingUnderWay
from storage.records import Job
from storage.store import Store
from storage.styles import key_of
from storage.training_records import (
    DESCRIBED,
    Consent,
    Dataset,
    DatasetPicture,
    DatasetState,
    NewDatasetPicture,
)

MOST_PICTURES = 100
"""Pictures of a data set that members hand over."""
MOST_OPEN = 5
"""Trainings that a member prepares at the same time in a server."""


class DatasetActions:
    """Puts data sets together; raises `Refusal` where the rules forbid it."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        rules: Rules,
        training_rules: TrainingRules,
        sight: Sight,
        model: Callable[[], ModelCard | None],
    ) -> None:
        """`model` is the loaded model's card."""
        self._settings = settings
        self._store = store
        self._rules = rules
        self._training_rules = training_rules
        self._model = model
        self._likes = Likes(store, sight)

    async def allow(self, asker: Asker, method: str, source: str, *, in_thread: bool) -> None:
        """Raise `Refusal` unless the member may begin such a training here."""
        rights = await self._store.training_rights.get(asker.server_id)
        self._training_rules.allow_method(asker, rights, method)
        self._rules.allow_place(asker, await self._store.servers.get(asker.server_id))
        # No command offers that: members who are no trainers bring no pictures of their own.
        if method == "taste" and source != "likes":
            raise Refusal(refusals.FORM_INCOMPLETE)
        if source == "thread" and not in_thread:
            raise Refusal(text.THREAD_ONLY)
        if source != "upload" and method in WHOLE:
            raise Refusal(text.UPLOAD_ONLY)

    async def check_new(self, asker: Asker, plan: Plan) -> None:
        """Raise `Refusal` if the member prepares too many already, or one of this name."""
        open_ones = await self._store.datasets.open(asker.server_id, asker.member_id)
        if len(open_ones) >= MOST_OPEN:
            raise Refusal(text.TOO_MANY_OPEN, most=MOST_OPEN)
        await self._check_name(asker.server_id, asker.member_id, plan.name)

    async def begin(
        self,
        asker: Asker,
        plan: Plan,
        pictures: Sequence[NewDatasetPicture],
        agreed: Agreed | None,
    ) -> Dataset:
        """Open a data set of the pictures that the member handed over, if any."""
        await self.check_new(asker, plan)
        dataset = await self._store.datasets.create(
            asker.server_id, asker.channel_id, asker.member_id, asker.locale, plan.stored()
        )
        try:
            await self._fill(dataset, asker, pictures, agreed)
        except BaseException:
            await self._store.datasets.close(dataset.id)
            raise
        return dataset

    async def begin_from_likes(self, asker: Asker, plan: Plan, agreed: Agreed | None) -> Dataset:
        """Open a data set of the pictures that the member rated and may see here."""
        await self.check_new(asker, plan)
        pictures = await self._likes.gather(asker, plan)
        ratings = [picture.rating for picture in pictures]
        plan = dataclasses.replace(plan, liked=ratings.count(1), disliked=ratings.count(-1))
        return await self.begin(asker, plan, pictures, agreed)

    async def allow_adding(self, asker: Asker, dataset_id: int, count: int = 1) -> Dataset:
        """Return an open data set; `Refusal` unless the member may add so many pictures."""
        dataset = await self.seen(asker, dataset_id)
        plan = Plan.read(dataset.plan)
        if dataset.state is not DatasetState.OPEN:
            raise Refusal(text.NOT_OPEN)
        rights = await self._store.training_rights.get(asker.server_id)
        self._training_rules.allow_server(asker, rights)
        if plan.source == "likes":
            raise Refusal(text.NO_MORE_ADDED)
        if plan.source != "thread" and asker.member_id != dataset.member_id:
            raise Refusal(text.NOBODY_ELSE_ADDS)
        there = len(await self._store.datasets.pictures(dataset.id))
        if there + count > MOST_PICTURES:
            raise Refusal(text.TOO_MANY, most=MOST_PICTURES, there=there)
        return dataset

    async def add(
        self,
        asker: Asker,
        dataset_id: int,
        pictures: Sequence[NewDatasetPicture],
        agreed: Agreed | None,
    ) -> list[DatasetPicture]:
        """Add pictures that a member handed over, and return them."""
        dataset = await self.allow_adding(asker, dataset_id, len(pictures))
        return await self._fill(dataset, asker, pictures, agreed)

    async def _fill(
        self,
        dataset: Dataset,
        asker: Asker,
        pictures: Sequence[NewDatasetPicture],
        agreed: Agreed | None,
    ) -> list[DatasetPicture]:
        card = self._model()
        side = None if card is None else min(card.width, card.height)
        new = [
            dataclasses.replace(each, dropped=SMALL)
            if side is not None and each.image_id is None and too_small(each.facts, side)
            else each
            for each in pictures
        ]
        with _open_told():
            added = await self._store.datasets.add_pictures(dataset.id, new)
            if agreed is not None:
                await self._store.consents.give(
                    dataset.id, asker.member_id, agreed.words, agreed.locale
                )
        await self._judge(dataset.id)
        return added

    async def agree(self, asker: Asker, dataset_id: int, agreed: Agreed) -> Consent:
        """Record the consent of a member whose pictures are in an open data set."""
        dataset = await self.seen(asker, dataset_id)
        pictures = await self._store.datasets.pictures(dataset.id)
        if asker.member_id not in {picture.member_id for picture in pictures}:
            raise Refusal(
                text.NOT_A_CONTRIBUTOR if dataset.state is DatasetState.OPEN else text.NOT_OPEN
            )
        with _open_told():
            return await self._store.consents.give(
                dataset.id, asker.member_id, agreed.words, agreed.locale
            )

    async def change(
        self,
        asker: Asker,
        dataset_id: int,
        *,
        name: str,
        trigger: str,
        class_word: str,
        captions: Mapping[int, str],
        left_out: Sequence[int],
    ) -> Dataset:
        """Change name and words, captions and which pictures are left out, both by numbers.

        Pictures without a caption among these keep theirs.  What is said of pictures that were
        taken back meanwhile is passed over.
        """
        dataset = await self.own(asker, dataset_id)
        before = Plan.read(dataset.plan)
        after = planned(
            method=before.method,
            name=name,
            trigger=trigger,
            class_word=class_word,
            captions=before.captions,
            source=before.source,
            steps=before.steps,
        )
        after = dataclasses.replace(after, liked=before.liked, disliked=before.disliked)
        if key_of(after.name) != key_of(before.name):
            await self._check_name(dataset.server_id, dataset.member_id, after.name)
        pictures = await self._store.datasets.pictures(dataset.id)
        most = max((picture.number for picture in pictures), default=0)
        for number in {*left_out, *captions}:
            if not 1 <= number <= most:
                raise Refusal(text.NO_SUCH_NUMBER, number=number, most=most)
        with _open_told():
            dataset = await self._store.datasets.change(dataset.id, after.stored())
            await self._change_pictures(pictures, captions, left_out)
            await self._propose_again(dataset.id, before, after)
        await self._judge(dataset.id)
        return dataset

    async def _change_pictures(
        self,
        pictures: Sequence[DatasetPicture],
        captions: Mapping[int, str],
        left_out: Collection[int],
    ) -> None:
        for picture in pictures:
            caption = captions.get(picture.number, picture.caption)
            if caption != picture.caption:
                await self._store.datasets.caption(picture.id, caption)
            out = picture.number in left_out
            if out and picture.dropped != REMOVED:
                await self._store.datasets.drop(picture.id, REMOVED)
            elif not out and picture.dropped == REMOVED:
                await self._store.datasets.drop(picture.id, None)

    async def _propose_again(self, dataset_id: int, before: Plan, after: Plan) -> None:
        """Have captions that nobody changed since they were proposed say the new words."""
        if (before.trigger, before.class_word) == (after.trigger, after.class_word):
            return
        for picture in await self._store.datasets.pictures(dataset_id):
            text = picture.facts.get(DESCRIBED)
            if text and picture.caption == proposed_caption(before.stored(), text):
                caption = proposed_caption(after.stored(), text)
                await self._store.datasets.caption(picture.id, caption)

    async def cancel(self, asker: Asker, dataset_id: int) -> Dataset:
        """Close an open data set and delete its pictures."""
        dataset = await self.own(asker, dataset_id)
        if not await self._store.datasets.close(dataset.id):
            raise Refusal(text.NOT_OPEN)
        return dataset

    async def start(self, asker: Asker, dataset_id: int) -> Job:
        """Start the training on an open data set, once."""
        dataset = await self.own(asker, dataset_id)
        plan = Plan.read(dataset.plan)
        rights = await self._store.training_rights.get(asker.server_id)
        self._training_rules.allow_method(asker, rights, plan.method)
        self._rules.allow_place(asker, await self._store.servers.get(asker.server_id))
        await self._judge(dataset.id)
        prepared = await self._with_consent_alone(await self.prepared(dataset))
        if not prepared.kept or (plan.method == "taste" and not _any_liked(prepared.kept)):
            raise Refusal(text.NO_PICTURES)
        if prepared.missing:
            raise Refusal(
                text.NOT_WITHOUT_CONSENT, members=mentions(asker.locale, prepared.missing)
            )
        if prepared.uncaptioned:
            numbers = listed(asker.locale, prepared.uncaptioned)
            raise Refusal(text.NOT_WITHOUT_CAPTIONS, numbers=numbers)
        await self._check_files(asker, prepared)
        try:
            return await self._store.trainings.start(
                dataset.id,
                new_request(prepared.plan, public_name(self._settings.model)),
                server_id=dataset.server_id,
                channel_id=dataset.channel_id,
                member_id=dataset.member_id,
                locale=dataset.locale,
                with_consent=True,
            )
        except ConsentMissing as error:
            # Somebody added pictures, or took their consent back, in this very moment.
            missing = await self._store.consents.missing(dataset.id)
            members = mentions(asker.locale, missing)
            raise Refusal(text.NOT_WITHOUT_CONSENT, members=members) from error
        except (Missing, TrainingUnderWay) as error:
            raise Refusal(text.NOT_OPEN) from error

    async def _check_files(self, asker: Asker, prepared: Preparation) -> None:
        """Raise `Refusal` if files of pictures that are trained on are gone from the disk."""
        size = self._store.files.size

        def found() -> list[DatasetPicture]:
            return [picture for picture in prepared.kept if not size(picture.digest)]

        if gone := await asyncio.to_thread(found):
            numbers = listed(asker.locale, [picture.number for picture in gone])
            raise Refusal(text.FILES_GONE, numbers=numbers)

    async def _with_consent_alone(self, prepared: Preparation) -> Preparation:
        """Delete left-out pictures of members who did not agree: a later training uses none."""
        agreed = {consent.member_id for consent in prepared.consents if consent.stands}
        unused = [
            picture.id
            for picture, why in prepared.pictures
            if why is not None and picture.member_id not in agreed
        ]
        if unused:
            with _open_told():
                await self._store.datasets.delete_pictures(prepared.dataset.id, unused)
        return await self.prepared(prepared.dataset)

    async def seen(self, asker: Asker, dataset_id: int) -> Dataset:
        """Return a data set; `Refusal` unless the member sees the channel that its card is in."""
        dataset = await self._store.datasets.get(dataset_id) if possible(dataset_id) else None
        if dataset is not None and dataset.server_id == asker.server_id:
            here = dataset.channel_id == asker.channel_id
            if here or asker.sees(dataset.channel_id):
                return dataset
        raise Refusal(text.GONE)

    async def own(self, asker: Asker, dataset_id: int) -> Dataset:
        """Return an open data set; `Refusal` unless the member prepares it, or trains here."""
        dataset = await self.seen(asker, dataset_id)
        if not await self.oversees(asker, dataset):
            raise Refusal(text.NOT_YOURS)
        if dataset.state is not DatasetState.OPEN:
            raise Refusal(text.NOT_OPEN)
        return dataset

    async def shown_to(
        self, asker: Asker, dataset_id: int
    ) -> tuple[Dataset, list[tuple[DatasetPicture, str | None]]]:
        """Return a data set and the pictures of it that a member may see, as `judged` does.

        Who prepares it and who trains here see all, others what they handed over themselves.  What
        the content filter hides here is not shown.
        """
        dataset = await self.seen(asker, dataset_id)
        if dataset.state is not DatasetState.OPEN:
            raise Refusal(text.NOT_OPEN)
        everything = await self.oversees(asker, dataset)
        shown = [
            (picture, why)
            for picture, why in judged(await self._store.datasets.pictures(dataset.id))
            if everything or picture.member_id == asker.member_id
            if await self._likes.shows(asker, picture)
        ]
        if not shown:
            raise Refusal(text.NOTHING_TO_SHOW if everything else text.NOT_YOURS)
        return dataset, shown

    async def oversees(self, asker: Asker, dataset: Dataset) -> bool:
        """Return True if the member prepares a data set, or trains in its server."""
        rights = await self._store.training_rights.get(asker.server_id)
        return asker.member_id == dataset.member_id or self._training_rules.is_trainer(
            asker, rights
        )

    async def prepared(self, dataset: Dataset) -> Preparation:
        """Read how a data set stands."""
        plan = Plan.read(dataset.plan)
        pictures = await self._store.datasets.pictures(dataset.id)
        if plan.method == "taste":
            ratings = [picture.rating for picture in kept(pictures)]
            plan = dataclasses.replace(plan, liked=ratings.count(1), disliked=ratings.count(-1))
        return Preparation(
            dataset=dataset,
            plan=plan,
            pictures=judged(pictures),
            consents=await self._store.consents.of_dataset(dataset.id),
            missing=await self._store.consents.missing(dataset.id),
            cost=self._cost(plan),
        )

    def _cost(self, plan: Plan) -> Cost:
        stored = new_request(plan, public_name(self._settings.model))
        request = read(stored, job="", data=self._settings.data_dir, out=self._settings.data_dir)
        steps, card = request.recipe.steps or 0, self._model()
        if card is None:
            return Cost(steps=steps)
        side = min(card.width, card.height)
        if card.denoiser is None:
            return Cost(steps=steps, side=side)
        return Cost(
            steps=steps,
            seconds=seconds_needed(request, card, card.denoiser),
            bytes=disk_needed(request, card.denoiser),
            side=side,
        )

    async def _judge(self, dataset_id: int) -> None:
        """Note which pictures are copies of others now."""
        pictures = await self._store.datasets.pictures(dataset_id)
        with _open_told():
            for picture, why in judged(pictures):
                if why != picture.dropped and REMOVED not in (why, picture.dropped):
                    await self._store.datasets.drop(picture.id, why)

    async def _check_name(self, server_id: int, member_id: int, name: str) -> None:
        """Raise `Refusal` if a style or a training of the member has this name."""
        key = key_of(name)
        styles = await self._store.styles.seen(server_id, member_id)
        taken = {key_of(style.name) for style in styles if style.owner_id == member_id}
        datasets = await self._store.datasets.open(server_id, member_id)
        for job, training in await self._store.trainings.under_way():
            dataset = await self._store.datasets.get(training.dataset_id)
            if dataset is not None and (job.server_id, job.member_id) == (server_id, member_id):
                datasets.append(dataset)
        taken |= {key_of(Plan.read(dataset.plan).name) for dataset in datasets}
        if key in taken:
            raise Refusal(text.NAME_TAKEN, name=name)


def _any_liked(pictures: Sequence[DatasetPicture]) -> bool:
    return any(picture.rating == 1 for picture in pictures)


@contextmanager
def _open_told() -> Iterator[None]:
    """Raise a `Refusal` if a data set was started or cancelled meanwhile."""
    try:
        yield
    except (DatasetNotOpen, Missing) as error:
        raise Refusal(text.NOT_OPEN) from error
