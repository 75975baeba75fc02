from __future__ import annotations

from bot.playground import face
from generation.metadata.record import Record, read_file
from tests.demo.conftest import Open
from tests.demo.test_server import opened_page


def test_the_face_was_painted_by_konomi_as_the_guide_says() -> None:
    record = read_file(face.FILE)
    assert isinstance(record, Record)
    assert (record.model, record.prompt, record.seed) == (
        "shapes",
        "a red heart on a yellow background",
        2,
    )


async def test_the_bot_shows_its_face(open_playground: Open) -> None:
    async with open_playground() as playground, opened_page(playground) as browser:
        (welcome,) = browser.state["messages"].values()
        author = welcome["author"]
        assert author["avatar_kind"] == "custom"
        _, _, picture = await browser.ask("GET", f"/api/assets/{author['avatar']}")
        assert picture == face.FILE.read_bytes()
