"""Consent taken back: nothing of the pictures is left, and styles are made anew without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import StaleAttempt
from storage.records import JobState
from storage.store import Store, open_store
from storage.style_records import NewStyle, StyleKind, StyleOrigin, StyleState
from storage.training_records import DatasetState, RevocationCause, StyleFate
from tests.storage.learning import (
    begun,
    completed,
    digest_of,
    existing,
    of_both,
    picture_of,
    places_of,
    put_together,
    run_on,
    trained,
)
from tests.storage.painting import ANN, BEN, CAT, DAY, SERVER, Clock, begin_board, paint

BENS = (picture_of(BEN, 0), picture_of(BEN, 1), b"by member 2")
ANNS = (picture_of(ANN, 0), picture_of(ANN, 1), b"by member 1")


async def fates(store: Store) -> list[tuple[str, StyleFate]]:
    return [
        (outcome.name, outcome.fate)
        for revocation in await store.revocations.open()
        for outcome in revocation.outcomes
    ]


async def test_pictures_and_captions_are_gone_and_the_consent_is_dated(
    store: Store, data_dir: Path, clock: Clock
) -> None:
    dataset = await of_both(store)
    assert places_of(data_dir, *BENS)
    clock.now += 60

    [revocation] = await store.revocations.revoke(BEN, dataset_id=dataset.id)

    assert (revocation.dataset_id, revocation.cause) == (dataset.id, RevocationCause.CONSENT)
    assert revocation.digests == tuple(sorted(map(digest_of, BENS[:2])))
    assert [each.member_id for each in await store.datasets.pictures(dataset.id)] == [ANN, ANN]
    [anns, bens] = await store.consents.of_dataset(dataset.id)
    assert (anns.revoked_at, bens.revoked_at) == (None, clock.now)
    assert bens.words == "I, 2, agree."
    assert places_of(data_dir, *BENS) == [], "not even in the write-ahead log"
    assert places_of(data_dir, picture_of(ANN, 0))
    await store.revocations.clean(revocation)
    await store.revocations.done(revocation.id)
    assert await store.revocations.open() == []


async def test_a_data_set_closes_with_its_last_picture(store: Store) -> None:
    dataset = await of_both(store)

    await store.revocations.revoke(BEN, dataset_id=dataset.id)
    found = await store.datasets.get(dataset.id)
    assert found is not None
    assert found.state is DatasetState.OPEN
    await store.revocations.revoke(ANN, dataset_id=dataset.id)
    found = await store.datasets.get(dataset.id)
    assert found is not None
    assert found.state is DatasetState.CLOSED


async def test_nobody_takes_back_what_is_not_theirs(store: Store) -> None:
    dataset = await of_both(store)
    style = await trained(store, dataset)

    assert await store.revocations.revoke(CAT, dataset_id=dataset.id) == []
    assert await store.revocations.revoke(CAT, style_id=style.id) == []
    assert await store.revocations.revoke(CAT) == []
    assert await store.revocations.revoke(BEN, dataset_id=dataset.id + 1) == []
    assert await store.revocations.revoke(BEN, server_id=SERVER + 1) == []
    assert await existing(store, style.id) == style
    assert len(await store.datasets.pictures(dataset.id)) == 4


async def test_a_style_of_one_contributor_is_deleted(store: Store, data_dir: Path) -> None:
    dataset = await put_together(store, {ANN: ANNS[:2]})
    style = await trained(store, dataset, owner_id=CAT)
    adapter, sheet = (
        store.files.path(digest or "").read_bytes()
        for digest in (style.digest, style.preview_digest)
    )
    assert places_of(data_dir, adapter, sheet)

    [revocation] = await store.revocations.revoke(ANN, style_id=style.id)

    assert await store.styles.get(style.id) is None
    assert await store.trainings.checkpoints(style.job_id or 0) == []
    assert places_of(data_dir, adapter, sheet, b"adapter 2", b"sheet 2", *ANNS) == []
    assert await fates(store) == [("rocky", StyleFate.DELETED)]
    assert revocation.member_ids == (CAT,), "nobody is told of what they did themselves"
    assert await store.jobs.pending() == []


async def test_a_style_of_several_loses_its_file_and_is_made_anew_without_them(
    store: Store, data_dir: Path
) -> None:
    dataset = await of_both(store)
    style = await trained(store, dataset)
    learned = store.files.path(style.digest).read_bytes()
    await store.styles.set_channel(SERVER, 70, style.id)

    [revocation] = await store.revocations.revoke(BEN, dataset_id=dataset.id)

    withdrawn = await existing(store, style.id)
    assert (withdrawn.state, withdrawn.digest) == (StyleState.WITHDRAWN, "")
    assert (withdrawn.preview_digest, withdrawn.evaluation) == (None, {})
    assert withdrawn.contributors == (ANN,)
    assert places_of(data_dir, learned, b"adapter 2", b"sheet 2", b"sheet 4") == []
    assert await fates(store) == [("rocky", StyleFate.RETRAINED)]
    assert revocation.member_ids == (ANN,)
    assert await store.styles.of_digest(SERVER, ANN, style.digest) is None
    [job] = await store.jobs.pending()
    training = await store.trainings.of_job(job.id)
    first = await store.trainings.of_job(style.job_id or 0)
    assert training is not None
    assert first is not None
    assert (training.request, training.style_id) == (first.request, style.id)
    assert (job.channel_id, job.member_id, job.locale) == (70, ANN, "en")

    renewed = await completed(store, job, await run_on(store, job))

    assert (renewed.id, renewed.state, renewed.contributors) == (
        style.id,
        StyleState.READY,
        (ANN,),
    )
    assert store.files.path(renewed.digest).exists()
    assert renewed.digest != style.digest
    here = await store.styles.of_channel(SERVER, 70)
    assert here is not None
    assert here.style == renewed, "a channel's usual style stays it"


async def test_what_is_made_anew_is_what_would_have_come_without_them(store: Store) -> None:
    style = await trained(store, await of_both(store))
    alone = await trained(store, await put_together(store, {ANN: ANNS[:2]}, name="alone"))

    await store.revocations.revoke(BEN)
    [job] = await store.jobs.pending()
    renewed = await completed(store, job, await run_on(store, job))

    assert renewed.id == style.id
    assert renewed.digest == alone.digest


async def test_each_contributor_in_turn(store: Store) -> None:
    members = {member: [picture_of(member)] for member in (ANN, BEN, CAT)}
    dataset = await put_together(store, members)
    style = await trained(store, dataset)

    await store.revocations.revoke(BEN)
    [first] = await store.jobs.pending()
    attempt = await run_on(store, first)
    await store.revocations.revoke(CAT)
    [second] = await store.jobs.pending()
    with pytest.raises(StaleAttempt):
        await store.jobs.complete(first.id, attempt)
    assert second.id != first.id
    assert (await existing(store, style.id)).contributors == (ANN,)
    await store.revocations.revoke(ANN)

    assert await store.jobs.pending() == []
    assert await store.styles.get(style.id) is None
    assert await fates(store) == [
        ("rocky", StyleFate.RETRAINED),
        ("rocky", StyleFate.RETRAINED),
        ("rocky", StyleFate.DELETED),
    ]


async def test_what_will_come_of_it_is_known_before(store: Store) -> None:
    dataset = await of_both(store)
    style = await trained(store, dataset)

    [foreseen] = await store.revocations.foresee(BEN, dataset_id=dataset.id)

    assert await existing(store, style.id) == style
    assert len(await store.datasets.pictures(dataset.id)) == 4
    assert await store.revocations.open() == []
    assert await store.jobs.pending() == []
    assert store.files.path(style.digest).exists()
    [revoked] = await store.revocations.revoke(BEN, dataset_id=dataset.id)
    assert revoked == foreseen


async def test_a_training_under_way_begins_anew(store: Store, data_dir: Path) -> None:
    dataset = await of_both(store)
    job, attempt = await begun(store, dataset)

    [revocation] = await store.revocations.revoke(BEN)

    ended = await store.jobs.get(job.id)
    assert ended is not None
    assert ended.state is JobState.CANCELLED
    with pytest.raises(StaleAttempt):
        await store.trainings.checkpoint(job.id, attempt, step=6, scores={})
    assert await fates(store) == [("rocky", StyleFate.BEGUN_AGAIN)]
    [again] = await store.jobs.pending()
    training = await store.trainings.of_job(again.id)
    assert training is not None
    assert (training.dataset_id, training.style_id, training.retrains) == (dataset.id, None, False)
    assert revocation.job_ids == (job.id,)
    workspace = store.files.workspace(job.id)
    assert {path.parents[-2] for path in places_of(workspace, *BENS)}, "the generator uses it"
    await store.revocations.clean(revocation)
    assert places_of(data_dir, *BENS) == []


async def test_a_training_on_nobody_elses_pictures_ends(store: Store) -> None:
    await begun(store, await put_together(store, {ANN: ANNS[:2]}))

    await store.revocations.revoke(ANN)

    assert await store.jobs.pending() == []
    assert await fates(store) == [("rocky", StyleFate.ENDED)]


@pytest.mark.parametrize("why", ["too few are left", "the host wants it", "no grant any more"])
async def test_styles_are_deleted_where_they_cannot_be_made_anew(store: Store, why: str) -> None:
    dataset = await of_both(store)
    style = await trained(store, dataset)
    if why == "no grant any more":
        await store.training_rights.grant(SERVER, granted=False)

    await store.revocations.revoke(
        BEN, retrain=why != "the host wants it", least=3 if why == "too few are left" else 1
    )

    assert await store.styles.get(style.id) is None
    assert await store.jobs.pending() == []
    assert [each.member_id for each in await store.datasets.pictures(dataset.id)] == [ANN, ANN]


async def test_a_style_that_cannot_be_made_anew_waits_for_another_try(store: Store) -> None:
    style = await trained(store, await of_both(store))
    [revocation] = await store.revocations.revoke(BEN)
    await store.revocations.done(revocation.id)
    [job] = await store.jobs.pending()
    assert await store.revocations.settle() == []
    assert not await store.revocations.retrain(style.id), "it is under way"
    await store.jobs.fail(job.id, "memory")

    [settled] = await store.revocations.settle()

    assert (settled.cause, settled.member_ids) == (RevocationCause.TRAINING, (ANN,))
    assert await fates(store) == [("rocky", StyleFate.FAILED)]
    assert settled.outcomes[0].style_id == style.id
    assert await store.revocations.settle() == [], "they are told once"
    assert (await existing(store, style.id)).state is StyleState.WITHDRAWN
    assert await store.revocations.retrain(style.id)
    assert not await store.revocations.retrain(style.id)
    [again] = await store.jobs.pending()
    renewed = await completed(store, again, await run_on(store, again))
    assert (renewed.id, renewed.state) == (style.id, StyleState.READY)
    assert not await store.revocations.retrain(style.id)


async def test_a_style_goes_with_its_training_anew_if_that_is_cancelled(store: Store) -> None:
    style = await trained(store, await of_both(store))
    [revocation] = await store.revocations.revoke(BEN)
    await store.revocations.done(revocation.id)
    [job] = await store.jobs.pending()
    await store.jobs.cancel(job.id)

    await store.revocations.settle()

    assert await fates(store) == [("rocky", StyleFate.DELETED)]
    assert await store.styles.get(style.id) is None


@pytest.mark.parametrize("others", [True, False])
async def test_whole_models_go_and_are_made_anew(store: Store, others: bool) -> None:
    dataset = await (of_both(store) if others else put_together(store, {BEN: BENS[:2]}))
    job, attempt = await begun(store, dataset)
    made, another = store.files.models / f"rocky-{job.id}", store.files.models / f"rocky-1{job.id}"
    for folder in (made, another):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")
    await store.jobs.complete(job.id, attempt, result={"model": f"KONOMI_MODEL={made}"})

    [revocation] = await store.revocations.revoke(BEN)
    await store.revocations.clean(revocation)

    assert (made.exists(), another.exists()) == (False, True)
    fate = StyleFate.MODEL_RETRAINED if others else StyleFate.MODEL_DELETED
    assert await fates(store) == [("rocky", fate)]
    assert len(await store.jobs.pending()) == others


async def test_a_style_is_untouched_by_pictures_that_it_never_saw(store: Store) -> None:
    dataset = await put_together(store, {ANN: ANNS[:2], BEN: BENS[:1]})
    [*_, bens] = await store.datasets.pictures(dataset.id)
    await store.datasets.drop(bens.id, "blurred")
    style = await trained(store, dataset)

    await store.revocations.revoke(BEN)

    assert await existing(store, style.id) == style
    assert len(await store.trainings.checkpoints(style.job_id or 0)) == 2
    assert len(await store.datasets.pictures(dataset.id)) == 2


async def test_a_duplicate_is_trained_on_once_the_other_is_gone_if_its_member_agreed(
    store: Store,
) -> None:
    dataset = await put_together(
        store, {ANN: [b"the same"], BEN: [b"the same"], CAT: [b"another"]}, consents=False
    )
    for member in (ANN, CAT):
        await store.consents.give(dataset.id, member, "I agree.", "en")
    bens = (await store.datasets.pictures(dataset.id))[1]
    await store.datasets.drop(bens.id, "duplicate")
    await trained(store, dataset)

    await store.revocations.revoke(ANN)

    assert [each.member_id for each in await store.datasets.pictures(dataset.id)] == [CAT]


async def test_copies_of_a_style_go_wherever_they_are(store: Store) -> None:
    style = await trained(store, await of_both(store))
    other, stranger = [
        await store.styles.add(
            NewStyle(
                server_id=SERVER + 1,
                owner_id=CAT,
                name=name,
                kind=StyleKind.LORA,
                digest=digest,
                origin=StyleOrigin.UPLOADED,
            )
        )
        for name, digest in (("copy", style.digest), ("other", digest_of(b"elsewhere")))
    ]

    [revocation] = await store.revocations.revoke(BEN)

    assert await store.styles.get(other.id) is None
    assert await store.styles.get(stranger.id) == stranger
    assert revocation.member_ids == (ANN,), "nothing is said of another server's"
    assert await fates(store) == [("rocky", StyleFate.RETRAINED)]


async def test_the_same_bytes_stay_for_whoever_else_has_them(store: Store) -> None:
    same = picture_of(BEN)
    dataset = await put_together(store, {ANN: [same], BEN: [same]})

    await store.revocations.revoke(BEN)

    [anns] = await store.datasets.pictures(dataset.id)
    assert (anns.member_id, store.files.path(anns.digest).read_bytes()) == (ANN, same)
    await store.revocations.revoke(ANN)
    assert not store.files.path(anns.digest).exists()


async def test_pictures_of_konomis_stay_where_they_were_posted(store: Store) -> None:
    _, [image] = await paint(store, await begin_board(store), count=1)
    assert image.digest is not None
    content = store.files.path(image.digest).read_bytes()
    dataset = await put_together(store, {ANN: [content]}, images={content: image.id})

    await store.revocations.revoke(ANN)

    assert await store.datasets.pictures(dataset.id) == []
    assert store.files.path(image.digest).read_bytes() == content


async def test_all_at_once_or_those_in_a_server(store: Store) -> None:
    here = [await of_both(store), await of_both(store)]
    elsewhere = await store.datasets.create(SERVER + 1, 71, BEN, "en", {})
    await store.consents.give(elsewhere.id, BEN, "I agree.", "en")

    revoked = await store.revocations.revoke(BEN, server_id=SERVER)
    assert [each.dataset_id for each in revoked] == [dataset.id for dataset in here]
    revoked = await store.revocations.revoke(BEN)
    assert [each.dataset_id for each in revoked] == [elsewhere.id]
    assert await store.revocations.revoke(BEN) == []


async def test_pictures_without_consent_can_be_taken_back_too(store: Store) -> None:
    dataset = await put_together(store, {ANN: ANNS[:1], BEN: BENS[:1]}, consents=False)

    [revocation] = await store.revocations.revoke(BEN)

    assert revocation.dataset_id == dataset.id
    assert [each.member_id for each in await store.datasets.pictures(dataset.id)] == [ANN]


async def test_a_deleted_picture_leaves_data_sets_and_the_training_under_way(
    store: Store, data_dir: Path
) -> None:
    round_, [deleted] = await paint(store, await begin_board(store), count=1)
    assert deleted.digest is not None
    content = store.files.path(deleted.digest).read_bytes()
    images = {content: deleted.id}
    dataset = await put_together(
        store, {ANN: [content], BEN: BENS[:1]}, images=images, name="other"
    )
    finished = await trained(store, await put_together(store, {ANN: [content]}, images=images))
    job, _ = await begun(store, dataset)

    await store.rounds.delete(round_.id)

    assert [each.member_id for each in await store.datasets.pictures(dataset.id)] == [BEN]
    assert await fates(store) == [("other", StyleFate.BEGUN_AGAIN)]
    assert job.id not in [each.id for each in await store.jobs.pending()]
    assert await existing(store, finished.id) == finished, "consent is what a style is bound to"
    for revocation in await store.revocations.open():
        assert revocation.cause is RevocationCause.PICTURE
        await store.revocations.clean(revocation)
    assert places_of(data_dir, content) == []


async def test_a_style_goes_when_the_last_of_its_pictures_is_deleted_while_it_is_made_anew(
    store: Store,
) -> None:
    round_, [image] = await paint(store, await begin_board(store), count=1)
    assert image.digest is not None
    content = store.files.path(image.digest).read_bytes()
    images = {content: image.id}
    dataset = await put_together(store, {ANN: [content], BEN: BENS[:1]}, images=images)
    style = await trained(store, dataset)
    await store.revocations.revoke(BEN)

    await store.rounds.delete(round_.id)

    assert await store.styles.get(style.id) is None
    assert await store.jobs.pending() == []


async def test_pictures_that_are_pruned_stay_in_their_data_sets(store: Store, clock: Clock) -> None:
    _, [image] = await paint(store, await begin_board(store), count=1)
    assert image.digest is not None
    content = store.files.path(image.digest).read_bytes()
    dataset = await put_together(store, {ANN: [content]}, images={content: image.id})
    await store.datasets.use(dataset.id)
    clock.now += 100 * DAY

    await store.prune(retention_days=90)

    assert await store.images.get(image.id) is None
    [kept] = await store.datasets.pictures(dataset.id)
    assert (kept.image_id, store.files.path(kept.digest).read_bytes()) == (None, content)


async def test_what_a_stop_left_on_the_disk_goes_at_the_next_start(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        dataset = await of_both(store)
        job, _ = await begun(store, dataset)
        [revocation] = await store.revocations.revoke(BEN)
        # As if it had been killed before the files went.
        path = store.files.path(revocation.digests[0])
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(BENS[0])
        assert places_of(store.files.workspace(job.id), *BENS)
        (store.files.scratch() / "on its way in").write_bytes(BENS[1])

    async with open_store(data_dir) as store:
        assert places_of(data_dir, *BENS) == []
        assert not store.files.work.joinpath(str(job.id)).exists()
        assert await store.revocations.open() == [revocation], "others are still to be told"
