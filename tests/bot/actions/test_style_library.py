"""The library of styles: who finds which by what they type, and how soon."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.parameters import Parameters
from bot.actions.styles.library import StyleLibrary
from bot.actions.styles.names import TypedStyle, folded, last_piece, read_typed
from bot.errors import Refusal
from generation.protocol.options import ModelCard
from storage.store import Store, open_store
from storage.style_records import NewStyle, StyleKind, StyleOrigin, StyleScope, StyleState
from tests.bot.styled import SHARED, WORD, add_style

SERVER, MIA, KEN = 7, 1, 2
CARD = ModelCard(
    name="sd15",
    licence="",
    width=512,
    height=512,
    has_safety_checker=True,
    device="cpu",
    bases=("stable-diffusion-v1",),
)


def asker(member_id: int = MIA, **change: Any) -> Asker:
    return dataclasses.replace(
        Asker(member_id=member_id, server_id=SERVER, channel_id=1, locale="en-US"), **change
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "data") as store:
        yield store


@pytest.fixture
def library(store: Store) -> StyleLibrary:
    return StyleLibrary(store=store, model=lambda: CARD)


async def found(library: StyleLibrary, typed: str, who: Asker | None = None) -> list[str]:
    return [style.name for style in (await library.search(who or asker(), typed, 25)).styles]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("ink", ["ink", "Ink wash", "dark ink", "drinking", "blots"]),
        ("ＩＮＫ", ["ink", "Ink wash", "dark ink", "drinking", "blots"]),
        ("wash ink", ["Ink wash"]),
        ("すいさい", ["スイサイ画"]),
        ("ｽｲｻｲ", ["スイサイ画"]),
        ("画", ["スイサイ画"]),
        ("blotch", ["blots"]),
        ("none of these", []),
    ],
)
async def test_any_part_of_a_name_finds_a_style_the_best_match_first(
    store: Store, library: StyleLibrary, typed: str, names: list[str]
) -> None:
    for name in ("drinking", "dark ink", "Ink wash", "ink", "スイサイ画"):
        await add_style(store, SERVER, MIA, name)
    await add_style(store, SERVER, MIA, "blots", trigger="blotchy, spilt ink")
    assert await found(library, typed) == names


async def test_ones_own_and_those_used_last_come_first(store: Store, library: StyleLibrary) -> None:
    theirs = await add_style(store, SERVER, KEN, "ink a", scope=SHARED)
    await add_style(store, SERVER, KEN, "ink b", scope=SHARED)
    await add_style(store, SERVER, MIA, "ink z")
    assert await found(library, "ink") == ["ink z", "ink a", "ink b"]
    board = await store.boards.create(server_id=SERVER, channel_id=1, owner_id=MIA, group=False)
    round_ = await store.rounds.create(
        board_id=board.id,
        parameters={"styles": [{"style_id": theirs.id}], "count": 1},
    )
    await store.jobs.create(
        server_id=SERVER, channel_id=1, member_id=MIA, round_id=round_.id, locale="en"
    )
    assert await found(library, "") == ["ink a", "ink z", "ink b"]


async def test_nothing_of_others_is_found(store: Store, library: StyleLibrary) -> None:
    await add_style(store, SERVER, KEN, "kens ink")
    await add_style(store, SERVER + 1, MIA, "elsewhere", scope=SHARED)
    await add_style(store, SERVER, KEN, "for both", scope=StyleScope.PRIVATE, contributors=(MIA,))
    gone = await add_style(store, SERVER, MIA, "gone")
    await store.styles.set_state(gone.id, StyleState.WITHDRAWN)
    await add_style(store, DIRECT_MESSAGES, KEN, "in private", scope=SHARED)
    await add_style(
        store, DIRECT_MESSAGES, KEN, "the host's", scope=SHARED, origin=StyleOrigin.HOST
    )
    assert await found(library, "") == ["for both"]
    direct = asker(server_id=DIRECT_MESSAGES)
    assert await found(library, "", direct) == ["the host's"]
    for name in ("kens ink", "elsewhere", "gone", "in private"):
        with pytest.raises(Refusal) as refusal:
            await library.choose(asker(), name)
        assert "There is no style" in str(refusal.value)
    with pytest.raises(Refusal):
        await library.choose(direct, "in private")


async def test_names_that_differ_in_their_kana_alone_are_each_found(
    store: Store, library: StyleLibrary
) -> None:
    for name in ("スミ", "すみ"):
        await add_style(store, SERVER, MIA, name)
    for name, chosen in (("スミ", "スミ"), ("すみ", "すみ"), ("ｽﾐ:0.5", "スミ")):
        assert [each.name for each in await library.choose(asker(), name)] == [chosen]
    for name in ("スミ", "すみ"):
        parameters = Parameters(prompt=f"a star <lora:{name}:1>")
        checked = await library.check(asker(), parameters)
        assert [each.name for each in checked.parameters.styles] == [name]


async def test_styles_for_other_models_come_last_and_are_refused(
    store: Store, library: StyleLibrary
) -> None:
    await add_style(store, SERVER, MIA, "ink xl", architecture="stable-diffusion-xl-v1-base/lora")
    await add_style(store, SERVER, MIA, "ink shapes", base_model="shapes")
    await add_style(store, SERVER, KEN, "my ink", scope=SHARED, architecture="sd_v1")
    search = await library.search(asker(), "ink", 25)
    assert [style.name for style in search.styles] == ["my ink", "ink shapes", "ink xl"]
    assert sorted(search.made_for.values()) == ["Stable Diffusion XL", "shapes"]
    with pytest.raises(Refusal, match="made for Stable Diffusion XL, but sd15 is loaded"):
        await library.choose(asker(), "ink xl")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ink", [("ink", None)]),
        ("ink:0.8, oil", [("ink", 0.8), ("oil", None)]),
        ("ink 0.8; oil=-1", [("ink", 0.8), ("oil", -1)]),
        ("ｉｎｋ：０．８，oil", [("ink", 0.8), ("oil", None)]),
        ("ink:0,8, oil", [("ink", 0.8), ("oil", None)]),
        ("<lora:ink:0.5>", [("ink", 0.5)]),
        ("a, b: 2:0.5,ink", [("a, b: 2", 0.5), ("ink", None)]),
        ("v1.5", [("v1.5", None)]),
        ("水彩、、ink", [("水彩", None), ("ink", None)]),
        ("imk:0.8, ink", [("imk", None), ("ink", None)]),
        (" ,, ", []),
    ],
)
def test_what_is_typed_is_read_forgivingly(typed: str, read: list[tuple[str, float]]) -> None:
    names = {folded(name) for name in ("ink", "oil", "a, b: 2", "v1.5", "水彩")}
    assert list(read_typed(typed, lambda name: folded(name) in names)) == [
        TypedStyle(name, strength) for name, strength in read
    ]


def test_a_long_line_of_commas_is_read_in_no_time() -> None:
    began = time.perf_counter()
    list(read_typed("a," * 3000, lambda name: False))  # noqa: ARG005
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("", ("", "", "")),
        ("in", ("", "in", "")),
        ("ink:0.8, oi", ("ink:0.8, ", "oi", "")),
        ("ink、oil：0.5", ("ink、", "oil", ":0.5")),
        ("ink:", ("", "ink", "")),
    ],
)
def test_what_is_being_typed_is_the_last_of_several(
    typed: str, pieces: tuple[str, str, str]
) -> None:
    assert last_piece(typed) == pieces


async def test_a_thousand_styles_are_searched_while_somebody_types(
    store: Store, library: StyleLibrary
) -> None:
    digest = "0" * 64
    for number in range(1000):
        await store.styles.add(
            NewStyle(
                server_id=SERVER,
                owner_id=KEN,
                name=f"style {number} 墨絵 watercolour",
                kind=WORD if number % 10 == 0 else StyleKind.LORA,
                digest=digest,
                origin=StyleOrigin.UPLOADED,
                scope=SHARED,
                trigger=f"trigger{number}, brush strokes",
                evaluation={"curve": list(range(20))},
                contributors=(MIA, KEN),
            )
        )
    took = []
    counts = {"": 25, "7": 25, "style 99": 19, "墨絵": 25, "brush": 25, "WATER": 25, "r500": 1}
    for typed, count in counts.items():
        began = time.process_time()
        matching = await library.search(asker(), typed, 25)
        took.append(time.process_time() - began)
        assert len(matching.styles) == count
    # Of processor time, whatever else the machine does; measured are 33 milliseconds.
    assert statistics.median(took) < 0.1, took
