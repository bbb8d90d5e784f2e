"""From a picture to a score: windows, metrics, organ models, calibration, the bundle that holds them."""
