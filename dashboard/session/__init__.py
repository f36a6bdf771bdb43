"""What one visitor's session holds: the view in the address, filters, drafts, words."""
