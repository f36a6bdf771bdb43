"""`python -m fute_core.cli`: the `fute` command where its script is not on the path."""

from fute_core.cli import main

main(prog_name="fute")
