"""The child half: one model, one loop.  Drain the inbox, advance one quantum, tell."""

from __future__ import annotations

import logging
from multiprocessing.connection import Connection

from generation.catalog.entries import ModelUnavailable
from generation.engine.engine import Studio
from generation.engine.opening import WRITER_WAIT, open_studio
from generation.protocol.messages import (
    Cancel,
    Command,
    Paint,
    Ready,
    Shutdown,
    Unready,
    WorkerOptions,
)

log = logging.getLogger(__name__)


def serve(connection: Connection, options: WorkerOptions) -> None:
    """Load the model, say `Ready` or `Unready`, then paint until `Shutdown` or the parent's end."""
    try:
        with open_studio(options) as (model, studio):
            connection.send(Ready(model=model.card))
            _loop(connection, studio)
    except ModelUnavailable as error:
        log.warning("%s", error, exc_info=error.__cause__)
        connection.send(Unready(detail=str(error)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        log.info("the other end is gone")


def _loop(connection: Connection, studio: Studio) -> None:
    while True:
        while connection.poll(0 if studio.busy else None):
            command: Command = connection.recv()
            match command:
                case Shutdown():
                    return
                case Paint():
                    studio.begin(command)
                case Cancel(job=job):
                    studio.cancel(job)
            if not studio.busy:
                break  # a refusal or a cancellation must be told before waiting again
        worked = studio.advance()
        for event in studio.take_events():
            connection.send(event)
        if studio.busy and not worked:
            connection.poll(WRITER_WAIT)
