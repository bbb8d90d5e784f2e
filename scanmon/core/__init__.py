"""Pure functions and values: a frame in, a reading out."""
