"""The shipped items, what is added to them, and a new point on its way."""
