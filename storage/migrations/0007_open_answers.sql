-- Answers that members were promised ("thinking …") and have not been given yet.  If the bot dies,
-- the next run gives them.  The token of an interaction lives for a quarter of an hour; backups
-- hold none.

CREATE TABLE open_answers (
    interaction_id INTEGER PRIMARY KEY,
    application_id INTEGER NOT NULL,
    token TEXT NOT NULL,
    locale TEXT NOT NULL,
    waits_for TEXT NOT NULL CHECK (waits_for IN ('upload', 'page', 'job')),
    created_at REAL NOT NULL
) STRICT;
