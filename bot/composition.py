"""The composition root: storage, generator, queue, client and services, each built on the last."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager

from bot.actions.boards import BoardActions
from bot.actions.follow_ups import FollowUps
from bot.actions.member_settings import MemberSettings
from bot.actions.orders import Orders
from bot.actions.references import References
from bot.actions.rules import Rules
from bot.actions.sight import Sight
from bot.actions.styles.adding import StyleAdding
from bot.actions.styles.checked_painter import CheckedPainter
from bot.actions.styles.keeping import StyleKeeping
from bot.actions.styles.library import StyleLibrary
from bot.actions.training.control import TrainingControl
from bot.actions.training.datasets import DatasetActions
from bot.actions.training.revocation import ConsentActions
from bot.actions.training.rights import TrainingRules
from bot.client import Konomi
from bot.host.training_notes import MODELS
from bot.jobs.background import Background
from bot.jobs.channel import Channels
from bot.jobs.deferred import DeferredAnswers
from bot.jobs.deletion import MessageDeletion
from bot.jobs.delivery import Delivery
from bot.jobs.edit_budget import EditBudget
from bot.jobs.page_data import PageData
from bot.jobs.presses import Presses
from bot.jobs.recovery import Recovery
from bot.jobs.repeats import Repeats
from bot.jobs.results import Results
from bot.jobs.styles.pages import StylePages
from bot.jobs.styles.previews import StylePreviews
from bot.jobs.training.cards import TrainingCards
from bot.jobs.training.dataset_captions import DatasetCaptions
from bot.jobs.training.dataset_cards import DatasetCards
from bot.jobs.training.retraining import OpenRevocations
from bot.jobs.training.training_jobs import TrainingJobs
from bot.jobs.trouble import PAUSES, persist
from bot.services import Services
from bot.settings import Settings
from bot.uploads import Download, Uploads
from generation.process.queue import Painter, Queue
from generation.process.supervisor import Generator
from generation.protocol.options import ModelCard, WorkerOptions
from storage.store import Store, open_store


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The open store, generator and queue that a client is built on."""

    store: Store
    generator: Generator
    queue: Queue

    def model(self) -> ModelCard | None:
        """Return the loaded model's card; None while it is being loaded."""
        return self.generator.model


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Open the data folder, start the generator and the queue before it."""
    options = worker_options(settings)
    async with (
        open_store(settings.data_dir) as store,
        Generator(options) as generator,
        create_queue(settings, store, generator) as queue,
    ):
        yield Opened(store=store, generator=generator, queue=queue)


def worker_options(settings: Settings) -> WorkerOptions:
    """Return the generator's options as the host has set them."""
    return WorkerOptions(
        model=settings.model,
        device=settings.device,
        threads=settings.threads,
        editor=settings.editor,
        safety_checker=settings.safety_checker,
        safety_threshold=settings.safety_threshold,
        captioner=settings.captioner,
        precision=settings.precision,
        prediction=settings.prediction,
        compiled=settings.compile,
        vae_slicing=settings.vae_slicing,
        vae_tiling=settings.vae_tiling,
        offload=settings.offload,
        memory_limit_mb=settings.memory_limit_mb,
    )


def create_queue(
    settings: Settings, store: Store, painter: Painter, kind: type[Queue] = Queue
) -> Queue:
    """Return the queue as the host has set it up, counting attempts in the store."""

    unrecorded: Counter[str] = Counter()
    """Attempts at jobs that are not in the database: previews of styles, and captions."""

    async def begin(job: str) -> int:
        if not job.isdecimal():
            unrecorded[job] += 1
            return unrecorded[job]
        return await persist(lambda: store.jobs.begin(int(job)), f"beginning job {job}")

    async def give_back(job: str, attempt: int) -> None:
        if not job.isdecimal():
            unrecorded[job] -= 1
            return
        await store.jobs.give_back(int(job), attempt)

    return kind(
        CheckedPainter(store, painter),
        begin=begin,
        give_back=give_back,
        waiting_per_member=settings.waiting_per_member,
        waiting=settings.waiting,
        pictures_together=settings.pictures_together,
    )


def create_client(settings: Settings, parts: Opened) -> Konomi:
    """Return the bot on top of `parts`, not logged in yet."""
    return Konomi(functools.partial(create_services, settings, parts))


