"""Files in, signatures out; verification that explains itself.

Owns signing jobs, the CMS format and its verification. Speaks to keys only through a boto3-shaped
KMS client that it is given. Must not know the module, the door, Qt, or how the vault is built.
"""
