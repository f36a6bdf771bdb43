"""How often what is said to hold at 95 or 90 % does: intervals over probe texts, and where something lands."""
