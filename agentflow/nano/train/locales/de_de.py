"""Germany. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, german
from agentflow.nano.train.locales.words import words

LOCALE: Final = Locale(
    code="de-DE",
    labels=german.LABELS,
    currency=("EUR", "€", "EUR", "Euro"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1.234,50"),
    dates=german.DATES,
    months=german.MONTHS,
    short_months=german.SHORT_MONTHS,
    trades=german.TRADES,
    legal_forms=words("GmbH|GMBH|GmbH & Co. KG|KG|OHG|e.K.|AG|UG|GbR|eG|& Söhne|Inh."),
    given_names=german.GIVEN_NAMES,
    surnames=german.SURNAMES,
    streets=words("""
        {name}straße {n}|{name}str. {n}|{name} Straße {n}|{name}weg {n}|{name}platz {n}|Am {name} {n}
        {name}gasse {n}|{name}allee {n}|{name}ring {n}|Alte {name} Str. {n}-{n}|{name}damm {n}
        """),
    places=words("""
        Berlin|Hamburg|München|Köln|Frankfurt|Stuttgart|Düsseldorf|Leipzig|Dortmund|Essen|Bremen|Dresden|Hannover
        Nürnberg|Duisburg|Bochum|Wuppertal|Bielefeld|Bonn|Münster|Karlsruhe|Mannheim|Augsburg|Wiesbaden|Kiel|Lübeck
        Erfurt|Rostock|Mainz|Kassel|Saarbrücken|Freiburg|Regensburg|Würzburg|Ulm|Göttingen|Koblenz|Trier|Jena|Passau
        Bamberg|Konstanz|Husum|Goethe|Schiller|Linden|Markt|Bahnhof
        """),
    postcodes=words("##### {place}|D-##### {place}|##### {place}, Deutschland"),
    phones=words("""
        0## / ### ## ##|0##/#######|030 / ########|0#### / #####|+49 ## #######|0#### ######|0800 ### ## ##
        (0##) ######
        """),
    tax_ids=words("DE#########|DE ### ### ###|##/###/#####|###/####/####"),
    items=german.GOODS,
    tax_rates=(19.0, 7.0),
)
