"""Key Workbench: keys, certificates and signing jobs on an engine shaped like AWS KMS."""

__version__ = "0.1.0"
APPLICATION_ID = "org.keyworkbench.KeyWorkbench"
