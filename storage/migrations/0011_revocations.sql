-- Consents that were taken back, until all that follows from it is done.

-- A style has no file while it is made anew without somebody's pictures.
DROP INDEX styles_digest;
ALTER TABLE styles RENAME COLUMN digest TO earlier_digest;
ALTER TABLE styles ADD COLUMN digest TEXT;
UPDATE styles SET digest = earlier_digest;
ALTER TABLE styles DROP COLUMN earlier_digest;
CREATE INDEX styles_digest ON styles (digest) WHERE digest IS NOT NULL;

-- Written with the revocation itself, so that a stop at any moment leaves nothing behind; deleted
-- once the files are gone, the cards redrawn and those concerned told.
CREATE TABLE revocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    -- 'consent': a member took theirs back; 'picture': a picture of Konomi's was deleted;
    -- 'training': the training that was to make a style anew ended without a result.
    cause TEXT NOT NULL CHECK (cause IN ('consent', 'picture', 'training')),
    -- Number of pictures that left the data set.
    pictures INTEGER NOT NULL,
    -- Files that go unless a row owns them, and trainings whose folders go: lists in JSON.
    digests TEXT NOT NULL,
    job_ids TEXT NOT NULL,
    -- What became of each style and training, and whom to tell: lists in JSON.
    outcomes TEXT NOT NULL,
    member_ids TEXT NOT NULL,
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX revocations_dataset ON revocations (dataset_id);
