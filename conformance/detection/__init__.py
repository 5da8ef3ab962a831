"""What the suite catches, and whom it must not harm: measured, and written to detection.json."""
