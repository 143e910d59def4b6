"""Many certificates issued from a list."""
