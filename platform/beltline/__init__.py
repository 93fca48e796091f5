"""Beltline's domain: X-ray scans, what is said of them, and how models are taught and examined. No Ray, no MLflow."""

__version__ = "0.1.0"
