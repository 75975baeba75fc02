"""Main loop of the child process: read the inbox, advance one quantum, send events."""

from __future__ import annotations

import logging
from multiprocessing.connection import Connection

from generation.catalog.entries import ModelUnavailable
from generation.engine.engine import Engine
from generation.engine.session import open_engine
from generation.protocol.captions import Caption
from generation.protocol.commands import Command
from generation.protocol.events import Ready, Unready
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Cancel, Paint, Shutdown
from generation.protocol.training import Control, Train

log = logging.getLogger(__name__)


def serve(connection: Connection, options: WorkerOptions) -> None:
    """Load the model, send `Ready` or `Unready`, then run requests until told or left to stop."""
    try:
        with open_engine(options) as (model, engine):
            connection.send(Ready(model=model.card))
            _loop(connection, engine)
    except ModelUnavailable as error:
        # The sentence itself is said once, by whoever started this process.
        if error.__cause__ is not None:
            log.warning("the model could not be loaded", exc_info=error.__cause__)
        connection.send(Unready(detail=str(error)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        log.info("the parent has closed the pipe")


def _loop(connection: Connection, engine: Engine) -> None:
    while True:
        while connection.poll(0 if engine.busy else None):
            command: Command = connection.recv()
            match command:
                case Shutdown():
                    return
                case Paint() | Train() | Caption():
                    engine.begin(command)
                case Cancel(job=job):
                    engine.cancel(job)
                case Control(job=job, action=action):
                    engine.control(job, action)
            if not engine.busy:
                break  # send a refusal or a cancellation before waiting again
        worked = engine.advance()
        for event in engine.take_events():
            connection.send(event)
        if engine.busy and not worked:
            connection.poll(engine.wait)
