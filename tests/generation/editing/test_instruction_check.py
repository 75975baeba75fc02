"""Instructions that no edit can follow are told from those that it can.

The tables are ours: `develop`, `held_out` and `more` were written apart from the patterns,
`imagined` along with them, mostly of sentences that sound like the other sort. The patterns have
since been fitted to all four: what they reach here guards against losses, and foretells nothing.
`blind` was written by someone who never saw a pattern, and read only when they were finished: of
its 30 that cannot be done 29 were recognised, and of its 30 possible ones none was taken for one.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from generation.editing.instruction_check import english, japanese
from generation.editing.instruction_check.limits import ALL_THE_SAME, FAR, Beyond, beyond

TABLES = Path(__file__).parent / "instructions"
WRITTEN_APART = ("develop", "held_out", "more")
BLIND = ("blind",)
POSSIBLE = "possible"


def rows_of(*tables: str, language: str) -> list[tuple[str, str]]:
    """Return the instructions with their kinds."""
    rows: list[tuple[str, str]] = []
    for table in tables:
        with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
            rows += [
                (row["text"], row["kind"])
                for row in csv.DictReader(lines)
                if row["language"] == language
            ]
    return rows


def share(truths: list[bool]) -> float:
    return sum(truths) / len(truths)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("tables", [WRITTEN_APART, ("imagined",), BLIND], ids=" ".join)
def test_what_cannot_be_done_is_recognised_and_hardly_anything_else(
    tables: tuple[str, ...], language: str
) -> None:
    rows = rows_of(*tables, language=language)

    recognised = [beyond(text) is not None for text, kind in rows if kind != POSSIBLE]
    false_alarms = [beyond(text) is not None for text, kind in rows if kind == POSSIBLE]

    assert share(recognised) >= 0.9
    assert share(false_alarms) <= 0.05


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_recognised_is_called_by_its_name(language: str) -> None:
    rows = [row for row in rows_of(*WRITTEN_APART, language=language) if row[1] != POSSIBLE]

    assert share([beyond(text) == Beyond(kind) for text, kind in rows]) >= 0.9


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        ("show the house from behind", Beyond.VIEWPOINT),
        ("家を真上から見た感じにして", Beyond.VIEWPOINT),
        ("move the lamp to the left", Beyond.MOVING),
        ("ランプを左に動かして", Beyond.MOVING),
        ("swap the cat and the dog", Beyond.SWAPPING),
        ("猫と犬を入れ替えて", Beyond.SWAPPING),
        ("remove everything but the shoe", Beyond.ISOLATING),
        ("靴以外を消して", Beyond.ISOLATING),
    ],
)
def test_each_kind_in_both_languages(instruction: str, kind: Beyond) -> None:
    assert beyond(instruction) is kind


@pytest.mark.parametrize(
    "instruction",
    [
        *(
            "move it to the left",
            "Please shift it to the right.",
            "shift it",
            "slide them to the top",
        ),
        *("push her to the back", "left", "a bit to the left", "star to the left"),
        *("左へ", "少し右に", "左にシフトして", "星を上にずらして", "右側に動かしてください"),
    ],
)
def test_places_alone_are_moves(instruction: str) -> None:
    assert beyond(instruction) is Beyond.MOVING


@pytest.mark.parametrize(
    "instruction",
    [
        *("rotate", "rotate it", "rotate 45°", "rotate left", "rotate the star by 90 degrees"),
        *("turn left", "turn it to the right", "flip it", "mirror the star", "spin it", "tilt it"),
        *("回して", "少し回して", "回転させて", "90度回転", "星を傾けて", "逆さまに"),
    ],
)
def test_turning_is_a_viewpoint(instruction: str) -> None:
    assert beyond(instruction) is Beyond.VIEWPOINT


@pytest.mark.parametrize(
    "instruction",
    [
        "move it to winter",  # another season, not another place
        "swap the cat for a dog",  # one thing for another, not two places
        "make the car on the left red",
        "only make the sky darker, leave everything else as it is",
        "add a bird in the top left corner",
        "give him an old camera",
        "light from above",
        "make the background plain white",  # what a refusal proposes instead
        "make the left ball blue",
        *("move it to a beach", "shift the colours to blue", "turn the left star blue"),
        "背景を真っ白に",
        "左のボールを青に",
        "舞台を江戸時代に移して",
        "犬を猫に入れ替えて",
        "左の車を赤くして",
        "空だけ暗くして、他はそのまま",
        "左上に鳥を描いて",
        "上から雪を降らせて",
    ],
)
def test_what_only_sounds_like_it_is_let_through(instruction: str) -> None:
    assert beyond(instruction) is None


@pytest.mark.parametrize("start", ["", "make the photo ", "i want it to "])
@pytest.mark.parametrize(
    "look",
    [
        "look like it was shot on a Polaroid",
        "look as if it was shot on expired film",
        "look like it was taken with a disposable camera",
        "look like it was shot on a better camera",
        "look as though it had been taken with a different camera",
        "look like you shot it on a high end camera",
        "look like it was shot from an old Polaroid camera",
        "look like an old photo from a Polaroid camera",
        "look like a photo from an old newspaper",
        "look like a film photo from the nineties",
        "look like a picture from a fashion magazine",
        "look like a shot from a Wes Anderson movie",
        "look like a still from an old horror film",
        "look like a scene from a documentary",
        "look like footage from a camcorder",
        "look like a photo from my childhood",
        "look like a selfie from a cheap phone",
        "look like it was filmed on VHS",
        "look like a daguerreotype",
        "look like a long exposure shot",
        "look like it was shot through a rainy window",
        "look like it was photographed by a war reporter",
    ],
)
def test_looks_of_photographs_and_films_are_no_viewpoints(start: str, look: str) -> None:
    assert beyond(start + look) is None


@pytest.mark.parametrize(
    "instruction",
    [
        "ポラロイドで撮ったようにして",
        "ポラロイドカメラで撮影したみたいにして",
        "ポラロイド写真からスキャンしたように",
        "チェキで撮ったようにして",
        "使い捨てカメラで撮った風に",
        "別のカメラで撮ったようにして",
        "もっといいカメラで撮ったみたいに",
        "古いカメラで撮影したような写真にして",
        "フィルムカメラで撮った感じにして",
        "モノクロフィルムで撮ったように",
        "スマホで撮った写真みたいにして",
        "古い映画からのワンシーンのように",
        "ホラー映画の一コマに",
        "テレビ番組のワンシーンみたいに",
        "監視カメラの映像のように",
        "VHSで撮ったような映像にして",
        "雑誌から切り抜いた写真のようにして",
        "新聞の写真のように",
        "80年代に撮られた写真のように",
        "明治時代に撮影された写真のように",
        "長時間露光の写真のように",
        "戦場カメラマンが撮った写真のように",
    ],
)
def test_looks_of_photographs_are_no_viewpoints_in_japanese(instruction: str) -> None:
    assert beyond(instruction) is None


@pytest.mark.parametrize(
    "instruction",
    [
        "make it look like it was shot from above on a Polaroid",
        "make it look like it was shot on film from above",
        "as if shot on a Polaroid from below",
        "make it look like it was shot from behind on film",
        "make it look like it was shot from a low angle on a Polaroid",
        "make it look like it was taken from a helicopter",
        "a Polaroid shot from above",
        "shot from a camera on the floor",
        "a shot from a different camera angle",
        "a photo from the movie theater seat",
        "make it look like a photo taken from further away",
        "a shot from the roof",
        "use a different camera angle",
        "a wide angle shot on film",
        "ポラロイドで真上から撮ったように",
        "上から撮ったようにして",
        "ドローンで撮ったように",
        "斜め上から撮ったみたいに",
        "広角で撮ったように",
        "屋上から撮った感じに",
    ],
)
def test_what_a_picture_was_taken_with_hides_no_viewpoint(instruction: str) -> None:
    assert beyond(instruction) is Beyond.VIEWPOINT


@pytest.mark.parametrize(
    "instruction",
    [
        "the red ball blue and the blue ball red",
        "give him her hat and her his",
        "赤い丸を青に、青い丸を赤に",
    ],
)
def test_words_that_come_back_crosswise_ask_for_a_swap(instruction: str) -> None:
    assert beyond(instruction) is Beyond.SWAPPING


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mvoe the cat to the left", Beyond.MOVING),
        ("remvoe the backround", Beyond.ISOLATING),
        ("swich the cat and the dog", Beyond.SWAPPING),
        ("ＺＯＯＭ　ＯＵＴ", Beyond.VIEWPOINT),
        ("bird’s‐eye view", Beyond.VIEWPOINT),
        ("うしろから 見た 感じで", Beyond.VIEWPOINT),
        ("二つをいれかえて", Beyond.SWAPPING),
    ],
)
def test_slips_and_other_ways_to_write_a_word_are_understood(written: str, meant: Beyond) -> None:
    assert beyond(written) is meant


@pytest.mark.parametrize("instruction", ["add leaves", "a swamp", "an angel", "a stitch in red"])
def test_words_like_a_key_word_are_left_alone(instruction: str) -> None:
    assert beyond(instruction) is None


@pytest.mark.parametrize("mark", [ALL_THE_SAME, "！"])
def test_whoever_insists_has_it_tried(mark: str) -> None:
    assert beyond("zoom out") is Beyond.VIEWPOINT
    assert beyond(f" {mark} zoom out") is None


@pytest.mark.parametrize(
    "instruction", ["", " \n\t", "🦊🦊🦊", "?!", "\x00", "…", "{move}", "(((", "\\"]
)
def test_what_says_nothing_asks_for_nothing_impossible(instruction: str) -> None:
    assert beyond(instruction) is None


def test_an_essay_is_read_from_its_beginning() -> None:
    assert beyond("zoom out. " + "golden leaves everywhere, " * 60) is Beyond.VIEWPOINT
    assert beyond("golden leaves everywhere, " * 60 + "zoom out") is None
    assert len("golden leaves everywhere, " * 60) > FAR


@pytest.mark.parametrize(
    "piece",
    [
        "put the cat ",
        "swap the two and ",
        "make it ",
        "from the ",
        "a bit ",
        "get ",
        "x",
        "と",
        "右に",
        "だけ背景の",
        "をもっと",
    ],
)
def test_nothing_that_is_written_takes_long_to_read(piece: str) -> None:
    began = time.process_time()

    beyond((piece * 1500)[:1500])

    assert time.process_time() - began < 0.5


def test_both_vocabularies_know_every_kind() -> None:
    kinds = {kind.value for kind in Beyond}

    assert set(english.PATTERNS) == set(japanese.PATTERNS) == kinds
