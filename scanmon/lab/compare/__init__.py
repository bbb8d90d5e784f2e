"""Full-reference comparison of two pictures."""
