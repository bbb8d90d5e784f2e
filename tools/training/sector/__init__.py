"""The sector network: made-up screens, training, export."""
