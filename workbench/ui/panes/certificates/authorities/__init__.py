"""The life of the vault's own CAs: request, certificate, disabled, deleted, restored."""
