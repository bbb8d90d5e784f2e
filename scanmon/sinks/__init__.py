"""Where analyses go, one file per kind."""
