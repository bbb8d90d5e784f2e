"""Scores for other programs: OpenIGTLink and Prometheus."""
