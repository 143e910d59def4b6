"""Keys, aliases, rotation and cryptographic operations, with AWS KMS's behaviour.

Owns what a KMS key is and what each of its states allows. Asks `workbench.hsm` for everything that
touches key material and never sees it. Must not know who asks: window, wire or job.
"""
