"""What comes in: files to tables, tables to datasets, the shipped ones, and the shared probe texts."""
