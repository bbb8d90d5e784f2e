"""Quality control of a probe: in air, on a phantom, and over days."""
