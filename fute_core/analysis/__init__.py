"""Answers to users' questions: what lies behind a number, and which to choose."""
