"""Engines, one file per runtime; each imports its library when it is asked for."""
