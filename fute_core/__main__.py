"""The `fute` command, also as `python -m fute_core`. Ctrl-C ends it quietly from its first import on."""

import sys

STOPPED = 130
"""Exit code of a command that was stopped by hand, as shells have it: 128 + SIGINT."""


def main() -> None:
    """Run the command line."""
    try:
        from fute_core.cli import main as command

        command(prog_name="fute")
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise SystemExit(STOPPED) from None


if __name__ == "__main__":
    main()
