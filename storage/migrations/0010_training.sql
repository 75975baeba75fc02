-- Data sets of pictures that members handed over for training, their consent, and trainings.

CREATE TABLE datasets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    -- Who starts the training.
    member_id INTEGER NOT NULL,
    message_id INTEGER,
    locale TEXT NOT NULL,
    -- The training to start, as plain JSON: method, name, trigger and class words, scope, …
    plan TEXT NOT NULL,
    -- 'open': being put together; 'used': a training was started; 'closed': cancelled or emptied.
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'used', 'closed')),
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX datasets_member ON datasets (server_id, member_id);

CREATE TABLE dataset_pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    digest TEXT NOT NULL,
    member_id INTEGER NOT NULL,
    -- The picture of Konomi's that it is a copy of, and how its member rated it.
    image_id INTEGER REFERENCES images (id) ON DELETE SET NULL,
    rating INTEGER CHECK (rating IN (-1, 1)),
    caption TEXT NOT NULL DEFAULT '',
    -- What else training wants of it, as plain JSON: width, height, sharpness, phash, seed, …
    facts TEXT NOT NULL DEFAULT '{}',
    -- Why it is not trained on: 'duplicate', 'blurred', 'small', 'removed'; NULL if it is.
    dropped TEXT,
    UNIQUE (dataset_id, position)
) STRICT;
CREATE INDEX dataset_pictures_digest ON dataset_pictures (digest);
CREATE INDEX dataset_pictures_member ON dataset_pictures (member_id);
CREATE INDEX dataset_pictures_image ON dataset_pictures (image_id) WHERE image_id IS NOT NULL;

-- The words are those that were shown; a consent that was taken back keeps its row.
CREATE TABLE consents (
    dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL,
    words TEXT NOT NULL,
    locale TEXT NOT NULL,
    given_at REAL NOT NULL,
    revoked_at REAL,
    PRIMARY KEY (dataset_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_member ON consents (member_id);

CREATE TABLE trainings (
    job_id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    -- The request without paths, as plain JSON, so that every attempt and every retraining asks
    -- for the very same.
    request TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    -- The style that this training makes anew, after somebody took their consent back.
    style_id INTEGER REFERENCES styles (id) ON DELETE SET NULL,
    result TEXT NOT NULL DEFAULT '{}'
) STRICT, WITHOUT ROWID;
CREATE INDEX trainings_dataset ON trainings (dataset_id);
CREATE INDEX trainings_style ON trainings (style_id) WHERE style_id IS NOT NULL;

CREATE TABLE training_checkpoints (
    job_id INTEGER NOT NULL REFERENCES trainings (job_id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    adapter_digest TEXT,
    sheet_digest TEXT,
    -- Validation loss, fidelity, following, …, as plain JSON.
    scores TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX training_checkpoints_adapter ON training_checkpoints (adapter_digest)
    WHERE adapter_digest IS NOT NULL;
CREATE INDEX training_checkpoints_sheet ON training_checkpoints (sheet_digest)
    WHERE sheet_digest IS NOT NULL;

-- Trainings are for servers to which the host granted them; `roles` are those whose members may
-- start them beside the admins, and with `member_tastes` every member may train a taste of their
-- own.
CREATE TABLE training_rights (
    server_id INTEGER PRIMARY KEY,
    granted INTEGER NOT NULL DEFAULT 0,
    roles TEXT NOT NULL DEFAULT '[]',
    member_tastes INTEGER NOT NULL DEFAULT 0
) STRICT;
