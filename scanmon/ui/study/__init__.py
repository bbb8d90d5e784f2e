"""The page of a blinded reader study."""
