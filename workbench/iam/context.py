"""The condition keys that every request has: who asks, for whom, when, where.

Owns the global keys (`aws:…`) of a caller; services add those of their own. Source: IAM User
Guide, "AWS global condition context keys".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workbench.api.calls import Call, Caller
from workbench.iam.principals import Principals

Context = dict[str, tuple[str, ...]]

_TYPES = {"Root": "Account", "IAMUser": "User", "AssumedRole": "AssumedRole"}


def of_call(call: Call, principals: Principals) -> Context:
    """Return the global condition keys of a request."""
    context = of_caller(call.caller, call.time, call.place.region, principals)
    if call.agent:
        context["aws:UserAgent"] = (call.agent,)
    return context


def of_caller(caller: Caller, moment: datetime, region: str, principals: Principals) -> Context:
    """Return the global condition keys of whatever a caller asks.

    Args:
        caller: who asks.
        moment: when, UTC.
        region: Region asked in.
        principals: knows unique ids.
    """
    context: Context = {
        "aws:CurrentTime": (moment.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:EpochTime": (str(int(moment.timestamp())),),
        "aws:RequestedRegion": (region,),
        "aws:ViaAWSService": ("true" if caller.invoked_by else "false",),
    }
    if caller.kind == "AWSService":
        context["aws:PrincipalIsAWSService"] = ("true",)
        context["aws:PrincipalServiceName"] = (caller.arn,)
    else:
        context.update(_principal(caller, principals))
    optional = {
        "aws:SourceAccount": caller.source_account,
        "aws:SourceArn": caller.source_arn,
        "aws:SourceOrgID": principals.organization(caller.source_account),
        "aws:PrincipalOrgID": caller.organization,
        "aws:CalledVia": caller.invoked_by,
        "aws:SourceIdentity": source_identity(caller, principals),
    }
    context.update({key: (value,) for key, value in optional.items() if value})
    return context


def source_identity(caller: Caller, principals: Principals) -> str:
    """Return the source identity of the session a caller acts in, or empty."""
    key = principals.store.access_key(caller.access_key_id) if caller.access_key_id else None
    return key.session.source_identity if key is not None and key.session is not None else ""


def of_tags(key: str, tags: Sequence[Mapping[str, Any]]) -> Context:
    """Return `aws:RequestTag/…` and `aws:TagKeys` of the tags in a request.

    Args:
        key: `aws:RequestTag` or `aws:ResourceTag`.
        tags: Key and Value of each.
    """
    context: Context = {f"{key}/{tag['Key']}": (str(tag["Value"]),) for tag in tags}
    if tags and key == "aws:RequestTag":
        context["aws:TagKeys"] = tuple(str(tag["Key"]) for tag in tags)
    return context


def _principal(caller: Caller, principals: Principals) -> Context:
    context: Context = {
        "aws:PrincipalArn": (caller.identity,),
        "aws:PrincipalAccount": (caller.account,),
        "aws:PrincipalType": (_TYPES.get(caller.kind, caller.kind),),
        "aws:PrincipalIsAWSService": ("false",),
        "aws:userid": (principals.user_id(caller),),
    }
    path = principals.organization_path(caller.account)
    if path:
        context["aws:PrincipalOrgPaths"] = (path,)
    if caller.kind == "IAMUser":
        context["aws:username"] = (caller.arn.rpartition("/")[2],)
    for key, value in caller.tags:
        context[f"aws:PrincipalTag/{key}"] = (value,)
    return context
