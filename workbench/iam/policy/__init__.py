"""The AWS policy language: read, matched, evaluated and explained. Pure: no vault, no service."""
