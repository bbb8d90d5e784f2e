"""The set-up page: source, region, scoring, presets."""
