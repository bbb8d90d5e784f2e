"""A blinded reader study: which pairs of pictures there are, who sees them in which order, what was said."""
