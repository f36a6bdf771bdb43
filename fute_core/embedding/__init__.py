"""From a request to an embedding: the two pipelines."""
