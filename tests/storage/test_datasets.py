"""Data sets: pictures that members handed over, whose files they own, and their consent."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from storage.errors import ConsentMissing, DatasetNotOpen, FileMismatch, Missing
from storage.store import Store, open_store
from storage.training_records import DESCRIBED, Dataset, DatasetState, NewDatasetPicture
from tests.storage.painting import ANN, BEN, CAT, CHANNEL, DAY, SERVER, Clock, begin_board, paint

PLAN = {"method": "lora", "name": "rocky", "trigger": "ロッキー"}


async def opened(store: Store, member: int = ANN) -> Dataset:
    return await store.datasets.create(SERVER, CHANNEL, member, "ja", PLAN)


def handed_over(folder: Path, name: str, member: int = ANN, **fields: Any) -> NewDatasetPicture:
    path = folder / name
    path.write_bytes(name.encode())
    digest = hashlib.sha256(name.encode()).hexdigest()
    return NewDatasetPicture(digest=digest, path=path, member_id=member, **fields)


async def test_a_data_set_keeps_its_plan_and_its_message(store: Store, clock: Clock) -> None:
    made = await opened(store)
    assert (made.state, made.plan, made.message_id) == (DatasetState.OPEN, PLAN, None)
    assert made.created_at == clock.now

    changed = await store.datasets.change(made.id, {**PLAN, "name": "stone"})
    await store.datasets.message(made.id, 900)
    found = await store.datasets.get(made.id)

    assert found is not None
    assert (found.plan, found.message_id, found.channel_id) == (changed.plan, 900, CHANNEL)
    await store.datasets.message(made.id, 901, CHANNEL + 1)
    assert [(each.message_id, each.channel_id) for each in await store.datasets.open()] == [
        (901, CHANNEL + 1)
    ]


async def test_open_ones_are_found_by_server_and_member(store: Store) -> None:
    mine, theirs = await opened(store), await opened(store, BEN)
    closed = await opened(store)
    await store.datasets.close(closed.id)

    assert await store.datasets.open() == [mine, theirs]
    assert await store.datasets.open(SERVER, ANN) == [mine]
    assert await store.datasets.open(SERVER + 1) == []


async def test_pictures_follow_each_other_and_bring_their_files(
    store: Store, tmp_path: Path
) -> None:
    made = await opened(store)
    first = [handed_over(tmp_path, "a"), handed_over(tmp_path, "b", dropped="blurred")]
    await store.datasets.add_pictures(made.id, first)
    await store.datasets.add_pictures(
        made.id, [handed_over(tmp_path, "c", BEN, facts={"width": 96}, caption="a 石")]
    )

    pictures = await store.datasets.pictures(made.id)

    assert [(p.position, p.member_id, p.dropped) for p in pictures] == [
        (0, ANN, None),
        (1, ANN, "blurred"),
        (2, BEN, None),
    ]
    assert (pictures[2].facts, pictures[2].caption) == ({"width": 96}, "a 石")
    assert [store.files.path(p.digest).read_bytes() for p in pictures] == [b"a", b"b", b"c"]


async def test_what_is_added_together_has_places_of_its_own(store: Store, tmp_path: Path) -> None:
    made = await opened(store)
    new = [handed_over(tmp_path, name) for name in "abcdef"]

    await asyncio.gather(*(store.datasets.add_pictures(made.id, [each]) for each in new))

    pictures = await store.datasets.pictures(made.id)
    assert [picture.position for picture in pictures] == list(range(6))


async def test_a_place_that_was_left_is_not_given_again(store: Store, tmp_path: Path) -> None:
    made = await opened(store)
    pictures = [handed_over(tmp_path, name) for name in "abc"]
    last = (await store.datasets.add_pictures(made.id, pictures))[-1]

    await store.datasets.delete_pictures(made.id, [last.id])
    [added] = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "d")])

    assert (last.position, added.position) == (2, 3)


async def test_what_a_caption_model_says_is_kept_once_and_replaces_no_caption(
    store: Store, tmp_path: Path
) -> None:
    made = await opened(store)
    new = [handed_over(tmp_path, "a"), handed_over(tmp_path, "b", caption="mine")]
    first, own = await store.datasets.add_pictures(made.id, new)

    def caption(plan: Mapping[str, Any], text: str) -> str:
        return f"{plan['name']}, {text}"

    described = await store.datasets.describe(first.id, "a stone", caption)
    assert described.caption == f"{PLAN['name']}, a stone"
    assert described.facts == {**first.facts, DESCRIBED: "a stone"}
    assert await store.datasets.describe(first.id, "another", caption) == described
    assert (await store.datasets.describe(own.id, "a stone", caption)).caption == "mine"
    with pytest.raises(Missing):
        await store.datasets.describe(own.id + 1, "a stone", caption)


async def test_nothing_is_described_once_a_training_has_begun(store: Store, tmp_path: Path) -> None:
    made = await opened(store)
    [picture] = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
    await store.datasets.use(made.id)
    with pytest.raises(DatasetNotOpen):
        await store.datasets.describe(picture.id, "a stone", lambda _, text: text)
    assert await store.datasets.pictures(made.id) == [picture]


async def test_what_a_caption_model_has_no_words_for_has_no_caption(
    store: Store, tmp_path: Path
) -> None:
    made = await opened(store)
    [picture] = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
    described = await store.datasets.describe(picture.id, "", lambda _, text: f"x {text}")
    assert (described.caption, described.facts[DESCRIBED]) == ("", "")


async def test_a_picture_is_dropped_taken_back_in_and_described(
    store: Store, tmp_path: Path
) -> None:
    made = await opened(store)
    [picture] = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])

    assert (await store.datasets.drop(picture.id, "removed")).dropped == "removed"
    assert (await store.datasets.drop(picture.id, None)).dropped is None
    assert (await store.datasets.caption(picture.id, "a stone")).caption == "a stone"
    with pytest.raises(Missing):
        await store.datasets.caption(picture.id + 1, "another")


async def test_files_go_with_their_pictures_unless_another_row_has_them(
    store: Store, tmp_path: Path
) -> None:
    made, other = await opened(store), await opened(store)
    a, b, c = await store.datasets.add_pictures(
        made.id, [handed_over(tmp_path, name) for name in "abc"]
    )
    await store.datasets.add_pictures(other.id, [handed_over(tmp_path, "b")])

    assert await store.datasets.delete_pictures(made.id, [a.id]) == 1
    assert not store.files.path(a.digest).exists()
    assert await store.datasets.close(made.id)

    assert store.files.path(b.digest).exists()
    assert not store.files.path(c.digest).exists()
    assert await store.datasets.pictures(made.id) == []


async def test_pictures_of_one_data_set_are_not_deleted_with_anothers(
    store: Store, tmp_path: Path
) -> None:
    made, other = await opened(store), await opened(store)
    [picture] = await store.datasets.add_pictures(other.id, [handed_over(tmp_path, "a")])

    assert await store.datasets.delete_pictures(made.id, [picture.id]) == 0
    assert await store.datasets.pictures(other.id) == [picture]


async def test_one_that_is_not_open_does_not_change(store: Store, tmp_path: Path) -> None:
    for end in (store.datasets.use, store.datasets.close):
        made = await opened(store)
        [picture] = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
        await end(made.id)
        left = await store.datasets.pictures(made.id)
        for change in (
            store.datasets.add_pictures(made.id, [handed_over(tmp_path, "b")]),
            store.datasets.change(made.id, {}),
            store.datasets.delete_pictures(made.id, [picture.id]),
            store.consents.give(made.id, ANN, "Yes.", "en"),
            store.datasets.use(made.id),
        ):
            with pytest.raises(DatasetNotOpen):
                await change
        with pytest.raises((DatasetNotOpen, Missing)):
            await store.datasets.drop(picture.id, "removed")
        assert not await store.datasets.close(made.id)
        assert await store.datasets.pictures(made.id) == left
        assert not store.files.path(handed_over(tmp_path, "b").digest).exists()


async def test_of_many_that_take_it_one_gets_it(store: Store) -> None:
    made = await opened(store)

    taken = await asyncio.gather(
        *(store.datasets.use(made.id) for _ in range(4)), return_exceptions=True
    )

    assert [type(each) for each in taken].count(Dataset) == 1
    with pytest.raises(Missing):
        await store.datasets.use(made.id + 1)


async def test_a_file_that_is_not_what_it_should_be_adds_nothing(
    store: Store, tmp_path: Path
) -> None:
    made = await opened(store)
    good = handed_over(tmp_path, "a")
    changed = handed_over(tmp_path, "b")
    (tmp_path / "b").write_bytes(b"something else")
    with pytest.raises(FileMismatch):
        await store.datasets.add_pictures(made.id, [good, changed])
    with pytest.raises(Missing):
        await store.datasets.add_pictures(
            made.id, [good, NewDatasetPicture(digest="0" * 64, member_id=ANN)]
        )
    assert await store.datasets.pictures(made.id) == []


async def test_a_copy_of_a_painted_picture_outlives_its_time(store: Store, clock: Clock) -> None:
    _, images = await paint(store, await begin_board(store))
    digest = images[0].digest
    assert digest is not None
    made = await opened(store)
    await store.datasets.add_pictures(
        made.id,
        [NewDatasetPicture(digest=digest, member_id=ANN, image_id=images[0].id, rating=1)],
    )

    await store.datasets.use(made.id)
    clock.now += 100 * DAY

    assert (await store.prune(retention_days=90)).pictures == 4

    [copy] = await store.datasets.pictures(made.id)
    assert (copy.image_id, copy.rating) == (None, 1)
    assert store.files.path(digest).exists()


async def test_consent_is_recorded_in_the_words_that_were_shown(store: Store, clock: Clock) -> None:
    made = await opened(store)
    given = await store.consents.give(made.id, BEN, "はい。", "ja")
    clock.now += 60

    again = await store.consents.give(made.id, BEN, "Yes.", "en")

    assert again == given
    assert (given.words, given.locale, given.stands) == ("はい。", "ja", True)
    assert await store.consents.of_dataset(made.id) == [given]
    assert await store.consents.of_member(BEN) == [given]
    assert await store.consents.of_member(BEN, SERVER + 1) == []


async def test_consent_is_missing_for_pictures_that_are_kept(store: Store, tmp_path: Path) -> None:
    made = await opened(store)
    pictures = await store.datasets.add_pictures(
        made.id,
        [handed_over(tmp_path, str(member), member) for member in (ANN, BEN, CAT)],
    )
    await store.consents.give(made.id, ANN, "Yes.", "en")
    assert await store.consents.missing(made.id) == [BEN, CAT]

    await store.datasets.drop(pictures[2].id, "blurred")

    assert await store.consents.missing(made.id) == [BEN]


async def test_a_training_with_consent_does_not_start_without_it(
    store: Store, tmp_path: Path
) -> None:
    made = await opened(store)
    await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
    about: dict[str, Any] = {
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "member_id": ANN,
        "locale": "en",
    }

    with pytest.raises(ConsentMissing):
        await store.trainings.start(made.id, {}, **about, with_consent=True)

    found = await store.datasets.get(made.id)
    assert found is not None
    assert found.state is DatasetState.OPEN
    await store.consents.give(made.id, ANN, "Yes.", "en")
    job = await store.trainings.start(made.id, {}, **about, with_consent=True)
    assert job.member_id == ANN


async def test_consent_that_was_taken_back_is_missing_until_it_is_given_anew(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    made = await opened(store)
    await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
    await store.consents.give(made.id, ANN, "Yes.", "en")
    async with store._database.transaction() as transaction:
        await transaction.rows("UPDATE consents SET revoked_at = ?", [clock.now])
    [revoked] = await store.consents.of_dataset(made.id)
    assert not revoked.stands
    assert await store.consents.missing(made.id) == [ANN]

    given = await store.consents.give(made.id, ANN, "Yes, again.", "en")

    assert (given.words, given.stands) == ("Yes, again.", True)
    assert await store.consents.missing(made.id) == []


async def test_abandoned_ones_are_closed_after_a_month(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    made, used = await opened(store), await opened(store)
    [picture] = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
    await store.datasets.add_pictures(used.id, [handed_over(tmp_path, "b")])
    await store.datasets.use(used.id)
    clock.now += 29 * DAY
    fresh = await opened(store)
    await store.prune()
    assert len(await store.datasets.open()) == 2
    clock.now += 2 * DAY
    await store.prune()
    assert [each.id for each in await store.datasets.open()] == [fresh.id]
    assert not store.files.path(picture.digest).exists()
    assert len(await store.datasets.pictures(used.id)) == 1


async def test_data_sets_are_there_after_a_restart(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        made = await opened(store)
        pictures = await store.datasets.add_pictures(made.id, [handed_over(tmp_path, "a")])
    async with open_store(tmp_path / "data") as store:
        assert await store.datasets.get(made.id) == made
        assert await store.datasets.pictures(made.id) == pictures
