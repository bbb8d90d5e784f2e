"""The page of the live view and of the replay, and its parts."""
