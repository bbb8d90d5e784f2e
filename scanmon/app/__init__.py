"""From settings to a running monitor: what is opened, scored, archived, verified and exported."""
