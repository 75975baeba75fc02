"""Training folders from rows: the same bytes each time, and as if nobody else had been there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from bot.actions.training.choice import (
    ALIKE,
    DUPLICATE,
    REMOVED,
    SMALL,
    caption_of,
    is_blurred,
    judged,
    kept,
    too_small,
    uncaptioned,
)
from bot.actions.training.folders import write_folder
from bot.actions.training.plans import Plan
from generation.training.data.folders import read_folder
from generation.training.methods.edit import read_pairs
from generation.training.preference.ratings import ratings_of
from storage.training_records import DatasetPicture
from tests.bot.actions.training.rows import row
from tests.bot.painter import png

PLAN = Plan(method="lora", name="Rocky", trigger="rocky", class_word="shape")
GREY, RED = "80" * 192, "ff0000" * 64


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def stored(folder: Path, pictures: Sequence[bytes]) -> list[str]:
    """Put pictures where a store has them, and return their digests."""
    folder.mkdir(exist_ok=True)
    digests = [hashlib.sha256(each).hexdigest() for each in pictures]
    for digest, picture in zip(digests, pictures, strict=True):
        (folder / digest).write_bytes(picture)
    return digests


def hashed(position: int, phash: int, colours: str = GREY, **fields: object) -> DatasetPicture:
    return row(position, facts={"phash": f"{phash:016x}", "colours": colours}, **fields)


def test_the_same_file_and_near_duplicates_are_used_once() -> None:
    other = "00" * 24 + "80" * 168
    same, near = hashed(1, 2**50 - 1), hashed(2, 2**ALIKE - 1, other)
    far = hashed(3, 2 ** (ALIKE + 1) - 1, other)
    coloured = hashed(4, 0, RED)
    rows = [hashed(0, 0), same, near, far, coloured, row(5, "0")]

    assert [why for _, why in judged(rows)] == [None, DUPLICATE, DUPLICATE, None, None, DUPLICATE]


def test_what_was_a_copy_of_a_picture_that_is_gone_is_used() -> None:
    theirs = hashed(0, 0, member_id=2)
    mine = hashed(1, 1, dropped=DUPLICATE)

    assert kept([theirs, mine]) == [theirs]
    assert [each.id for each in kept([mine])] == [mine.id]


def test_pictures_left_out_stay_out_and_hide_no_copy() -> None:
    rows = [hashed(0, 0, dropped=REMOVED), hashed(1, 0), hashed(2, 0, dropped=SMALL)]

    assert [why for _, why in judged(rows)] == [REMOVED, None, SMALL]


def test_a_pair_is_used_whole_or_not_at_all() -> None:
    rows = [
        row(0, facts={"pair": "a", "side": "before"}),
        row(1, facts={"pair": "a", "side": "after"}, dropped=REMOVED),
        row(2, "0", facts={"pair": "b", "side": "before"}),
        row(3, facts={"pair": "b", "side": "after"}),
    ]

    assert [each.position for each in kept(rows)] == [2, 3]


def test_small_and_blurred_pictures_are_known_by_their_facts() -> None:
    assert too_small({"width": 47, "height": 96}, 96)
    assert not too_small({"width": 48, "height": 480}, 96)
    assert not too_small({}, 96)
    assert is_blurred(row(0, facts={"sharpness": 0.01}))
    assert not is_blurred(row(0, facts={"sharpness": 0.1}))
    assert not is_blurred(row(0))


def test_the_trigger_stands_in_every_caption() -> None:
    assert caption_of(PLAN, row(0)) == "a rocky shape"
    assert caption_of(PLAN, row(0, caption="a red  Rocky\nshape")) == "a red Rocky shape"
    assert caption_of(PLAN, row(0, caption="on grass")) == "rocky shape, on grass"
    taste = Plan(method="taste", name="Mine")
    assert caption_of(taste, row(0, caption="a red star")) == "a red star"


def test_captions_of_ones_own_are_missed_only_where_they_are_wanted() -> None:
    rows = [row(0), row(1, caption="on grass")]
    own = Plan(method="lora", name="Rocky", trigger="rocky", captions="own")
    assert uncaptioned(PLAN, rows) == []
    assert uncaptioned(own, rows) == rows[:1]


def test_the_folder_is_what_the_training_reads(tmp_path: Path) -> None:
    pictures = [png((number * 40, 20, 30)) for number in range(3)]
    digests = stored(tmp_path / "files", pictures)
    rows = [
        row(0, digest=digests[0]),
        row(1, digest=digests[1], dropped=REMOVED),
        row(2, digest=digests[2], caption="on grass"),
    ]

    assert write_folder(tmp_path / "data", PLAN, rows, (tmp_path / "files").joinpath) == 2

    examples, remarks = read_folder(tmp_path / "data")
    assert [(each.name, each.digest, each.caption) for each in examples] == [
        ("0001.png", digests[0], "a rocky shape"),
        ("0002.png", digests[2], "rocky shape, on grass"),
    ]
    assert remarks == []


def test_the_same_rows_make_the_same_bytes_whatever_lay_there(tmp_path: Path) -> None:
    digests = stored(tmp_path / "files", [png((1, 2, 3)), png((200, 2, 3))])
    rows = [row(number, digest=digest) for number, digest in enumerate(digests)]
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "old.png").write_bytes(b"of another member")

    write_folder(tmp_path / "one", PLAN, rows, (tmp_path / "files").joinpath)
    write_folder(tmp_path / "other", PLAN, list(reversed(rows)), (tmp_path / "files").joinpath)

    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_without_a_member_it_is_as_if_they_had_never_been_there(tmp_path: Path) -> None:
    """Their pictures hide copies and take numbers; both end with them."""
    pictures = [png((number * 60, 20, 30)) for number in range(4)]
    digests = stored(tmp_path / "files", pictures)
    facts = [{"phash": f"{0:016x}", "colours": shade * 192} for shade in ("10", "10", "60", "b0")]
    rows = [
        row(place, digest=digest, facts=fact, member_id=2 if place in (0, 2) else 1)
        for place, (digest, fact) in enumerate(zip(digests, facts, strict=True))
    ]
    rows = [
        row(
            each.position,
            digest=each.digest,
            facts=each.facts,
            member_id=each.member_id,
            dropped=why,
        )
        for each, why in judged(rows)
    ]
    assert rows[1].dropped == DUPLICATE
    left = [each for each in rows if each.member_id == 1]
    never = [row(place, digest=each.digest, facts=each.facts) for place, each in enumerate(left)]

    write_folder(tmp_path / "left", PLAN, left, (tmp_path / "files").joinpath)
    write_folder(tmp_path / "never", PLAN, never, (tmp_path / "files").joinpath)

    assert contents(tmp_path / "left") == contents(tmp_path / "never")
    assert len(contents(tmp_path / "left")) == 3


def test_a_taste_is_read_with_its_ratings_seeds_and_rounds(tmp_path: Path) -> None:
    digests = stored(tmp_path / "files", [png((1, 2, 3)), png((200, 2, 3))])
    rows = [
        row(0, digest=digests[0], rating=1, caption="a star", facts={"seed": 5, "round": 9}),
        row(1, digest=digests[1], rating=-1, caption="a heart", facts={"seed": 6, "round": 9}),
    ]
    plan = Plan(method="taste", name="Mine", liked=1, disliked=1)

    write_folder(tmp_path / "data", plan, rows, (tmp_path / "files").joinpath)

    rated = ratings_of(read_folder(tmp_path / "data")[0])
    assert [(each.liked, each.example.caption, each.seed, each.round) for each in rated] == [
        (True, "a star", 5, 9),
        (False, "a heart", 6, 9),
    ]


def test_pairs_are_read_with_their_instructions(tmp_path: Path) -> None:
    digests = stored(tmp_path / "files", [png((1, 2, 3)), png((200, 2, 3))])
    rows = [
        row(0, digest=digests[0], facts={"pair": "a", "side": "before"}),
        row(1, digest=digests[1], facts={"pair": "a", "side": "after"}, caption="make it red"),
    ]
    plan = Plan(method="edit", name="Edits")

    assert write_folder(tmp_path / "data", plan, rows, (tmp_path / "files").joinpath) == 1

    [pair] = read_pairs(tmp_path / "data")
    assert pair.caption == "make it red"
    line = json.loads((tmp_path / "data" / "metadata.jsonl").read_text())
    assert (tmp_path / "data" / line["input_image"]).read_bytes() == png((1, 2, 3))
