"""The tabs of a key's inspector, one module each."""
