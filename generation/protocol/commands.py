"""Commands that the parent sends to the child."""

from __future__ import annotations

from generation.protocol.captions import Caption
from generation.protocol.requests import Cancel, Paint, Shutdown
from generation.protocol.training import Control, Train

Command = Paint | Train | Caption | Control | Cancel | Shutdown
