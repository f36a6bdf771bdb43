"""What is kept: sealed values under their keys, on a disk that many processes share."""
