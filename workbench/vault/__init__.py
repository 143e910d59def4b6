"""What is at rest: key slots, the encrypted database, migrations, backup, the process lock.

Owns the vault's directory and every file in it. Must not know what a key, a certificate or an
event means to the floors above: it stores their rows and wraps nothing itself; key material is
sealed and opened by `workbench.hsm`.
"""
