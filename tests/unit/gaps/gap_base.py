"""A small knowledge base of a made-up company, for the tests of gaps."""

from __future__ import annotations

from signaltriage.types import Article, Section

_TEXTS = {
    "refund": ("Get a refund for an order", "Open Orders and press Refund. The money is back within five days."),
    "card": ("Change the card you pay with", "Go to Billing and press Change card. The old card is removed."),
    "password": ("Reset your password", "Press Forgot password. A reset mail arrives within a minute."),
    "lock": ("Unlock a locked account", "After three wrong passwords the account is locked for one hour."),
    "vpn": ("Connect to the office VPN", "Install the client, choose Office and sign in with your badge."),
    "wifi": ("Join the guest wifi", "Choose Guest. The code hangs at the reception and changes every day."),
    "leave": ("Ask for annual leave", "Open the leave calendar, choose the days and send them to your manager."),
    "payslip": ("Read your payslip", "Overtime stands in line 12, the tax class in line 3."),
    "parcel": ("Track a parcel", "Enter the tracking number. Error ERR-1042 means that the label is not yet scanned."),
    "address": ("Change the delivery address", "Before the parcel leaves the warehouse: Orders, Address, Change."),
}


def articles() -> list[Article]:
    """Ten articles; one of them has sections."""
    found = [Article(name, title, body) for name, (title, body) in _TEXTS.items()]
    parts = (
        Section("", "Read this first."),
        Section("On Android", "Tap the bell."),
        Section("On iPhone", "Open Settings."),
    )
    body = "\n".join(f"{part.heading}\n{part.text}" for part in parts)
    return [*found, Article("push", "Switch push messages off", body, parts)]
