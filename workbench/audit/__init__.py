"""The journal of every request, and its proofs.

Owns the Merkle log and its tables. Must not know the door that makes the events, nor what an event
means beyond the resources and the name that it is searched by.
"""
