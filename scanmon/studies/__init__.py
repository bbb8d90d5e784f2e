"""Offline studies of a bundle, composed from sources, engines and evaluation."""
