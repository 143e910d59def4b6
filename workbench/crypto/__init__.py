"""Algorithms: bytes in, bytes out, and one frozen table of every algorithm.

Owns the calls into `cryptography` and hashlib. Must not know keys at rest, requests, files or Qt;
private-key objects reach it only from `workbench.hsm`.
"""
