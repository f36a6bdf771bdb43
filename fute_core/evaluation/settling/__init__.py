"""What it saves to stop asking once the verdict is settled, and what it costs in verdicts."""
