-- The order in which the feed of events is read.

-- Whoever follows it asks for what comes after (epoch, tx, n), below the oldest transaction still
-- running. New entries go to the right edge, so this is the cheapest a B-tree can be: 85 bytes of
-- write-ahead log an event, its processor time within the noise (docs/decisions/0010-event-feed.md).
CREATE INDEX events_feed ON events (epoch, tx, n);
