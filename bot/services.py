"""The services that commands, buttons, forms and events work with, in one typed object."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import discord

from bot.actions.boards import BoardActions
from bot.actions.follow_ups import FollowUps
from bot.actions.member_settings import MemberSettings
from bot.actions.orders import Orders
from bot.actions.rules import Rules
from bot.actions.sight import Sight
from bot.actions.styles.adding import StyleAdding
from bot.actions.styles.keeping import StyleKeeping
from bot.actions.styles.library import StyleLibrary
from bot.actions.training.control import TrainingControl
from bot.actions.training.datasets import DatasetActions
from bot.actions.training.revocation import ConsentActions
from bot.actions.training.rights import TrainingRules
from bot.jobs.background import Background
from bot.jobs.channel import Channels
from bot.jobs.deferred import DeferredAnswers
from bot.jobs.deletion import MessageDeletion
from bot.jobs.delivery import Delivery
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
from bot.settings import Settings
from bot.uploads import Uploads
from generation.process.queue import Queue
from generation.protocol.options import ModelCard
from storage.store import Store


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """Everything a handler may use; built once, as soon as the bot's owners are known."""

    settings: Settings
    store: Store
    queue: Queue
    model: Callable[[], ModelCard | None]
    """Return the loaded model's card; None while it is being loaded."""
    rules: Rules
    sight: Sight
    training_rules: TrainingRules
    styles: StyleLibrary
    datasets: DatasetActions
    dataset_cards: DatasetCards
    dataset_captions: DatasetCaptions
    training_control: TrainingControl
    training_cards: TrainingCards
    training_jobs: TrainingJobs
    style_keeping: StyleKeeping
    style_adding: StyleAdding
    style_previews: StylePreviews
    style_pages: StylePages
    orders: Orders
    member_settings: MemberSettings
    follow_ups: FollowUps
    actions: BoardActions
    pages: PageData
    channels: Channels
    results: Results
    delivery: Delivery
    deletion: MessageDeletion
    recovery: Recovery
    consents: ConsentActions
    revocations: OpenRevocations
    deferred: DeferredAnswers
    repeats: Repeats
    """Interactions and messages that came already."""
    presses: Presses
    uploads: Uploads
    background: Background
    """Runs work that nobody awaits."""


def services_of(interaction: discord.Interaction[Any]) -> Services:
    """Return the services of the client that received an interaction."""
    services: Services = interaction.client.services
    return services
