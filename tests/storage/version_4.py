"""A data folder as version 4 of the database left it, with rows in every table.

Made by the migrations up to that version and by plain SQL, so that it stays what it is whatever
the code of today would write.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from storage.database import load_migrations
from storage.files import Files

VERSION = 4

WORDS = {"prompt": "a red star", "count": 4, "seed": 5, "steps": 20, "locale": "en"}
COMPARISON = WORDS | {"count": 2, "axes": [{"parameter": "steps", "values": [10, 20]}]}
SOURCE = {"strength": 0.6, "anew": [], "within": None, "times": 1, "upload": True}
EDIT = WORDS | {
    "prompt": "turn it blue",
    "about": "a red star",
    "count": 1,
    "image_guidance": 1.5,
    "source": SOURCE | {"strength": 1.0, "upload": False},
}

# id, message, round, pictures, state, attempts, lease, error, delivered
JOBS: tuple[tuple[Any, ...], ...] = (
    (1, 500, 1, 4, "done", 1, None, None, 1),
    (2, 501, 2, 2, "done", 2, None, None, 1),
    (3, 502, 3, 4, "done", 1, None, None, 0),
    (4, 503, 4, 1, "done", 1, None, None, 1),
    (5, None, 5, 4, "queued", 0, None, None, 0),
    (6, 505, 5, 4, "running", 1, 1_800_000_060.0, None, 0),
    (7, 506, 6, 4, "failed", 1, None, "memory:", 0),
    (8, 507, 6, 4, "failed", 1, None, "internal:see the log", 1),
    (9, 508, 6, 4, "failed", 1, None, "invalid:steps: 500 is more than 150: choose fewer", 1),
    (10, 509, 6, 4, "failed", 1, None, "model", 1),
    (11, 510, 6, 4, "dead", 2, None, "crashed:signal: SIGKILL", 1),
    (12, 511, 6, 4, "cancelled", 0, None, None, 1),
    (13, 512, 99, 4, "cancelled", 1, None, None, 1),  # its round was deleted
)
FAILURES = {
    7: ("memory", ""),
    8: ("internal", "see the log"),
    9: ("invalid", "steps: 500 is more than 150: choose fewer"),
    10: ("model", ""),
    11: ("crashed", "signal: SIGKILL"),
}
"""Reason and detail of each job that failed."""

LAST_ID = 20
"""The last id that a job was given: some have been forgotten since."""


def fill(data_dir: Path) -> None:
    """Make the data folder."""
    files = Files(data_dir)
    data_dir.mkdir(parents=True)
    files.prepare()
    with closing(sqlite3.connect(data_dir / "konomi.db")) as connection:
        for number, script in load_migrations()[:VERSION]:
            connection.executescript(f"{script}\nPRAGMA user_version = {number};")
        connection.execute("PRAGMA foreign_keys = ON")
        _people(connection)
        _rounds(connection, data_dir, files)
        _gestures(connection)
        for job in JOBS:
            connection.execute(
                """
                INSERT INTO jobs (id, server_id, channel_id, member_id, message_id, round_id,
                    pictures, locale, state, attempts, lease_until, error, delivered, created_at)
                VALUES (?, 7, 70, 1, ?, ?, ?, 'ja', ?, ?, ?, ?, ?, 1799999999.123456)
                """,
                job,
            )
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'jobs'", [LAST_ID])
        connection.commit()


def _people(connection: sqlite3.Connection) -> None:
    connection.execute(
        """
        INSERT INTO servers (id, channels, group_boards, add_reactions, gestures,
            waiting_per_member, pictures_per_day, content_filter)
        VALUES (7, '[70, 71]', 1, 0, '{"👍": "like_2"}', 3, 50, 'spoiler')
        """
    )
    connection.execute("INSERT INTO servers (id) VALUES (0)")
    connection.executemany("INSERT INTO members VALUES (7, ?, ?)", [(1, "en-US"), (2, "ja")])


def _rounds(connection: sqlite3.Connection, data_dir: Path, files: Files) -> None:
    def file(content: bytes) -> str:
        path, digest = data_dir / "arriving", hashlib.sha256(content).hexdigest()
        path.write_bytes(content)
        files.settle(path, digest)
        files.adopt(path, digest)
        path.unlink(missing_ok=True)
        return digest

    connection.execute("INSERT INTO boards VALUES (1, 7, 70, 1, 1, 2, 6, NULL, 1.5)")
    strip, sheet, upload, mask = (file(name) for name in (b"strip", b"sheet", b"upload", b"mask"))
    pictures = {position: file(b"picture %d" % position) for position in range(9)}
    rounds: tuple[tuple[Any, ...], ...] = (
        (1, 1, 1, None, WORDS, None, None, None, None),
        (2, 1, 2, None, COMPARISON, None, sheet, None, None),
        (3, 1, 3, 1, WORDS | {"source": SOURCE}, strip, None, upload, mask),
        (4, 1, 4, 1, EDIT, None, None, pictures[0], None),
        (5, 1, 5, 4, WORDS, None, None, None, None),
        (6, 1, 6, None, WORDS, None, None, None, None),
    )
    images: tuple[tuple[Any, ...], ...] = (
        *((place + 1, 1, place, pictures[place], None, 0) for place in range(3)),
        (4, 1, 3, None, None, 1),
        *((place + 1, 2, place - 4, pictures[place], None, 0) for place in (4, 5)),
        *((place + 1, 3, place - 6, pictures[place], None, 1) for place in (6, 7)),
        (9, 4, 0, pictures[8], 1, 0),
    )
    for id_, board, number, parent, parameters, *digests in rounds:
        connection.execute(
            """
            INSERT INTO rounds (id, board_id, number, parent_id, parameters, steering_digest,
                sheet_digest, source_digest, mask_digest, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1799999000.654321)
            """,
            [id_, board, number, parent, json.dumps(parameters), *digests],
        )
    for id_, round_, position, digest, parent, flagged in images:
        connection.execute(
            """
            INSERT INTO images (id, round_id, position, digest, seed, width, height, parameters,
                parent_id, created_at, flagged)
            VALUES (?, ?, ?, ?, 4294967295, 96, 64, ?, ?, 1799999500.25, ?)
            """,
            [id_, round_, position, digest, json.dumps(WORDS), parent, flagged],
        )
    # The edit names a picture as its source, and its own picture names it in turn.
    connection.execute("UPDATE rounds SET source_image_id = 1 WHERE id = 4")
    connection.execute("INSERT INTO boards VALUES (2, 7, 71, 2, 0, 0, 0, 1, 2.5)")


def _gestures(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO posts VALUES (?, ?, 70, ?)",
        [(1, 0, 500), (2, -1, 501), (3, 0, None), (4, 0, 503)],
    )
    connection.executemany("INSERT INTO votes VALUES (?, ?, ?)", [(1, 1, 1), (1, 2, -1), (6, 1, 1)])
    connection.execute("INSERT INTO reactions VALUES (1, 0, 2, '👍')")
    connection.executemany(
        "INSERT INTO ratings VALUES (?, ?, ?)", [(1, 1, 1), (1, 2, -1), (2, 2, 1), (6, 1, 1)]
    )
    connection.executemany(
        "INSERT INTO steers VALUES (3, ?, ?, ?, ?)", [(0, 1, 1, 0.8), (1, 2, -1, 1.0)]
    )
