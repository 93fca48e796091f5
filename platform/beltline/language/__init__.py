"""What is said of a scan: captions, the describer, the screens."""
