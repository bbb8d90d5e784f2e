"""Thresholds of a site from accepted and rejected pictures."""
