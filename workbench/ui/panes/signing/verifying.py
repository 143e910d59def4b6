"""From what was dropped, chosen or selected to the Verify page."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from workbench.signing.checking import find_pair
from workbench.signing.formats.base import TrustedKey
from workbench.signing.job import FileView
from workbench.signing.work import FileState
from workbench.ui.pane import Context
from workbench.ui.panes.signing.job_actions import JobActions
from workbench.ui.panes.signing.survey import Survey
from workbench.ui.panes.signing.verify_page import VerifyPage
from workbench.ui.panes.signing.verify_work import Pair, needs_file

_MOST_VERIFIED = 100_000


class Verifying(QObject):
    """Begins verifications.

    Args:
        context: session and bench.
        page: where they are shown.
        actions: knows what is selected in the queue.
        show: brings the page to the front.
        in_front: whether it is there.
    """

    def __init__(
        self,
        context: Context,
        page: VerifyPage,
        actions: JobActions,
        show: Callable[[], None],
        in_front: Callable[[], bool],
    ) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self._actions = actions
        self._show = show
        self._in_front = in_front

    @property
    def waiting_for(self) -> str:
        """What the page in front waits for: `file`, `signature`, or nothing."""
        return self._page.waiting_for if self._in_front() else ""

    def choose(self) -> None:
        """Ask for a signature, and then for its file."""
        self._show()
        self._page.inputs.signature.choose()

    def take(self, survey: Survey) -> None:
        """Verify what was dropped, or ask for what is missing."""
        if survey.pairs:
            self.pairs(survey.pairs)
            return
        self._show()
        if survey.arrangement.signatures:
            self._lone(survey.arrangement.signatures[0])
        elif survey.single_file is not None:
            self._single(survey.single_file)

    def _single(self, file: Path) -> None:
        """Verify a document that is signed inside; else ask for the signature of the file."""

        def known(pair: Pair) -> None:
            if pair[1] == file:
                self.pairs([pair])
            else:
                self._page.wait_for(file=file)

        self._context.session.start(self, lambda: find_pair(file), known)

    def _lone(self, signature: Path) -> None:
        """Verify a signature that has its content inside; else ask for the file it is over."""
        verifier = self._context.bench.verifier

        def known(missing: bool) -> None:  # noqa: FBT001 - what the worker returns
            if missing:
                self._page.wait_for(signature=signature)
            else:
                self.pairs([(None, signature)])

        self._context.session.start(self, lambda: needs_file(verifier, signature), known)

    def fill_slot(self, survey: Survey) -> bool:
        """Put a lone file or signature where it is waited for; False if it is not."""
        waiting, inputs = self.waiting_for, self._page.inputs
        kept, lone = inputs.signature.path, survey.single_file
        if waiting == "file" and kept is not None and lone is not None:
            self.pairs([(lone, kept)])
            return True
        signatures = survey.arrangement.signatures or tuple(one for _, one in survey.pairs)
        if waiting == "signature" and len(survey.paths) == 1 and survey.paths[0] in signatures:
            self.pairs([(inputs.file.path, survey.paths[0])])
            return True
        return False

    def pairs(self, pairs: Sequence[Pair]) -> None:
        """Verify these."""
        self._show()
        self._page.verify(pairs)

    def again(self) -> None:
        """Verify what is shown again; or the selected files, or the whole selected job."""
        if self._in_front():
            self._page.repeat()
            return
        view = self._actions.queue.job
        chosen = [file for file in self._actions.at_hand if file.state is FileState.DONE]
        if chosen or view is None:
            self._files(chosen)
            return
        jobs, job_id = self._context.bench.jobs, view.id
        done = frozenset({FileState.DONE})
        self._context.session.start(
            self, lambda: jobs.files(job_id, 0, _MOST_VERIFIED, done), self._files
        )

    def line(self, line: int) -> None:
        """Verify the file at a line of the file table."""
        file = self._actions.queue.files_model.file(line)
        if file is not None:
            self._files((file,))

    def show_file(self, file: FileView) -> None:
        """Verify one file of the selected job."""
        self._files((file,))

    def _files(self, files: Sequence[FileView]) -> None:
        view = self._actions.queue.job
        alone = view is not None and view.recipe.form.traits.alone
        pairs: list[Pair] = [
            (None if alone else one.path, one.output) for one in files if one.output is not None
        ]
        if view is not None:
            # Where there are certificates, they and the trusted roots decide.
            signers = [one for one in view.recipe.credentials if not one.chain]
            keys = tuple(TrustedKey(one.key_id, one.public_key) for one in signers)
            self._page.trust.know(keys)
        if pairs:
            self.pairs(pairs)
