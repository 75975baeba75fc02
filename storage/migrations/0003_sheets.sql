-- All pictures of a round in one: of a comparison, or where a grid was asked for.  A comparison's
-- message shows that sheet alone; its post has part -1.

ALTER TABLE rounds ADD COLUMN sheet_digest TEXT;
CREATE INDEX rounds_sheet ON rounds (sheet_digest) WHERE sheet_digest IS NOT NULL;
