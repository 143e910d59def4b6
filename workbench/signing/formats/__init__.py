"""Signature formats beside plain CMS, one module each.

Owns what each format looks like and which rules it must keep. All of them sign through a
boto3-shaped KMS client and answer with the same verdicts. Must not know jobs, recipes, the window
or the command line; `registry` lists the formats for those.
"""
