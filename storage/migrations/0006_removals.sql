-- Messages of ours that are to be deleted: written with the deletion of what they show, and
-- forgotten once Discord has deleted them.

CREATE TABLE removals (
    message_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    created_at REAL NOT NULL
) STRICT;
