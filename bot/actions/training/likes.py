"""Pictures of Konomi's that a member rated, as a data set; only what the member may see here."""

from __future__ import annotations

from bot.actions.asker import Asker
from bot.actions.sight import Sight
from bot.actions.source_options import members_words
from bot.actions.training.plans import Plan
from bot.errors import Refusal
from bot.text.training import datasets as text
from storage.records import Image
from storage.store import Store
from storage.training_records import DatasetPicture, NewDatasetPicture

MOST_OF_A_KIND = 100
"""Liked and disliked pictures of a data set, the newest."""


class Likes:
    """Gathers the pictures that a member rated for data sets, and says which of them are shown."""

    def __init__(self, store: Store, sight: Sight) -> None:
        self._store = store
        self._sight = sight

    async def gather(self, asker: Asker, plan: Plan) -> list[NewDatasetPicture]:
        """Return the pictures that a member liked, oldest first; for a taste disliked ones, too.

        `Refusal` if there is none.
        """
        liked = await self._rated(asker, 1)
        if not liked:
            raise Refusal(text.NO_LIKES)
        disliked = await self._rated(asker, -1) if plan.method == "taste" else []
        rated = [(image, 1) for image in liked] + [(image, -1) for image in disliked]
        rated.sort(key=lambda each: each[0].id)
        return [_copy(asker, image, value) for image, value in rated]

    async def _rated(self, asker: Asker, value: int) -> list[Image]:
        images = await self._store.ratings.of_member(asker.server_id, asker.member_id, value)
        seen = await self._sight.among(asker, {image.round_id for image in images})
        hidden = await self._sight.hidden(asker, images)
        shown = [each for each in images if each.round_id in seen and each.id not in hidden]
        return shown[:MOST_OF_A_KIND]

    async def shows(self, asker: Asker, picture: DatasetPicture) -> bool:
        """Return True unless the content filter hides a picture of a data set here."""
        try:
            await self._sight.allow_source(asker, picture.digest)
        except Refusal:
            return False
        return True


def _copy(asker: Asker, image: Image, value: int) -> NewDatasetPicture:
    """Return a rated picture for a data set: its file stays in the store, its prompt describes it.

    The seed tells the noise that it began from, unless it began from another picture.
    """
    facts = {
        "width": image.width,
        "height": image.height,
        "round": image.round_id,
    }
    if "source" not in image.parameters:
        facts["seed"] = image.seed
    return NewDatasetPicture(
        digest=str(image.digest),
        member_id=asker.member_id,
        image_id=image.id,
        rating=value,
        caption=members_words(str(image.parameters.get("prompt", ""))) or WORDLESS,
        facts=facts,
    )


WORDLESS = "a picture"
"""Caption of a picture that was painted without words."""
