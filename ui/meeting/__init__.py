"""The page of one meeting: what it shows, and where its scripts get it."""
