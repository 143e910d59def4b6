"""Dialogs for what becomes of certificates after they were issued."""
