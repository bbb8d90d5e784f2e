"""The laboratory: makes bundles and judges them. Nothing that runs beside a scanner imports it."""
