"""Styles: names, who sees which, and the files that go with them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from storage.errors import Missing, NameTaken
from storage.store import Store, open_store
from storage.style_records import NewStyle, StyleKind, StyleOrigin, StyleScope, StyleState

SERVER, MIA, KEN, ANN = 7, 1, 2, 3


def kept(store: Store, folder: Path, name: str) -> str:
    """Adopt a file of the adapter's name and return its digest."""
    path = folder / name
    path.write_bytes(name.encode())
    digest = store.files.settle(path)
    store.files.adopt(path, digest)
    return digest


async def added(store: Store, folder: Path, name: str, **changes: Any) -> Any:
    fields: dict[str, Any] = {
        "server_id": SERVER,
        "owner_id": MIA,
        "name": name,
        "kind": StyleKind.LORA,
        "digest": kept(store, folder, name),
        "origin": StyleOrigin.TRAINED,
    }
    return await store.styles.add(NewStyle(**(fields | changes)))


async def test_a_style_is_seen_by_whom_it_is_for(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        mine = await added(store, tmp_path, "ink")
        private = await added(
            store, tmp_path, "wash", scope=StyleScope.PRIVATE, contributors=(KEN,)
        )
        shared = await added(store, tmp_path, "oil", scope=StyleScope.SERVER)
        assert await store.styles.seen(SERVER, MIA) == [mine, shared, private]
        assert await store.styles.seen(SERVER, KEN) == [shared, private]
        assert await store.styles.seen(SERVER, ANN) == [shared]
        assert await store.styles.seen(SERVER + 1, MIA) == []
        assert await store.styles.named(SERVER, KEN, "wash") == private
        assert await store.styles.named(SERVER, ANN, "wash") is None
        assert await store.styles.of_digest(SERVER, ANN, mine.digest) is None
        assert await store.styles.of_digest(SERVER + 1, MIA, mine.digest) is None


async def test_names_are_compared_without_case_width_or_space(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        await added(store, tmp_path, "Ink")
        with pytest.raises(NameTaken):
            await added(store, tmp_path, " ｉＮＫ ")
        found = await store.styles.named(SERVER, MIA, "INK")
        assert found is not None
        assert found.name == "Ink"


async def test_two_members_may_have_a_style_of_one_name_until_both_share_it(
    tmp_path: Path,
) -> None:
    async with open_store(tmp_path / "data") as store:
        await added(store, tmp_path, "ink", scope=StyleScope.SERVER)
        theirs = await added(store, tmp_path, "ink", owner_id=KEN)
        assert await store.styles.named(SERVER, KEN, "ink") == theirs
        with pytest.raises(NameTaken):
            await store.styles.share(theirs.id, StyleScope.SERVER)
        renamed = await store.styles.rename(theirs.id, "brush")
        assert (await store.styles.share(renamed.id, StyleScope.SERVER)).scope is StyleScope.SERVER
        with pytest.raises(NameTaken):
            await store.styles.rename(renamed.id, "INK")


async def test_a_withdrawn_style_is_not_ready(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        style = await added(store, tmp_path, "ink")
        await store.styles.set_state(style.id, StyleState.WITHDRAWN)
        assert await store.styles.seen(SERVER, MIA, state=StyleState.READY) == []
        assert len(await store.styles.seen(SERVER, MIA)) == 1


async def test_the_file_goes_with_the_last_style_that_has_it(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        one = await added(store, tmp_path, "ink")
        other = await added(store, tmp_path, "brush", digest=one.digest)
        assert await store.styles.delete(one.id)
        assert store.files.path(one.digest).exists()
        assert await store.styles.delete(other.id)
        assert not store.files.path(one.digest).exists()
        assert not await store.styles.delete(other.id)


async def test_another_checkpoint_takes_the_place_of_the_file(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        style = await added(store, tmp_path, "ink")
        later = kept(store, tmp_path, "later")
        changed = await store.styles.replace_file(style.id, later, evaluation={"step": 200})
        assert changed.digest == hashlib.sha256(b"later").hexdigest()
        assert changed.evaluation == {"step": 200}
        assert not store.files.path(style.digest).exists()
        with pytest.raises(Missing):
            await store.styles.replace_file(style.id + 1, later)


async def test_a_channel_has_a_usual_style_until_that_is_deleted(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        style = await added(store, tmp_path, "ink", scope=StyleScope.SERVER)
        await store.styles.set_channel(SERVER, 5, style.id, 0.6)
        usual = await store.styles.of_channel(SERVER, 5)
        assert usual is not None
        assert (usual.style, usual.strength) == (style, 0.6)
        assert await store.styles.of_channel(SERVER, 6) is None
        await store.styles.delete(style.id)
        assert await store.styles.of_channel(SERVER, 5) is None


async def test_a_style_knows_its_contributors_and_its_job(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        style = await added(store, tmp_path, "ink", contributors=(KEN, MIA, KEN), job_id=4)
        assert style.contributors == (MIA, KEN)
        assert await store.styles.of_job(4) == style


async def test_training_is_granted_apart_from_what_a_server_chooses(tmp_path: Path) -> None:
    async with open_store(tmp_path / "data") as store:
        rights = store.training_rights
        assert not (await rights.get(SERVER)).granted
        await rights.choose(SERVER, roles=(11, 12), member_tastes=True)
        assert not (await rights.get(SERVER)).granted
        await rights.grant(SERVER)
        granted = await rights.get(SERVER)
        assert (granted.granted, granted.roles, granted.member_tastes) == (True, (11, 12), True)
        assert [each.server_id for each in await rights.granted()] == [SERVER]
        await rights.grant(SERVER, granted=False)
        withdrawn = await rights.get(SERVER)
        assert (withdrawn.granted, withdrawn.roles) == (False, (11, 12))
        assert await rights.granted() == []
