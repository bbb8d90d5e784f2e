"""The page of engine bundles: what is installed, checking, building."""
