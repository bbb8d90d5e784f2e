"""Data, views, networks and losses of the two trainings; imported by the tools, never by scanmon."""
