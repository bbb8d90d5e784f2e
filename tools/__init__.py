"""What developers run: training, benchmarks, set-up, the GPU kit."""
