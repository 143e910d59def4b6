"""Cryptographic configuration: the algorithms in words, sizes, strength, quantum safety."""

from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.widgets.texts import number


class CryptographyTab(KeyTab):
    """What the key can be used with, and how strong it is."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields = self.make_fields()

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Cryptography")

    def applies(self, row: KeyRow) -> bool:
        """Whether the key may be described."""
        return bool(row.spec)

    def show_key(self, row: KeyRow) -> None:
        """Show a key."""
        super().show_key(row)
        fields = self._fields
        fields.clear()
        fields.text(self.tr("Key spec"), row.spec, copy=True)
        facts = words.SPECS.get(row.spec)
        if facts is not None:
            safe = facts.quantum_safe
            fields.badge(
                self.tr("Against quantum computers"),
                self.tr("Quantum-safe") if safe else self.tr("Not quantum-safe"),
                "pq" if safe else "warning",
                "pq" if safe else "warning",
            )
            fields.text(self.tr("Good for"), words.purpose(facts))
        fields.text(self.tr("Usage"), words.usage_tip(row.usage), tip=row.usage)
        if facts is not None:
            category = (
                self.tr("{n} of 5").format(n=facts.category)
                if facts.category
                else self.tr("None claimed")
            )
            fields.text(self.tr("NIST security category"), category)
            bits = self.tr("{n} bits").format(n=facts.strength)
            fields.text(self.tr("Strength against classical computers"), bits)
            if facts.public_bytes:
                size = self.tr("{n} bytes").format(n=number(facts.public_bytes))
                fields.text(self.tr("Public key"), size)
            else:
                fields.text(self.tr("Key size"), self.tr("{n} bits").format(n=facts.bits))
            if facts.signature_bytes and row.usage == "SIGN_VERIFY":
                size = self.tr("{n} bytes").format(n=number(facts.signature_bytes))
                fields.text(self.tr("Signature"), size)
            fields.text(self.tr("Defined in"), facts.standard)
        fields.heading(self.tr("Algorithms"))
        for algorithm in row.algorithms:
            fields.text(algorithm, words.algorithm_words(algorithm))
