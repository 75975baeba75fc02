"""/train: the group of all commands about training."""

from __future__ import annotations

from discord import app_commands

from bot.commands.training.manage import MANAGE_COMMANDS
from bot.commands.training.rights import rights
from bot.commands.training.start import START
from bot.text.commands import of
from bot.text.training import commands as words

train = app_commands.Group(
    name=of(words.TRAIN),
    description=of(words.TRAIN_IS),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    allowed_contexts=app_commands.AppCommandContext(
        guild=True, dm_channel=False, private_channel=False
    ),
)

for command in (*START, rights, *MANAGE_COMMANDS):
    train.add_command(command)
