"""The AWS API frame: service models, validation, errors, dispatch, in-process client.

Owns the one door by which every request enters, and boto3's shape on the near side of it. Must not
know what the operations do, how the journal keeps its events, or anything of Qt.
"""
