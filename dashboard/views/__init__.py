"""One file a page, top to bottom as the user reads it."""
