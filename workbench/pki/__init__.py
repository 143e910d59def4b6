"""Private CA: profiles, issuing, chains, hierarchy.

Owns certificates and certificate authorities: what AWS Private CA owns, and the collection of
certificates around it. Keys are reached through a boto3-shaped KMS client only; this floor never
sees key material and must not know the window, the jobs, or how the vault stores keys.
"""
