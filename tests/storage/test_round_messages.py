"""All that a round's message shows, read at once: the same as what is read piece by piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.gestures import SHEET
from storage.records import ImagePlace, NewSource, Round, RoundMessage, Steer
from storage.store import Store
from tests.storage.painting import (
    ANN,
    BEN,
    CAT,
    SERVER,
    Clock,
    begin_board,
    begin_job,
    paint,
    picture,
)


async def shown(store: Store, round_: Round, part: int = 0) -> RoundMessage:
    message = await store.rounds.shown(round_.id, part)
    assert message is not None
    return message


async def test_it_is_what_its_parts_are(store: Store, clock: Clock) -> None:
    clock.now += 0.123456789
    board = await begin_board(store, group=True)
    painting, _ = await paint(store, board, count=6, strip=True)
    await paint(store, board)

    message = await shown(store, painting, 1)

    assert message.round == await store.rounds.get(painting.id)
    assert message.board == await store.boards.get(board.id)
    assert message.images == await store.images.of_round(painting.id)
    assert (message.part, message.steers, message.source) == (1, [], None)


async def test_votes_are_those_of_the_part(store: Store) -> None:
    painting, images = await paint(store, await begin_board(store), count=6)
    for member, place, value in ((ANN, 0, 1), (BEN, 0, 1), (CAT, 0, -1), (ANN, 4, -1)):
        await store.ratings.press(SERVER, images[place].id, member, value)

    votes = [(await shown(store, painting, part)).votes for part in (0, 1, SHEET)]

    ids = [image.id for image in images]
    assert votes == [
        {ids[0]: (2, 1), ids[1]: (0, 0), ids[2]: (0, 0), ids[3]: (0, 0)},
        {ids[4]: (0, 1), ids[5]: (0, 0)},
        {},
    ]


async def test_what_steers_comes_in_its_order_with_its_place(store: Store) -> None:
    board, other = await begin_board(store), await begin_board(store, owner=BEN)
    _, first = await paint(store, board)
    await paint(store, other)
    _, third = await paint(store, other)
    steers = [
        Steer(image_id=third[2].id, value=-1, weight=1 / 3),
        Steer(image_id=first[1].id, value=1, weight=0.8**3),
        Steer(image_id=first[0].id, value=1, weight=1.0),
    ]
    painting, job = await begin_job(store, board, count=1, steers=steers)
    attempt = await store.jobs.begin(job.id)
    folder = store.files.workspace(job.id)
    await store.jobs.finish(job.id, attempt, [picture(folder, "0.png", b"zero")])

    message = await shown(store, painting)

    assert [steer for steer, _ in message.steers] == steers
    assert [steer for steer, _ in message.steers] == await store.rounds.steers(painting.id)
    assert [place for _, place in message.steers] == [
        ImagePlace(round_number=2, position=2, board_id=other.id, owner_id=BEN),
        ImagePlace(round_number=1, position=1, board_id=board.id, owner_id=ANN),
        ImagePlace(round_number=1, position=0, board_id=board.id, owner_id=ANN),
    ]


async def test_the_picture_that_it_begins_from_is_named_while_it_is_there(store: Store) -> None:
    theirs = await begin_board(store, owner=BEN)
    parent, images = await paint(store, theirs)
    board = await begin_board(store)
    painting, _ = await paint(store, board, source=NewSource(image_id=images[3].id))

    assert (await shown(store, painting)).source == ImagePlace(
        round_number=1, position=3, board_id=theirs.id, owner_id=BEN
    )
    await store.rounds.delete(parent.id)
    left = await shown(store, painting)
    assert left.source is None
    assert left.round.source_digest is not None
    assert left.images == await store.images.of_round(painting.id)


async def test_one_from_an_upload_names_no_picture(store: Store, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"an upload")
    source = NewSource(path=tmp_path / "upload")
    painting, _ = await paint(store, await begin_board(store), source=source)

    assert (await shown(store, painting)).source is None


@pytest.mark.parametrize("part", [0, SHEET])
async def test_a_round_that_is_gone_or_has_no_pictures_has_no_message(
    store: Store, part: int
) -> None:
    board = await begin_board(store)
    _, images = await paint(store, board)
    steer = Steer(image_id=images[0].id, value=1, weight=1.0)
    waiting, _ = await begin_job(
        store, board, steers=[steer], source=NewSource(image_id=images[1].id)
    )

    assert await store.rounds.shown(waiting.id, part) is None
    assert await store.rounds.shown(9999, part) is None
