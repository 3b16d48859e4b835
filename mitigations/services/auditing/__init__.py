"""What auditors do with the log."""
