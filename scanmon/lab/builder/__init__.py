"""Offline: checkpoint to engine bundle. The only package that knows torch and onnx."""
