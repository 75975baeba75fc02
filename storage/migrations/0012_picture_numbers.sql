-- How many pictures a data set was ever given: the number of one that left it is not given again,
-- as somebody may be about to say something of it.
ALTER TABLE datasets ADD COLUMN numbered INTEGER NOT NULL DEFAULT 0;
UPDATE datasets SET numbered = (
    SELECT coalesce(max(position) + 1, 0) FROM dataset_pictures WHERE dataset_id = datasets.id
);
