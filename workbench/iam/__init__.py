"""Identities and policies of the account: who may do what, and why."""
