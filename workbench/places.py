"""The sites a vault's window can look at: Regions of the vault, and AWS as a profile.

Owns how a bench becomes one that looks elsewhere. Requests to AWS leave this process from here
alone, by boto3.
"""

import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from workbench.api.calls import Acting
from workbench.aws.authorities import AuthorityShelf
from workbench.aws.checking import Check, check, stand
from workbench.aws.clients import Cloud, profile_names, region_of
from workbench.base.errors import Refused
from workbench.base.identifiers import Place
from workbench.base.sites import HOME, Site
from workbench.bench import Bench, Progress
from workbench.engine import Engine
from workbench.pki.quickstart import Hierarchy, HierarchyRequest, create_code_signing_hierarchy
from workbench.pki.shelf import SERVICE as SHELF


class Places:
    """Satisfies `workbench.ports.PlacesPort`. Thread-safe.

    Args:
        engine: the doors of the vault's Regions.
        home: account and home Region.
    """

    def __init__(self, engine: Engine, home: Place) -> None:
        self._engine = engine
        self._home = home
        self._clouds: weakref.WeakSet[Cloud] = weakref.WeakSet()
        self._making = threading.Lock()

    def regions(self) -> tuple[str, ...]:
        """Return the Regions of the vault that have keys, the home Region first."""
        home = self._home.region
        return (home, *(region for region in self._engine.regions() if region != home))

    def profiles(self) -> tuple[str, ...]:
        """Return the profiles of the AWS configuration, by name."""
        return profile_names()

    def region_of(self, profile: str) -> str:
        """Return the Region a profile names, or nothing."""
        return region_of(profile)

    def check(self, site: Site) -> Check:
        """Try a connection."""
        cloud = Cloud(site)
        try:
            return check(cloud)
        finally:
            cloud.close()

    def kms(self, site: Site | None) -> Any:
        """Return a KMS client for work that outlives what is shown; None is the home Region."""
        if site is None or not site.aws:
            return self._engine.client("kms", site.region if site else "")
        return self._on_its_own(site)

    def kms_of(self, arn: str, site: Site | None) -> Any:
        """Return the same, acting as an identity of the vault; on AWS the profile says who acts."""
        if site is None or not site.aws:
            return self._engine.client_of("kms", arn, site.region if site else "")
        return self._on_its_own(site)

    def _on_its_own(self, site: Site) -> Any:
        # One for each job: its credentials are looked for anew, as after a sign-in.
        cloud = Cloud(site)
        with self._making:
            self._clouds.add(cloud)
        return cloud.client("kms")

    def at(self, bench: Bench, site: Site) -> Bench:
        """Return the bench as it looks from another site."""
        return self._on_aws(bench, site) if site.aws else self._in_vault(bench, site.region)

    def close(self) -> None:
        """Have requests to AWS that are under way for jobs end soon, and refuse others."""
        with self._making:
            for cloud in self._clouds:
                cloud.close()

    def hierarchy(self, region: str = "") -> Callable[[HierarchyRequest, Progress], Hierarchy]:
        """Return what makes a code-signing hierarchy in a Region of the vault."""
        client = partial(self._engine.client, region=region)

        def create(request: HierarchyRequest, progress: Progress) -> Hierarchy:
            return create_code_signing_hierarchy(
                client("kms"), client("acm-pca"), client(SHELF), request, progress
            )

        return create

    def _in_vault(self, bench: Bench, region: str) -> Bench:
        home = region in {"", self._home.region}
        chosen = self._home.region if home else region

        def client(service: str, other: str = "") -> Any:
            return self._engine.client(service, other or chosen)

        return replace(
            bench,
            **_clients(client, client(SHELF)),
            shelf=client(SHELF),
            create_hierarchy=self.hierarchy(chosen),
            place=self._home.elsewhere(chosen),
            acting=self._engine.acting,
            act_as=self._engine.identity.turn_to,
            site=HOME if home else Site(chosen),
            endpoint="in process",
            real=False,
            stop=_nothing,
            leave=_nothing,
        )

    def _on_aws(self, bench: Bench, site: Site) -> Bench:
        cloud = Cloud(site)
        standing = stand(cloud)
        return replace(
            bench,
            **_clients(cloud.client, AuthorityShelf(partial(cloud.client, "acm-pca"))),
            create_hierarchy=_no_hierarchy,
            place=standing.place,
            acting=Acting(standing.caller),
            act_as=_no_acting,
            site=site.elsewhere(standing.place.region),
            endpoint=standing.url,
            real=standing.real,
            stop=cloud.stop,
            leave=cloud.leave,
        )


def _clients(client: Callable[..., Any], catalogue: Any) -> dict[str, Any]:
    kms, acm_pca = client("kms"), client("acm-pca")
    return {
        "kms": kms,
        "acm_pca": acm_pca,
        "cloudtrail": client("cloudtrail"),
        "catalogue": catalogue,
        "client": client,
    }


def _nothing() -> None:
    """Do nothing."""


def _no_hierarchy(_request: HierarchyRequest, _progress: Progress) -> Hierarchy:
    raise Refused(
        "CAs of AWS Private CA are not made here: AWS charges for each by the month.",
        "Make them in AWS, or turn to this vault.",
    )


def _no_acting(_arn: str) -> None:
    raise Refused(
        "On AWS you act as the profile says.", "Connect with another profile to act as another."
    )
