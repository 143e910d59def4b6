"""The loopback wire: HTTP, TLS, SigV4, AWS JSON 1.1 and AWS query.

It turns bytes into requests and answers into bytes; it knows no operation, no vault and no key.
"""
