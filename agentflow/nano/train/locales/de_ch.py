"""Switzerland in German: francs, rounded to five centimes, no sharp s. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, german
from agentflow.nano.train.locales.words import goods, priced, words

LOCALE: Final = Locale(
    code="de-CH",
    labels={
        **german.LABELS,
        "title": words("QUITTUNG|KASSENBON|RECHNUNG|Quittung|Kassenzettel|Beleg|Kaufbeleg|Rechnung/Quittung"),
        "tax_id": words("MWST-NR|MWST Nr.|MwSt-Nr.|CHE|UID|MWST-Nummer|UID MWST"),
        "company_id": words("UID|Filiale|Handelsreg.|Reg.-Nr.|CH-Nr."),
        "amount": words("BETRAG|Betrag|CHF|Total|Fr.|TOTAL|Betrag CHF|Gesamt"),
        "subtotal": words("ZWISCHENTOTAL|Zwischentotal|Zwischensumme|SUBTOTAL|Zw.-Total|Warenwert|Summe Artikel"),
        "tax": words("MWST|MwSt|MWST 7.7%|MwSt 2.5%|inkl. MwSt|MwSt 8.0%|MWST-Betrag|MWST 8.1%|enth. MWST"),
        "total": words("""
            TOTAL|TOTAL CHF|Total CHF|Total|Total Fr.|GESAMTTOTAL|Zu bezahlen|Betrag CHF|RECHNUNGSBETRAG
            Gesamtbetrag|Endbetrag CHF|TOTAL INKL. MWST|Total inkl. MwSt|Rechnungstotal|ZU BEZAHLEN|Total gerundet
            Summe CHF|Schlusstotal
            """),
        "change": words("RÜCKGELD|Rückgeld|ZURÜCK|Retour|Herausgeld|Wechselgeld|Rückgeld CHF"),
    },
    currency=("CHF", "Fr.", "CHF", "SFr."),
    currency_code="CHF",
    decimals=2,
    numbers=("1234.50", "1'234.50"),
    dates=german.DATES,
    months=german.MONTHS,
    short_months=german.SHORT_MONTHS,
    trades=german.TRADES
    + words("""
        BÄCKEREI-KONDITOREI|CHÄSI|DROGERIE|VELOS|TEAROOM|BERGRESTAURANT|WIRTSCHAFT|COIFFEUR|GARAGE|LANDI
        """),
    legal_forms=words("AG|GmbH|& Co.|SA|Sàrl|& Söhne AG|Genossenschaft|Holding AG|Inh.|+ Partner"),
    given_names=german.GIVEN_NAMES + words("Urs|Reto|Beat|Ueli|Regula|Vreni|Luzia|Corina|Gian|Flurin|Heidi"),
    surnames=words("""
        Meier|Müller|Schmid|Keller|Weber|Huber|Schneider|Meyer|Steiner|Fischer|Gerber|Brunner|Baumann|Frei
        Zimmermann|Moser|Widmer|Wyss|Graf|Roth|Suter|Bachmann|Studer|Bucher|Berger|Kaufmann|Hofer|Bühler|Lüthi
        Christen|Kunz|Zürcher|Ammann|Egli|Wüthrich|Stalder|Odermatt|Zumstein|Caduff|Capaul|Imhof|Nägeli|Hürlimann
        Zbinden|Aebi|Rüegg|Stucki
        """),
    streets=words("""
        {name}strasse {n}|{name}str. {n}|{name}weg {n}|{name}platz {n}|{name}gasse {n}|Im {name} {n}|{name}matt {n}
        {name}rain {n}
        """),
    places=words("""
        Zürich|Basel|Bern|Luzern|Winterthur|St. Gallen|Biel|Thun|Köniz|Schaffhausen|Chur|Uster|Zug|Kriens|Rapperswil
        Dübendorf|Dietikon|Frauenfeld|Wil|Baar|Wetzikon|Aarau|Baden|Olten|Solothurn|Burgdorf|Langenthal|Interlaken
        Liestal|Davos|Arosa|Brig|Visp|Zermatt|Altdorf|Stans|Sarnen|Glarus|Herisau|Appenzell|Kreuzlingen|Romanshorn
        Einsiedeln|Bahnhof|Haupt|Dorf|See|Kirch
        """),
    postcodes=words("#### {place}|CH-#### {place}|8### {place}|3### {place}"),
    phones=words("""
        0## ### ## ##|+41 ## ### ## ##|044 ### ## ##|031 ### ## ##|Tel 0##/### ## ##|0800 ### ###|(0##) ### ## ##
        """),
    tax_ids=words("CHE-###.###.### MWST|CHE-###.###.###|CHE ###.###.### MWST|### ###"),
    items=goods("""
        1.20-7.50: GIPFELI|WEGGLI|BIRCHERMÜESLI|CAFÉ CRÈME|SCHALE|RIVELLA 5DL|STANGE|NUSSGIPFEL|CERVELAT
        1.20-7.50: BÜNDNER NUSSTORTE
        16.50-48.00: RÖSTI|ZÜRCHER GESCHNETZELTES|FONDUE|RACLETTE|ÄLPLERMAGRONEN|CORDON BLEU|EGLIFILET
        16.50-48.00: KALBSBRATWURST
        """)
    + priced(german.GOODS, 1.6),
    tax_rates=(7.7, 2.5, 8.0, 8.1),
)