def create_services(
    settings: Settings,
    parts: Opened,
    client: Konomi,
    owners: Collection[int],
    *,
    background: Background | None = None,
    download: Download | None = None,
    new_seed: Callable[[], int] | None = None,
    reaction_seconds: float = 0.3,
    pauses: Sequence[float] = PAUSES,
) -> Services:
    """Return everything that the handlers of `client` work with.

    owners: of the application, who are the hosts unless the settings name others.
    background: runs work that nobody awaits.  download: fetches uploads.  The rest is as in
    `Orders` and `Results`.
    """
    store, queue = parts.store, parts.queue
    background = background or Background()
    rules = Rules(settings, settings.owner_ids or owners)
    sight = Sight(store, rules)
    channels, pages = Channels(client), PageData(store, queue, sight)
    budget = EditBudget(settings.progress_seconds)
    deletion = MessageDeletion(store=store, channels=channels, background=background, pauses=pauses)
    results = Results(
        store=store,
        channels=channels,
        pages=pages,
        budget=budget,
        background=background,
        deletion=deletion,
        reaction_seconds=reaction_seconds,
        pauses=pauses,
    )
    delivery = Delivery(
        store=store,
        channels=channels,
        budget=budget,
        results=results,
        background=background,
        pauses=pauses,
    )

    styles = StyleLibrary(store=store, model=parts.model)
    training_rules = TrainingRules(rules)
    datasets = DatasetActions(
        settings=settings,
        store=store,
        rules=rules,
        training_rules=training_rules,
        sight=sight,
        model=parts.model,
    )
    orders, member_settings, follow_ups, actions = _create_actions(
        settings, parts, client, rules, sight, styles, new_seed
    )
    dataset_cards = DatasetCards(
        store=store, channels=channels, actions=datasets, background=background, pauses=pauses
    )
    cards = TrainingCards(store, channels, model_name=settings.model, model=parts.model)
    revocations = OpenRevocations(
        store=store,
        queue=queue,
        channels=channels,
        dataset_cards=dataset_cards,
        cards=cards,
        background=background,
        pauses=pauses,
    )
    training_jobs = TrainingJobs(
        store=store,
        queue=queue,
        channels=channels,
        budget=budget,
        cards=cards,
        background=background,
        models=settings.data_dir / MODELS,
        pauses=pauses,
    )
    recovery = Recovery(
        store=store,
        queue=queue,
        orders=orders,
        delivery=delivery,
        results=results,
        training=training_jobs,
        deletion=deletion,
        revocations=revocations,
        background=background,
    )
    uploads = Uploads(store.files, download)
    style_keeping = StyleKeeping(
        store=store, rules=rules, styles=styles, queue=queue, model=parts.model
    )
    style_previews = StylePreviews(
        settings=settings,
        store=store,
        queue=queue,
        background=background,
        model=parts.model,
        pauses=pauses,
    )
    return Services(
        settings=settings,
        store=store,
        queue=queue,
        model=parts.model,
        rules=rules,
        sight=sight,
        styles=styles,
        training_rules=training_rules,
        datasets=datasets,
        dataset_cards=dataset_cards,
        dataset_captions=DatasetCaptions(
            store=store,
            queue=queue,
            actions=datasets,
            cards=dataset_cards,
            background=background,
            captioner=settings.captioner,
            pauses=pauses,
        ),
        training_control=TrainingControl(
            store=store, queue=queue, rules=rules, training_rules=training_rules, sight=sight
        ),
        training_cards=cards,
        training_jobs=training_jobs,
        style_keeping=style_keeping,
        style_adding=StyleAdding(
            settings=settings, store=store, rules=rules, model=parts.model, folder=uploads.folder
        ),
        style_previews=style_previews,
        style_pages=StylePages(store, style_keeping, style_previews),
        orders=orders,
        member_settings=member_settings,
        follow_ups=follow_ups,
        actions=actions,
        pages=pages,
        channels=channels,
        results=results,
        delivery=delivery,
        deletion=deletion,
        recovery=recovery,
        consents=ConsentActions(
            settings=settings,
            store=store,
            queue=queue,
            rules=rules,
            training_rules=training_rules,
        ),
        revocations=revocations,
        deferred=DeferredAnswers(store=store, client=client, background=background),
        repeats=Repeats(),
        presses=Presses(),
        uploads=uploads,
        background=background,
    )


def _create_actions(
    settings: Settings,
    parts: Opened,
    client: Konomi,
    rules: Rules,
    sight: Sight,
    styles: StyleLibrary,
    new_seed: Callable[[], int] | None,
) -> tuple[Orders, MemberSettings, FollowUps, BoardActions]:
    references = References(store=parts.store, sight=sight, model=parts.model)
    orders = Orders(
        settings=settings,
        store=parts.store,
        queue=parts.queue,
        rules=rules,
        sight=sight,
        references=references,
        styles=styles,
        model=parts.model,
        acquainted=client.knows,
        new_seed=new_seed,
    )
    member_settings = MemberSettings(
        settings=settings, store=parts.store, orders=orders, styles=styles, model=parts.model
    )
    follow_ups = FollowUps(
        settings=settings,
        store=parts.store,
        sight=sight,
        member_settings=member_settings,
        model=parts.model,
    )
    actions = BoardActions(
        settings=settings,
        store=parts.store,
        queue=parts.queue,
        rules=rules,
        sight=sight,
        orders=orders,
        references=references,
        member_settings=member_settings,
        follow_ups=follow_ups,
        styles=styles,
        model=parts.model,
    )
    return orders, member_settings, follow_ups, actions
