"""AWS itself, or what stands in for it, by boto3: profiles, clients, what can go wrong on the way.

boto3 is imported when it is first needed. Nothing here stores or shows a credential.
"""
