"""Model folders and the models opened from them: the surrogate encoder and language models."""
