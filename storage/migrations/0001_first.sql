-- Ids that buttons carry are never used twice (AUTOINCREMENT): an old message's button must
-- not act on somebody else's picture.

PRAGMA application_id = 0x4B6F6E6F;

CREATE TABLE servers (
    id INTEGER PRIMARY KEY,
    channels TEXT NOT NULL DEFAULT '[]',
    group_boards INTEGER NOT NULL DEFAULT 0,
    add_reactions INTEGER NOT NULL DEFAULT 1,
    gestures TEXT,
    waiting_per_member INTEGER,
    pictures_per_day INTEGER
) STRICT;

CREATE TABLE members (
    server_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    locale TEXT NOT NULL,
    PRIMARY KEY (server_id, id)
) STRICT, WITHOUT ROWID;

-- last_number outlives deleted rounds, so that a number is never given twice and Reset
-- cannot be undone by deleting the newest round.
CREATE TABLE boards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    is_group INTEGER NOT NULL,
    since_round INTEGER NOT NULL DEFAULT 0,
    last_number INTEGER NOT NULL DEFAULT 0,
    forked_from INTEGER REFERENCES rounds (id) ON DELETE SET NULL,
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX boards_server ON boards (server_id);
CREATE INDEX boards_forked_from ON boards (forked_from) WHERE forked_from IS NOT NULL;

CREATE TABLE rounds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    board_id INTEGER NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    parent_id INTEGER REFERENCES rounds (id) ON DELETE SET NULL,
    parameters TEXT NOT NULL,
    steering_digest TEXT,
    created_at REAL NOT NULL,
    UNIQUE (board_id, number)
) STRICT;
CREATE INDEX rounds_parent ON rounds (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX rounds_steering ON rounds (steering_digest) WHERE steering_digest IS NOT NULL;

CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    round_id INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    digest TEXT,
    seed INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    parent_id INTEGER REFERENCES images (id) ON DELETE SET NULL,
    created_at REAL NOT NULL,
    UNIQUE (round_id, position)
) STRICT;
CREATE INDEX images_digest ON images (digest) WHERE digest IS NOT NULL;
CREATE INDEX images_parent ON images (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX images_age ON images (created_at, id);

CREATE TABLE steers (
    round_id INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    value INTEGER NOT NULL CHECK (value IN (-1, 1)),
    weight REAL NOT NULL,
    PRIMARY KEY (round_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX steers_image ON steers (image_id);

-- message_id is NULL once another post was given the same id (a playground's ids start over).
CREATE TABLE posts (
    round_id INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    message_id INTEGER UNIQUE,
    PRIMARY KEY (round_id, part)
) STRICT, WITHOUT ROWID;

-- Gestures: the buttons pressed, and the reactions present.  A reaction belongs to a part of
-- a round rather than to a message, so that a part posted anew keeps what was said of it.
CREATE TABLE votes (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL,
    value INTEGER NOT NULL CHECK (value IN (-1, 1)),
    PRIMARY KEY (image_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reactions (
    round_id INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    PRIMARY KEY (round_id, part, member_id, emoji)
) STRICT, WITHOUT ROWID;

-- What the gestures come to; written only by recomputing it from them.
CREATE TABLE ratings (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL,
    value INTEGER NOT NULL CHECK (value IN (-1, 1)),
    PRIMARY KEY (image_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ratings_member ON ratings (member_id, image_id);

-- A job outlives its round (no foreign key): deleting pictures gives no quota back.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    message_id INTEGER,
    round_id INTEGER NOT NULL,
    pictures INTEGER NOT NULL,
    locale TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until REAL,
    error TEXT,
    delivered INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_undelivered ON jobs (id) WHERE delivered = 0;
CREATE INDEX jobs_member ON jobs (server_id, member_id, created_at);
CREATE INDEX jobs_round ON jobs (round_id);
CREATE INDEX jobs_message ON jobs (message_id) WHERE message_id IS NOT NULL;
