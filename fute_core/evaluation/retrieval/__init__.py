"""Do models lie near their own dataset: black boxes of known skill against the embeddings of all datasets."""
