"""The endpoint's dialog: on or off, how, what clients need, and what it does when the vault locks.

Owns what is asked and shown. Switching is the bench's; whoever opens it decides when.
"""

from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from workbench.ui.endpoint_lines import EnvironmentLines
from workbench.ui.endpoint_rates import RatesEditor, read_rates, written_rates
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.widgets.basics import Badge, CopyButton, label, line, push_button, set_role
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.spin import padded
from workbench.ui.widgets.texts import number

TOPIC: Final = "endpoint"
"""Announced when it was switched on or off."""

PORT, TLS, RATES, REGION = "endpoint_port", "endpoint_tls", "endpoint_rates", "endpoint_region"
"""Names of preferences."""

_LARGEST_PORT: Final = 65535
_LOOK_EVERY: Final = 1000


def start_choices(context: Context) -> dict[str, Any]:
    """Return how the endpoint was last switched on, as `ServingPort.start` takes it."""
    port = context.preferences.get(PORT, context.bench.serving.port)
    usable = isinstance(port, int) and 0 <= port <= _LARGEST_PORT
    return {
        "port": port if usable else context.bench.serving.port,
        "tls": context.preferences.get(TLS, False) is True,
        "rates": read_rates(context.preferences.get(RATES, {})),
    }


class EndpointDialog(BaseDialog):
    """Shows the endpoint, and switches it.

    Args:
        context: bench, session, look, frame, preferences.
        parent: the workspace, so that it goes with the vault.
    """

    def __init__(self, context: Context, parent: QWidget) -> None:
        title = QCoreApplication.translate("endpoint", "Endpoint")
        super().__init__(context.look, title, parent)
        self.setObjectName("endpoint")
        self.setMinimumWidth(context.look.unit * 160)
        self.setProperty("help_page", "endpoint")
        self._context = context
        self._serving = context.bench.serving
        self._running: bool | None = None
        self._add_state()
        self._add_choices()
        self._add_clients()
        self._add_rates()
        self._add_words()
        self.close_button = self.add_cancel(self.tr("Close"))
        self._timer = QTimer(self, interval=_LOOK_EVERY)
        self._timer.timeout.connect(self.look_again)
        self._timer.start()
        self.look_again()
        self.switch.setFocus()

    def _add_state(self) -> None:
        self.body.addWidget(
            label(
                self.tr(
                    "boto3, the AWS CLI and the AWS SDKs on this machine reach this vault here, as"
                    " they would reach AWS. No other machine can."
                ),
                "muted",
                wrap=True,
            )
        )
        self.state = Badge(self.look, "", "muted", "link")
        self.url = label("")
        self.url.setTextInteractionFlags(self.url.textInteractionFlags().TextSelectableByMouse)
        self.look.follow(self.url, lambda: self.url.setFont(self.look.mono))
        what = self.tr("the endpoint's address")
        self.copy_url = CopyButton(
            self.look, what, lambda: self._context.frame.copy(self._serving.url, what)
        )
        self.count = label("", "muted")
        self.switch = push_button("", self.turn, "primary")
        row = QHBoxLayout()
        row.setSpacing(self.look.unit * 2)
        for widget in (self.state, self.url, self.copy_url, self.count):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.switch)
        self.body.addLayout(row)

    def _add_choices(self) -> None:
        last = start_choices(self._context)
        self.choices = QWidget()
        column = QVBoxLayout(self.choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.look.unit * 2)
        self.port = padded(self.look, QSpinBox())
        self.port.setRange(0, _LARGEST_PORT)
        self.port.setSpecialValueText(self.tr("any free one"))
        self.port.setValue(last["port"])
        self.port.setAccessibleName(self.tr("Port"))
        self.port.setMinimumWidth(self.look.unit * 30)
        caption = QLabel(self.tr("&Port"))
        set_role(caption, "strong")
        caption.setBuddy(self.port)
        row = QHBoxLayout()
        row.setSpacing(self.look.unit * 2)
        row.addWidget(caption)
        row.addWidget(self.port)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(
            label(
                self.tr(
                    "Certificates that your CAs issue name this port as the address of their"
                    " revocation lists and OCSP, so keep to one."
                ),
                "muted",
                wrap=True,
            )
        )
        self.tls = QCheckBox(self.tr("Serve &TLS (https)"))
        self.tls.setChecked(last["tls"])
        column.addWidget(self.tls)
        column.addWidget(
            label(
                self.tr(
                    "With a certificate by a CA of this vault that may certify this machine alone,"
                    " renewed by itself. Clients must be told to trust that CA: the lines below"
                    " do. Without TLS, requests are signed but can be read by programs that may"
                    " watch this machine's own network traffic."
                ),
                "muted",
                wrap=True,
            )
        )
        self.body.addWidget(self.choices)

    def _add_clients(self) -> None:
        bench, preferences = self._context.bench, self._context.preferences
        self.clients = QWidget()
        column = QVBoxLayout(self.clients)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.look.unit * 2)
        column.addWidget(line())
        column.addWidget(label(self.tr("For clients: set this in their shell"), "heading"))
        self.bundle = label("", "muted", wrap=True)
        column.addWidget(self.bundle)
        regions, wanted = self._serving.regions, preferences.get(REGION, "")
        region = wanted if wanted in regions else bench.place.region
        self.lines = EnvironmentLines(self.look, regions, region, self._context.frame.copy)
        self.lines.region_chosen.connect(self._region_chosen)
        column.addWidget(self.lines)
        self.body.addWidget(self.clients)

    def _add_rates(self) -> None:
        self.body.addWidget(line())
        self.body.addWidget(label(self.tr("Throttling"), "heading"))
        self.body.addWidget(
            label(
                self.tr(
                    "More requests a second than this are refused with ThrottlingException, to see"
                    " whether a client backs off."
                ),
                "muted",
                wrap=True,
            )
        )
        self.rates = RatesEditor(self.look, start_choices(self._context)["rates"])
        self.rates.changed.connect(self._rates_changed)
        self.body.addWidget(self.rates)

    def _add_words(self) -> None:
        self.body.addWidget(line())
        self.body.addWidget(
            label(
                self.tr(
                    "When the vault locks, the endpoint stays, but answers 503"
                    " ServiceUnavailableException: AWS's clients try again, and go on once the"
                    " vault is open. Requests do not keep the vault from locking. Quitting, or"
                    " opening another vault, ends it after what is under way."
                ),
                "muted",
                wrap=True,
            )
        )
        self.help = push_button(
            self.tr("More about the endpoint"),
            lambda: self._context.frame.open_help("endpoint"),
            "link",
        )
        row = QHBoxLayout()
        row.addWidget(self.help)
        row.addStretch(1)
        self.body.addLayout(row)

    # What it does.

    def turn(self) -> None:
        """Switch it on or off."""
        self.show_problem("")
        if self._serving.running:
            self._run(self._serving.stop, self.tr("Stopping the endpoint"))
            return
        self._remember()
        choices, serving = start_choices(self._context), self._serving
        self._run(lambda: serving.start(**choices), self.tr("Starting the endpoint"))

    def look_again(self) -> None:
        """Show what it is now."""
        serving = self._serving
        if serving.running is not self._running:
            self._running = serving.running
            self._show_running()
        count = serving.requests
        words = self.tr("1 request") if count == 1 else self.tr("{n} requests")
        self.count.setText(words.format(n=number(count)) if serving.running else "")

    def forget(self) -> None:
        """Drop the secret, as when the vault locks."""
        self.lines.show_variables({})

    def read_lines(self) -> None:
        """Read the environment of clients again."""
        serving, region = self._serving, self.lines.region.currentText()
        if not serving.running:
            return

        def arrived(values: dict[str, str]) -> None:
            if self._serving.running:
                self.lines.show_variables(values)
                self.grow()

        self._context.session.start(
            self, lambda: serving.variables(region), arrived, self.show_problem
        )

    def _run(self, work: Any, text: str) -> None:
        self.switch.setEnabled(False)

        def done(_url: Any) -> None:
            self.switch.setEnabled(True)
            self.look_again()
            self._context.session.announce(TOPIC)

        def failed(words: Explanation) -> None:
            self.switch.setEnabled(True)
            self.show_problem(words)

        self._context.session.start(self, work, done, failed, text, mutates=True)

    def _show_running(self) -> None:
        running, serving = bool(self._running), self._serving
        self.state.show_state(
            self.tr("On") if running else self.tr("Off"), "ok" if running else "muted", "link"
        )
        self.url.setText(serving.url)
        self.url.setVisible(running)
        self.copy_url.setVisible(running)
        self.switch.setText(self.tr("S&top") if running else self.tr("S&tart"))
        set_role(self.switch, "" if running else "primary")
        self.choices.setVisible(not running)
        self.clients.setVisible(running)
        bundle = serving.ca_bundle
        self.bundle.setText(self.tr("The CA to trust is in {file}").format(file=bundle))
        self.bundle.setVisible(bool(bundle))
        self.forget()
        self.read_lines()
        self.grow()

    def _region_chosen(self, region: str) -> None:
        self._context.preferences.set(REGION, region)
        self.read_lines()

    def _rates_changed(self) -> None:
        self._context.preferences.set(RATES, written_rates(self.rates.rates))
        self._serving.set_rates(self.rates.rates)
        self.grow()

    def _remember(self) -> None:
        self._context.preferences.set(PORT, self.port.value())
        self._context.preferences.set(TLS, self.tls.isChecked())
