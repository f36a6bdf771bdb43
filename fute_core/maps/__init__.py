"""Maps of the space, their colours, labels and pictures."""
