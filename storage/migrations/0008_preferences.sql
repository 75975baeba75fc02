-- What a member wants of the boards they start in a server (0: direct messages), by the names of
-- `bot.actions.member_settings`; what is not in it is the model's.

CREATE TABLE preferences (
    server_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    chosen TEXT NOT NULL,
    PRIMARY KEY (server_id, member_id)
) STRICT, WITHOUT ROWID;
