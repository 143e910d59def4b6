"""Where the panes look, in words. Knows no widget."""

from workbench.base.sites import Site
from workbench.ui.ports import ViewPort


def where_in_words(view: ViewPort) -> str:
    """Return where requests go; nothing for the vault's home Region.

    A profile may itself name an endpoint: then that is said, and not AWS.
    """
    site = view.site
    if not site.aws or view.real or site.endpoint:
        return site.text
    return Site(site.region, aws=True, profile=site.profile, endpoint=view.endpoint).text
