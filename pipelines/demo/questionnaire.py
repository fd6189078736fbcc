"""The words of the survey: headings, labels, choices and comments as they stand in the shop's spreadsheets.

Wording only, in German, keyed by the names that `company` gives the items; no share and no effect stands
here. The same words stand in treue.yml, and a test holds the two together.
"""

RESPONSE_ID = "Antwort-ID"
CUSTOMER_NUMBER = "Kundennummer"
RESPONDED_AT = "Antwortdatum"
CHANNEL = "Eingeladen per"

HEADINGS: dict[str, str] = {
    "recommend": "Wie wahrscheinlich ist es, dass Sie Blumenhaus Linde Freunden oder Bekannten"
    " weiterempfehlen? (0 = äußerst unwahrscheinlich, 10 = äußerst wahrscheinlich)",
    "satisfaction": "Wie zufrieden sind Sie insgesamt mit Blumenhaus Linde?",
    "repurchase": "Würden Sie wieder bei uns bestellen?",
    "willingness_to_recommend": "Würden Sie uns weiterempfehlen?",
    "effort": "Wie sehr stimmen Sie zu: „Blumenhaus Linde hat es mir leicht gemacht,"
    " mein Anliegen zu erledigen“?",
    "delivery": "Wie zufrieden sind Sie mit der Lieferung?",
    "price": "Wie zufrieden sind Sie mit dem Preis-Leistungs-Verhältnis?",
    "service": "Wie zufrieden sind Sie mit unserem Kundenservice?",
    "shop": "Wie zufrieden sind Sie mit unserem Online-Shop?",
    "reason": "Was hat Ihre Bewertung am stärksten beeinflusst? (Mehrfachauswahl)",
    "comment": "Was möchten Sie uns noch mitteilen?",
}

MISSING = "Weiß nicht"
NOT_USED = "Nicht genutzt"
# Only offered for the customer service.

SATISFIED = ("sehr unzufrieden", "eher unzufrieden", "teils, teils", "eher zufrieden", "sehr zufrieden")
INTENDED = ("bestimmt nicht", "wahrscheinlich nicht", "vielleicht", "wahrscheinlich", "bestimmt")
AGREED = (
    "stimme überhaupt nicht zu",
    "stimme nicht zu",
    "stimme eher nicht zu",
    "weder noch",
    "stimme eher zu",
    "stimme zu",
    "stimme voll und ganz zu",
)

LABELS: dict[str, tuple[str, ...]] = {
    "satisfaction": SATISFIED,
    "repurchase": INTENDED,
    "willingness_to_recommend": INTENDED,
    "effort": AGREED,
    "delivery": SATISFIED,
    "price": SATISFIED,
    "service": SATISFIED,
    "shop": SATISFIED,
}
# From the lowest score upwards; an item without labels is answered in numbers.

REASONS: dict[str, str] = {
    "freshness": "Frische der Blumen",
    "selection": "Auswahl an Sträuchern und Stauden",
    "price": "Preis",
    "delivery_time": "Pünktlichkeit der Lieferung",
    "advice": "Beratung, Pflegehinweise",
    "packaging": "Verpackung",
}
REASON_SEPARATOR = "; "

COMMENTS = (
    "Alles bestens, gerne wieder!",
    "Die Rosen waren nach zwei Tagen verblüht.",
    "Bitte rufen Sie mich zurück: 0170 5550123, Frau Schäfer",
    "Schöne Sträuße, aber etwas teuer.",
    "Paket stand beim Nachbarn; keine Nachricht.",
    "Erreichbar unter k.jaeger@example.org",
    "Die Lieferung kam pünktlich zum Geburtstag meiner Mutter.",
)
COMMENT_SHARE = 0.15
