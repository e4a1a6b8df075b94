"""Texts of our own to measure with: loud channels (calibration), likeness (parity), this CPU's answers (probes).

The three share no text, so parity is not measured on what the encoder was tuned on.
"""

from __future__ import annotations

CALIBRATION_TEXTS = (
    "I can't log in since this morning.",
    "password reset link expired",
    "My card was charged twice for order 48213, please refund one of them.",
    "Laptop won't wake up after the update, black screen, fan running.",
    "Where do I find my payslip for March?",
    "The app crashes every time I tap on Notifications (Android 14, version 5.2.1).",
    "thanks",
    "ok, that works now",
    "Hi team, could you please add Maria to the shared mailbox? Her start date is next Monday. Kind regards",
    "URGENT: checkout returns HTTP 502 for all customers in Europe",
    "how do i cancel",
    "no",
    "The parcel says delivered but there is nothing at my door and the neighbours have not seen it either.",
    "export to csv loses the umlauts: Müller becomes MÃ¼ller",
    "VPN disconnects whenever I switch from cable to Wi-Fi",
    "I'd like to know whether the discount for schools also applies to renewals, and from which date.",
    "NullPointerException at OrderService.java:118 after deploy 2024-11-03",
    "is there a limit on how many people can join a call?",
    "Your chatbot keeps sending me to the same article which does not answer my question!!!",
    "printer 3rd floor jams, paper tray 2",
    "Bonjour, je n'arrive pas à changer l'adresse de livraison.",
    "Necesito una factura con los datos de mi empresa.",
    "Please approve the purchase of two monitors for the new designer, cost centre 4410.",
    "never mind, found it",
    "who do I ask about this?",
    "I was told on the phone that the fee would be waived; it is on the invoice again. This is the third month in a row"
    " and I have to call every time. Either fix the account or close it.",
    "dark mode please",
    "API key rotated, webhooks now fail with 401 unauthorized",
    "Access to the finance folder denied although my manager approved it last week",
    "where is the office in Lisbon and do I need a badge",
    "screen flickers",
    "The two-factor code arrives ten minutes late, so it has always expired when I type it in.",
    "Can someone explain why my vacation days show 3 instead of 13?",
    "payment failed: do not honour (05)",
    "Nothing happens.",
    "I moved house and my new postcode is not accepted by the form.",
    "Search finds nothing for 'parental leave' but the page exists, a colleague sent me the link.",
    "5 of 12 rows imported, rest skipped without a reason",
    "sounds good",
    "- step 1: open settings\n- step 2: click on export\n- expected: a file\n- actual: spinner for ever",
    "We have lost the connection to the warehouse scanners in hall B; picking stands still and the trucks are waiting.",
    "?",
)

PARITY_TEXTS = (
    "Cannot sign in to the customer portal, it says my account is locked.",
    "Where is my order?",
    "The invoice for May lists a plan that we cancelled in April.",
    "Teams call has no sound since the headset was replaced",
    "please delete my account and all data you hold about me",
    "build agent out of disk space again",
    "Holiday request was rejected without a comment, whom can I ask?",
    "The mobile app logs me out every few minutes and then forgets what I typed, which is annoying on the train.",
    "refund still missing after 14 days",
    "How can I change the language of the e-mails you send me?",
    "Timeout (30000ms) while calling /v2/shipments, worked yesterday",
    "new hire has no badge, no laptop and no desk",
    "thank you for the quick help!",
    "I got someone else's parcel.",
    "Die Rechnung ist falsch, bitte prüfen.",
    "can i pay by bank transfer instead of card",
    "Reports take four minutes to load since the last release; before, it was a few seconds. We run them daily.",
    "wrong size, want to exchange",
    "Which form do I need for travel to a customer abroad?",
    "The door on the second floor does not open with my card after six.",
    "Same problem as last week: the sync between the calendar and the booking page stops at night, and the first"
    " customers in the morning see free slots which are taken. Restarting helps until the next night.",
    "hello?",
)

PROBE_TEXTS = (
    "VPN drops whenever I open payroll",
    "I was charged twice for the same order and nobody answers my e-mails.",
    "Error 0x80070005: Access is denied (install.log, line 12)",
    "¿Dónde está mi reembolso? 返金はいつですか",
    "the report of last month shows other totals than the dashboard, and both were exported on the same day. " * 12,
    "",
)
