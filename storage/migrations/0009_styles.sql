-- Styles: adapters that members paint with, trained here or brought from elsewhere.
-- A name is unique among what one member may see of it: among their own, and among the server's.

CREATE TABLE styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The name as it is compared: see `storage.styles.key_of`.
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('lora', 'embedding')),
    digest TEXT NOT NULL,
    base_model TEXT NOT NULL DEFAULT '',
    base_hash TEXT NOT NULL DEFAULT '',
    architecture TEXT NOT NULL DEFAULT '',
    trigger_words TEXT NOT NULL DEFAULT '',
    strength REAL NOT NULL DEFAULT 1,
    scope TEXT NOT NULL DEFAULT 'mine' CHECK (scope IN ('mine', 'private', 'server')),
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'withdrawn')),
    origin TEXT NOT NULL CHECK (origin IN ('trained', 'uploaded', 'host')),
    licence TEXT NOT NULL DEFAULT '',
    evaluation TEXT NOT NULL DEFAULT '{}',
    preview_digest TEXT,
    job_id INTEGER,
    created_at REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX styles_own_name ON styles (server_id, owner_id, name_key);
CREATE UNIQUE INDEX styles_shared_name ON styles (server_id, name_key) WHERE scope = 'server';
CREATE INDEX styles_digest ON styles (digest);
CREATE INDEX styles_preview ON styles (preview_digest) WHERE preview_digest IS NOT NULL;
CREATE INDEX styles_job ON styles (job_id) WHERE job_id IS NOT NULL;

-- The members whose pictures a style was trained on; with a 'private' one they may paint.
CREATE TABLE style_contributors (
    style_id INTEGER NOT NULL REFERENCES styles (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL,
    PRIMARY KEY (style_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX style_contributors_member ON style_contributors (member_id);

-- The style that a channel's pictures have unless their member says otherwise.
CREATE TABLE channel_styles (
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    style_id INTEGER NOT NULL REFERENCES styles (id) ON DELETE CASCADE,
    strength REAL NOT NULL,
    PRIMARY KEY (server_id, channel_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_styles_style ON channel_styles (style_id);
