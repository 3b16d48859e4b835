"""The pages on which people sign in, and look after their own account."""
