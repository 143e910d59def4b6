"""The module: the only room where key material is ever in the clear.

FIPS 140-3-style, not validated. It follows the standard's ideas (roles, a state machine,
known-answer and pairwise self-tests, an indicator of approved services, zeroisation) and has been
through no laboratory.

What Python cannot promise: `bytes` objects are copied by the interpreter and by libraries, are
freed without being overwritten, and may reach swap or a core dump. Zeroisation here is therefore
crypto-erasure: the keys that wrap everything at rest are forgotten, and the one buffer this
program owns (the vault key) is overwritten. Whoever can read this process's memory while it is
unlocked can read its keys. Protection against that needs hardware.

Owns key material, its wrapped tokens, roles and states. Must not know AWS requests, policies,
files or Qt; only `workbench.vault` and `workbench.kms` speak to it.
"""
