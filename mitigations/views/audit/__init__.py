"""The pages of the audit, a module each."""
