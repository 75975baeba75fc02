-- Jobs of two kinds: painting a round, and training, which paints no pictures and may have no
-- round.  Why a job failed stands in two columns, where it was "reason:detail" in one.
-- SQLite cannot drop a NOT NULL, so the table is built anew.

CREATE TABLE new_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('paint', 'train')),
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    message_id INTEGER,
    round_id INTEGER,
    pictures INTEGER NOT NULL,
    locale TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until REAL,
    reason TEXT,
    detail TEXT NOT NULL DEFAULT '',
    delivered INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    CHECK (kind <> 'paint' OR round_id IS NOT NULL),
    CHECK (kind <> 'train' OR pictures = 0)
) STRICT;

INSERT INTO new_jobs (id, kind, server_id, channel_id, member_id, message_id, round_id, pictures,
    locale, state, attempts, lease_until, reason, detail, delivered, created_at)
SELECT id, 'paint', server_id, channel_id, member_id, message_id, round_id, pictures,
    locale, state, attempts, lease_until,
    -- Only the first colon parts the two: details have colons of their own.
    substr(error, 1, instr(error || ':', ':') - 1),
    coalesce(substr(error, instr(error || ':', ':') + 1), ''),
    delivered, created_at
FROM jobs;

-- The last id given, which may be that of a job deleted since: no id is ever used twice.
DELETE FROM sqlite_sequence WHERE name = 'new_jobs';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_jobs', seq FROM sqlite_sequence WHERE name = 'jobs';

DROP TABLE jobs;
ALTER TABLE new_jobs RENAME TO jobs;

CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_undelivered ON jobs (id) WHERE delivered = 0;
CREATE INDEX jobs_member ON jobs (server_id, member_id, created_at);
CREATE INDEX jobs_round ON jobs (round_id) WHERE round_id IS NOT NULL;
CREATE INDEX jobs_message ON jobs (message_id) WHERE message_id IS NOT NULL;
