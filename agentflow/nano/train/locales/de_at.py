"""Austria. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, german
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="de-AT",
    labels={
        **german.LABELS,
        "title": words("RECHNUNG|BARBELEG|Kassabon|Rechnung|KASSENBELEG|Beleg|Barverkauf|HONORARNOTE"),
        "till": words("KASSA|Kassa|Kassa-Nr.|Kassen-ID|Terminal|Filiale|KASSA NR"),
        "tax_id": words("UID|UID-Nr.|ATU|UID NR|UID-Nummer|St.-Nr."),
        "company_id": words("FN|Firmenbuch|FB-Nr.|Firmenbuchnr.|FN-Nr."),
        "tax": words("MWST|MwSt|20% MwSt|USt 20%|USt|inkl. 20% USt|MwSt 10%|enth. MwSt|UST 10%|Mwst-Betrag"),
    },
    currency=("EUR", "€"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1.234,50"),
    dates=german.DATES,
    months=("Jänner", *german.MONTHS[1:]),
    short_months=("Jän", *german.SHORT_MONTHS[1:]),
    trades=german.TRADES
    + words("""
        TRAFIK|HEURIGER|BEISL|KAFFEEHAUS|FLEISCHHAUEREI|GREISSLEREI|TISCHLEREI|WÜRSTELSTAND|JAUSENSTATION
        """),
    legal_forms=words("GmbH|Ges.m.b.H.|KG|OG|e.U.|AG|GmbH & Co KG|& Sohn|Gen.m.b.H."),
    given_names=german.GIVEN_NAMES,
    surnames=german.SURNAMES
    + words("""
        Gruber|Pichler|Steiner|Moser|Hofer|Leitner|Eder|Egger|Haas|Brunner|Reiter|Wimmer|Novak|Horvath
        """),
    streets=words("""
        {name}gasse {n}|{name}straße {n}|{name} Straße {n}|{name}platz {n}|{name}gasse {n}/{n}|Am {name} {n}
        {name}weg {n}
        """),
    places=words("""
        Wien|Graz|Linz|Salzburg|Innsbruck|Klagenfurt|Villach|Wels|St. Pölten|Dornbirn|Steyr|Bregenz|Leoben|Krems
        Baden|Leonding|Traun|Amstetten|Kufstein|Hallein|Schwaz|Bludenz|Gmunden|Bad Ischl|Zell am See|Lienz|Feldkirch
        Eisenstadt|Mödling|Tulln|Hollabrunn|Zwettl|Melk|Mistelbach|Oberwart|Bruck|Liezen|Kitzbühel|Mariahilf
        Landstraße|Favoriten|Ottakring|Währing|Döbling|Josefstadt|Haupt
        """),
    postcodes=words("#### {place}|A-#### {place}|1##0 {place}"),
    phones=words("""
        +43 ### ######|0#### / #####|01 / ### ## ##|0### ######|+43 (0)# ### ## ##|0#### ####|0664 / ### ## ##
        """),
    tax_ids=words("ATU########|ATU ########|ATU ### ### ##"),
    items=goods("""
        2.20-6.50: MELANGE|VERLÄNGERTER|KLEINER BRAUNER|SACHERTORTE|APFELSTRUDEL|SEMMEL|ALMDUDLER|KRÜGERL
        2.20-6.50: SPRITZER WEISS|KÄSEKRAINER
        8.90-26.00: TAFELSPITZ|BACKHENDL|KAISERSCHMARRN|GULASCH|WIENER SCHNITZEL|GRÖSTL|KASNOCKEN|ZWIEBELROSTBRATEN
        """)
    + german.GOODS,
    tax_rates=(20.0, 10.0, 13.0),
)
