"""Findings as one HTML file, and the numbers behind its figures."""
