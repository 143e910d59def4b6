"""Signs the files of a folder in one job, to be killed: VAULT KEYRING FILES OUT FINISH.

Prints a line at the start and one for every change of how many files are signed. With FINISH `yes`
it ends when the job has; a job that an earlier child was killed at is gone on with, else made.
"""

import json
import sys
import threading
from pathlib import Path

from tests.fakes.engine import QUICK
from tests.fakes.folder_store import FolderStore
from tests.fakes.signers import recipe
from workbench.assembly import Assembly
from workbench.signing.jobs import JobState

_ENDED = frozenset({JobState.DONE, JobState.CANCELLED})


def main() -> None:
    """Open the vault and sign."""
    vault, keyring, files, out = (Path(word) for word in sys.argv[1:5])
    bench = Assembly(secrets=FolderStore(keyring), cost=QUICK).open(vault)
    bench.vault.unlock_with_keyring()
    ended = threading.Event()

    def tell() -> None:
        for view in bench.jobs.jobs():
            print(json.dumps([str(view.state), view.total, view.done, view.failed]), flush=True)  # noqa: T201
            if view.state in _ENDED:
                ended.set()

    bench.jobs.subscribe(tell)
    known = bench.jobs.jobs()
    if known:
        bench.jobs.resume(known[0].id)
    else:
        bench.jobs.submit(recipe(bench, folder=out), [files])
    tell()
    ended.wait()
    if sys.argv[5] == "yes":
        bench.close()
        print(json.dumps("closed"), flush=True)  # noqa: T201
    threading.Event().wait()


if __name__ == "__main__":
    main()
