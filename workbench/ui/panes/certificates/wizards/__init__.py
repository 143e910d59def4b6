"""Dialogs that make certificates."""
