-- What a server does with adult content where it may be shown at all.
ALTER TABLE servers ADD COLUMN content_filter TEXT NOT NULL DEFAULT 'withhold'
    CHECK (content_filter IN ('off', 'spoiler', 'withhold'));

-- Whether the safety checker found adult content; what it withheld before now, it had found.
ALTER TABLE images ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0;
UPDATE images SET flagged = 1 WHERE digest IS NULL;
