"""How a bundle behaves: degradations, evaluation, fit and calibration."""
