"""The status bar: vault, module, identity, endpoint at the left; what is running at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStatusBar,
    QToolButton,
    QWidget,
)

from workbench.ui.identities.words import short_name
from workbench.ui.look import Look
from workbench.ui.ports import BenchPort
from workbench.ui.tokens import Tone
from workbench.ui.where import where_in_words
from workbench.ui.widgets.basics import label, set_role
from workbench.ui.widgets.texts import countdown, elide

_LONGEST = 40
"""Characters of a name shown at most."""
_LONGEST_WHERE = 48


class _Part(QFrame):
    """An icon and words."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look = look
        self._name = name
        self._mark = QLabel()
        self._mark.setFixedHeight(look.icon_size)
        self._words = label("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.unit * 2, 0, look.unit * 2, 0)
        row.setSpacing(look.unit)
        row.addWidget(self._mark)
        row.addWidget(self._words)

    def say(self, icon: str, text: str, tip: str, tone: Tone = "muted") -> None:
        self._look.dress_label(self._mark, icon, tone)
        self._words.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(f"{self._name}: {text}")
        self.show()

    @property
    def text(self) -> str:
        return self._words.text()


class StatusBar(QStatusBar):
    """Always visible facts about the vault and the work.

    Signals:
        lock_clicked: the vault's part was clicked.
        jobs_clicked: the running jobs were clicked.
        identity_clicked: whom the window acts as was clicked.
        endpoint_clicked: the endpoint was clicked.
        where_clicked: where requests go was clicked.
        stop_clicked: waiting is to end.
    """

    lock_clicked = Signal()
    identity_clicked = Signal()
    endpoint_clicked = Signal()
    jobs_clicked = Signal()
    where_clicked = Signal()
    stop_clicked = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._locked: bool | None = None
        self._bench: BenchPort | None = None
        self._jobs: tuple[tuple[str, float], ...] = ()
        self._tasks: tuple[str, ...] = ()
        self.setSizeGripEnabled(False)
        self.vault = self._button(self.lock_clicked)
        self.where = self._button(self.where_clicked)
        self.identity = self._button(self.identity_clicked)
        self.module = _Part(look, self.tr("Module"))
        self.endpoint = self._button(self.endpoint_clicked)
        for part in (self.vault, self.where, self.identity, self.module, self.endpoint):
            self.addWidget(part)
        self.stop = self._button(self.stop_clicked)
        look.dress(self.stop, "cancel", "muted")
        self.stop.setText(self.tr("Stop"))
        self.stop.setAccessibleName(self.tr("Stop waiting"))
        self.stop.setToolTip(self.tr("Wait no longer for what is being read (Ctrl+Alt+.)"))
        self.work = QToolButton()
        self.work.setAccessibleName(self.tr("Running jobs"))
        self.work.clicked.connect(lambda _checked=False: self.jobs_clicked.emit())
        self._bar = QProgressBar()
        self._bar.setAccessibleName(self.tr("Progress of running jobs"))
        self._bar.setFixedWidth(look.unit * 30)
        self._bar.setTextVisible(False)
        self.addPermanentWidget(self.work)
        self.addPermanentWidget(self._bar)
        self.addPermanentWidget(self.stop)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Show that no vault is chosen."""
        self._locked = None
        self.vault.setText(self.tr("No vault"))
        self.vault.setAccessibleName(self.tr("Vault: none"))
        self._look.dress(self.vault, "vault", "muted")
        self.vault.setEnabled(False)
        self._bench = None
        every = (self.module, self.where, self.identity, self.endpoint, self.work, self._bar)
        for part in (*every, self.stop):
            part.hide()
        self._jobs, self._tasks = (), ()  # what is told next is shown again

    def show_bench(self, bench: BenchPort) -> None:
        """Show the vault's, the module's and the caller's state, and where requests go."""
        self._bench = bench
        state = str(bench.module.state)
        bad = state.casefold() in {"error", "zeroized"}
        self.module.say(
            "warning" if bad else "chip",
            self.tr("Module: {state}").format(state=self._module_words(state)),
            self.tr("State of the HSM module: {state} (FIPS 140-3-style, not validated)").format(
                state=state.replace("_", " ").lower()
            ),
            "danger" if bad else "muted",
        )
        self.show_where(bench)
        self.show_identity(bench)
        self.show_endpoint(bench)
        self._show_vault(locked=bench.vault.locked, left=-1.0, where=str(bench.vault.directory))

    def _module_words(self, state: str) -> str:
        """Return what a state of the module means to who uses the vault."""
        plain = state.replace("_", " ").casefold()
        return {
            "user": self.tr("ready"),
            "crypto officer": self.tr("being set up"),
            "idle": self.tr("locked"),
            "power off": self.tr("off"),
        }.get(plain, plain)

    def show_where(self, bench: BenchPort) -> None:
        """Show where requests go; what leaves this vault stands out, most of all AWS itself."""
        site = bench.site
        if site.aws:
            words = where_in_words(bench)
            tip = self.tr("Requests go to {url}.").format(url=bench.endpoint)
        else:
            words = self.tr("This vault · {region}").format(region=bench.place.region)
            tip = self.tr("Requests stay in this vault.")
        if bench.real:
            tip = self.tr("{tip} Real keys, and what they cost.").format(tip=tip)
        tone: Tone = "on_danger" if bench.real else "info" if site.aws else "muted"
        self._look.dress(self.where, "cloud" if site.aws else "keys", tone)
        self.where.setText(elide(words, _LONGEST_WHERE))
        self.where.setEnabled(not bench.vault.locked)
        self.where.setAccessibleName(self.tr("Where requests go: {place}").format(place=words))
        more = self.tr("{tip} Click to look elsewhere (Ctrl+Alt+O)")
        self.where.setToolTip(tip if bench.vault.locked else more.format(tip=tip))
        set_role(self.where, "aws" if bench.real else "away" if site.aws else "")
        self.where.show()

    def show_stop(self, *, shown: bool) -> None:
        """Offer to wait no longer, or not."""
        self.stop.setVisible(shown)

    def show_identity(self, bench: BenchPort) -> None:
        """Show whom the window acts as; in the vault anybody but root stands out."""
        if bench.site.aws:
            self._show_profile(bench)
            return
        caller, place = bench.acting.caller, bench.place
        root = caller.kind == "Root"
        icon = {"Root": "shield", "AssumedRole": "role"}.get(caller.kind, "user")
        words = self.tr("{who} of {account}").format(
            who=elide(short_name(caller), _LONGEST), account=place.account
        )
        if not root:
            words = self.tr("Acting as {who}").format(who=words)
        if bench.demo:
            words = self.tr("{who} (demo)").format(who=words)
        self._look.dress(self.identity, icon, "muted" if root else "warning")
        self.identity.setText(words)
        self.identity.setEnabled(not bench.vault.locked)
        told = self.tr("Acting as {arn}").format(arn=caller.arn)
        self.identity.setAccessibleName(told)
        tip = self.tr("{told}. Click to act as somebody else (Ctrl+Shift+A)")
        self.identity.setToolTip(told if bench.vault.locked else tip.format(told=told))
        set_role(self.identity, "" if root else "acting")
        self.identity.show()

    def _show_profile(self, bench: BenchPort) -> None:
        caller = bench.acting.caller
        icon = {"Root": "shield", "AssumedRole": "role"}.get(caller.kind, "user")
        self._look.dress(self.identity, icon, "muted")
        words = self.tr("{who} of {account}").format(
            who=elide(short_name(caller), _LONGEST), account=caller.account
        )
        self.identity.setText(words)
        self.identity.setEnabled(False)
        told = self.tr("Acting as {arn}").format(arn=caller.arn)
        self.identity.setAccessibleName(told)
        self.identity.setToolTip(
            self.tr("{told}. Connect with another profile to act as another").format(told=told)
        )
        set_role(self.identity, "")
        self.identity.show()

    def show_endpoint(self, bench: BenchPort) -> None:
        """Show whether AWS's clients reach the vault, and where."""
        serving, locked = bench.serving, bench.vault.locked
        words = self.tr("Endpoint off")
        if serving.running:
            words = self.tr("Endpoint {url}").format(url=serving.url)
        if serving.running and locked:
            words = self.tr("Endpoint answers 503: locked")
        tone: Tone = "muted" if not serving.running else "warning" if locked else "ok"
        self._look.dress(self.endpoint, "link", tone)
        self.endpoint.setText(words)
        self.endpoint.setEnabled(not locked)
        self.endpoint.setAccessibleName(serving.status)
        tip = self.tr("{status} Click to switch it (Ctrl+Shift+T)")
        self.endpoint.setToolTip(serving.status if locked else tip.format(status=serving.status))
        self.endpoint.show()

    def show_remaining(self, left: float) -> None:
        """Show how long until the vault locks by itself."""
        if self._bench is not None:
            vault = self._bench.vault
            self._show_vault(locked=vault.locked, left=left, where=str(vault.directory))

    def show_tasks(self, texts: Sequence[str]) -> None:
        """Show what the session has under way."""
        if self._tasks != tuple(texts):
            self._tasks = tuple(texts)
            self._show_work()

    def show_jobs(self, jobs: Sequence[tuple[str, float]]) -> None:
        """Show jobs under way as (text, share)."""
        if self._jobs != tuple(jobs):
            self._jobs = tuple(jobs)
            self._show_work()

    def _button(self, clicked: SignalInstance) -> QToolButton:
        button = QToolButton()
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(self._look.icon_size, self._look.icon_size))
        button.clicked.connect(lambda _checked=False: clicked.emit())
        return button

    def _show_vault(self, *, locked: bool, left: float, where: str) -> None:
        if locked:
            text = self.tr("Vault locked")
        elif left >= 0:
            text = self.tr("Vault open, locks in {time}").format(time=countdown(left))
        else:
            text = self.tr("Vault open")
        if locked is not self._locked:
            self._look.dress(self.vault, "lock" if locked else "unlock", "muted")
            self._locked = locked
        self.vault.setText(text)
        self.vault.setEnabled(not locked)
        self.vault.setAccessibleName(text)
        tip = where if locked else self.tr("{where}. Click to lock (Ctrl+L)").format(where=where)
        self.vault.setToolTip(tip)

    def _show_work(self) -> None:
        texts = [text for text, _share in self._jobs] + list(self._tasks)
        self.work.setVisible(bool(texts))
        self._bar.setVisible(bool(texts))
        if not texts:
            return
        more = len(texts) - 1
        text = texts[0] if not more else self.tr("{first} (+{n})").format(first=texts[0], n=more)
        self.work.setText(text)
        self.work.setToolTip("\n".join(texts))
        shares = [share for _text, share in self._jobs]
        if shares and min(shares) >= 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * sum(shares) / len(shares)))
        else:
            self._bar.setRange(0, 0)
