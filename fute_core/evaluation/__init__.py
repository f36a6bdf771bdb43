"""Whether the space keeps its promise: retrieval, prompt selection, transfer, stability; one file an evaluation."""
