"""The unified space, and what a similarity in it means."""
