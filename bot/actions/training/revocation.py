"""Consent: what a member agreed to, and taking it back, from anywhere and at any time.

Only the member decides, whatever a custom id says; the host may act for one who asks.  The rights
to train do not matter here: consent can be taken back where training is no longer granted, and by
those who have left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.asker import Asker
from bot.actions.rules import Rules
from bot.actions.sight import possible
from bot.actions.training.rights import TrainingRules
from bot.errors import Refusal
from bot.settings import Settings
from bot.text.training import revocation as text
from generation.process.queue import Queue
from storage.store import Store
from storage.training_records import Consent, Dataset, DatasetState, Revocation


class ConsentActions:
    """Shows consents, and takes them back."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        queue: Queue,
        rules: Rules,
        training_rules: TrainingRules,
    ) -> None:
        self._store = store
        self._queue = queue
        self._rules = rules
        self._training_rules = training_rules
        self._retrains = settings.revoked_styles == "retrain"

    def allow_others(self, asker: Asker) -> None:
        """Raise `Refusal` unless the member may see to others' consents: the host alone."""
        if not self._rules.is_host(asker):
            raise Refusal(text.HOSTS_ONLY)

    async def standing(self, member_id: int) -> list[Consent]:
        """Return a member's consents that stand, the newest first, wherever they were given.

        Those to trainings that were cancelled before they began are over, as are their pictures.
        """
        consents = await self._store.consents.of_member(member_id)
        standing = [consent for consent in reversed(consents) if consent.stands]
        return [consent for consent in standing if not await self._is_over(consent.dataset_id)]

    async def _is_over(self, dataset_id: int) -> bool:
        dataset = await self._store.datasets.get(dataset_id)
        closed = dataset is None or dataset.state is DatasetState.CLOSED
        return closed and not await self._store.trainings.of_dataset(dataset_id)

    async def about(self, consent: Consent) -> tuple[Dataset | None, int]:
        """Return the data set of a consent, and how many pictures its member has in it."""
        pictures = await self._store.datasets.pictures(consent.dataset_id)
        own = [each for each in pictures if each.member_id == consent.member_id]
        return await self._store.datasets.get(consent.dataset_id), len(own)

    async def dataset_of_style(self, style_id: int) -> int:
        """Return the data set that a style was trained on; 0, which none is, if there is none."""
        style = await self._store.styles.get(style_id) if possible(style_id) else None
        if style is None or style.job_id is None:
            return 0
        training = await self._store.trainings.of_job(style.job_id)
        return 0 if training is None else training.dataset_id

    async def foresee(self, member_id: int, dataset_id: int | None = None) -> list[Revocation]:
        """Return what taking back one consent, or all, will do; `Refusal` if there is none."""
        _check(member_id, dataset_id)
        foreseen = await self._store.revocations.foresee(
            member_id, dataset_id=dataset_id, retrain=self._retrains
        )
        return _something(foreseen)

    async def take_back(self, member_id: int, dataset_id: int | None = None) -> list[Revocation]:
        """Take back one of a member's consents, or all; `Refusal` if there is none.

        What was learned from their pictures is gone from the store when this returns, and the
        trainings that use them stop; `OpenRevocations` sees to the rest.
        """
        _check(member_id, dataset_id)
        revoked = await self._store.revocations.revoke(
            member_id, dataset_id=dataset_id, retrain=self._retrains
        )
        for job_id in {job_id for revocation in revoked for job_id in revocation.job_ids}:
            await self._queue.cancel(str(job_id))
        return _something(revoked)

    async def retrain(self, asker: Asker, style_id: int) -> None:
        """Have a style trained anew whose last training anew failed; raises `Refusal`."""
        style = await self._store.styles.get(style_id) if possible(style_id) else None
        if style is None or style.server_id != asker.server_id:
            raise Refusal(text.NOTHING_TO_RETRY)
        rights = await self._store.training_rights.get(asker.server_id)
        own = rights.granted and asker.member_id == style.owner_id
        if not own and not self._training_rules.is_trainer(asker, rights):
            raise Refusal(text.NOTHING_TO_RETRY)
        if not await self._store.revocations.retrain(style_id):
            raise Refusal(text.NOTHING_TO_RETRY)


def member_id_of(given: str) -> int:
    """Return the id of a member that somebody wrote, also as a mention; raises `Refusal`."""
    found = re.fullmatch(r"(?:<@!?)?([0-9]{1,20})>?", given.strip())
    if found is None or not possible(int(found[1])):
        raise Refusal(text.NO_MEMBER_ID, given=given)
    return int(found[1])


def _check(member_id: int, dataset_id: int | None) -> None:
    """Raise `Refusal` for ids that no row can have."""
    if not possible(member_id) or (dataset_id is not None and not possible(dataset_id)):
        raise Refusal(text.NOTHING_OF_YOURS)


def _something(revocations: Sequence[Revocation]) -> list[Revocation]:
    if not revocations:
        raise Refusal(text.NOTHING_OF_YOURS)
    return list(revocations)
