-- A round may begin from a picture: its files are the round's own, so that they stay when the
-- picture that they were is deleted.

ALTER TABLE rounds ADD COLUMN source_digest TEXT;
ALTER TABLE rounds ADD COLUMN mask_digest TEXT;
ALTER TABLE rounds ADD COLUMN source_image_id INTEGER REFERENCES images (id) ON DELETE SET NULL;
CREATE INDEX rounds_source ON rounds (source_digest) WHERE source_digest IS NOT NULL;
CREATE INDEX rounds_mask ON rounds (mask_digest) WHERE mask_digest IS NOT NULL;
CREATE INDEX rounds_source_image ON rounds (source_image_id) WHERE source_image_id IS NOT NULL;
