"""Policies as a person meets them: edited, put into sentences, and tried out on principals."""
