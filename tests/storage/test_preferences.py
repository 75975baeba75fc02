"""Members' preferences: one row for a member in a server, changed in one piece."""

from __future__ import annotations

import asyncio
from pathlib import Path

from storage.store import open_store


async def test_they_outlive_the_run_and_do_not_cross_servers(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        assert await store.preferences.get(1, 7) == {}
        changed = await store.preferences.change(1, 7, {"size": "縦長", "steps": 30})
        assert changed == {"size": "縦長", "steps": 30}
        await store.preferences.change(0, 7, {"steps": 4})
        await store.preferences.change(1, 8, {"steps": 5})
    async with open_store(tmp_path) as store:
        assert await store.preferences.get(1, 7) == {"size": "縦長", "steps": 30}
        await store.preferences.change(1, 7, {"size": None, "guidance": 2.5})
        assert await store.preferences.get(1, 7) == {"steps": 30, "guidance": 2.5}
        await store.preferences.forget(1, 7)
        assert await store.preferences.get(1, 7) == {}
        assert await store.preferences.get(0, 7) == {"steps": 4}
        assert await store.preferences.get(1, 8) == {"steps": 5}


async def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        names = [f"setting {number}" for number in range(8)]
        await asyncio.gather(*(store.preferences.change(1, 7, {name: 1}) for name in names))
        assert await store.preferences.get(1, 7) == dict.fromkeys(names, 1)
