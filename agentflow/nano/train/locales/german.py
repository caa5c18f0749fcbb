"""What tills say, and shops sell, in German wherever it is spoken. Prices are in euros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agentflow.nano.train.locales import Role
from agentflow.nano.train.locales.words import goods, words

MONTHS: Final = words("Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember")

SHORT_MONTHS: Final = words("Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez")

DATES: Final = words("""
    %d.%m.%Y|%d.%m.%y|%-d.%-m.%Y|%d. %B %Y|%-d. %B %Y|%d. %b %Y|%Y-%m-%d|%d/%m/%Y|%d-%m-%Y|%d %b %Y|%-d.%-m.%y
    """)

LABELS: Final[Mapping[Role, tuple[str, ...]]] = {
    "title": words("""
        RECHNUNG|KASSENBON|Kassenbeleg|QUITTUNG|Rechnung|Bon|BELEG|Kundenbeleg|Barverkauf|Gastbeleg|Barrechnung
        """),
    "date": words("""
        DATUM|Datum|Rechnungsdatum|Belegdatum|Datum/Zeit|Bondatum|Verkaufsdatum|Kaufdatum|Dat.|Ausgestellt am
        """),
    "time": words("UHRZEIT|Uhrzeit|Zeit|ZEIT|Beginn|Um"),
    "number": words("""
        RECHNUNG NR|Rechnungs-Nr.|BON-NR|Bon Nr.|Beleg-Nr.|BELEG|Rechnung Nr|Rg.-Nr.|Trans.-Nr.|Vorgang|Quittung Nr.
        TA-Nr.
        """),
    "cashier": words("""
        BEDIENER|Es bediente Sie|Kassierer|Bediener|KELLNER|Verkäufer|Bed.|Kassiererin|Es bediente Sie Frau
        Mitarbeiter
        """),
    "table": words("TISCH|Tisch|Tisch Nr.|Tisch #|Gäste|Personen|Platz"),
    "till": words("KASSE|Kasse|Kassen-Nr.|Kasse Nr|Terminal|Terminal-ID|Filiale|Markt|Reg"),
    "member": words("KUNDEN-NR|Kundennummer|Kunde|Kundenkarte|Karten-Nr.|Mitglied|Bonuskarte|Kd.-Nr."),
    "phone": words("TEL|Tel.|Telefon|Tel|Fon|Hotline|Tel-Nr.|Service"),
    "fax": words("FAX|Fax|Telefax|Fax.|Fax-Nr."),
    "tax_id": words("UST-ID|USt-IdNr.|USt-ID-Nr.|Steuer-Nr.|St.-Nr.|Steuernummer|UST-ID-NR|St-Nr."),
    "company_id": words("HRB|Handelsregister|HR-Nr.|Reg.-Nr.|Amtsgericht HRB|Firmenbuch"),
    "item": words("ARTIKEL|Artikel|Bezeichnung|Produkt|Ware|BEZEICHNUNG|Position|Leistung"),
    "quantity": words("MENGE|Menge|Anz.|ANZAHL|Stk|Stück|Anzahl|STK"),
    "price": words("PREIS|Preis|Einzelpreis|E-Preis|EP|à|Einzel|Stückpreis"),
    "amount": words("BETRAG|Betrag|EUR|Gesamt|Summe|Gesamtpreis|Wert|GP"),
    "subtotal": words("ZWISCHENSUMME|Zwischensumme|ZW-SUMME|Zw.-Summe|Warenwert|Zwischentotal|Summe Artikel"),
    "net": words("NETTO|Netto|Nettobetrag|Netto-Umsatz|Summe netto|Netto EUR|Nettosumme"),
    "tax": words("""
        MWST|MwSt|MwSt 19%|MwSt.|USt|UST 19%|Mehrwertsteuer|enth. MwSt|inkl. MwSt|Steuer|USt 7%|A = 19% MwSt
        """),
    "discount": words("RABATT|Rabatt|Nachlass|Skonto|Preisvorteil|Coupon|Aktion|Gutschein|Sofortrabatt|RABATT 10%"),
    "service": words("BEDIENUNG|Trinkgeld|Tip|Servicepauschale|Service|Gedeck"),
    "rounding": words("RUNDUNG|Rundung|Rundungsdifferenz|Rundungsbetrag|Gerundet"),
    "total": words("""
        SUMME|GESAMT|GESAMTBETRAG|SUMME EUR|TOTAL|ZU ZAHLEN|GESAMTSUMME|Summe|Gesamt|Gesamtbetrag|Rechnungsbetrag
        Endbetrag|SUMME €|Zu zahlen|BRUTTO|Gesamt EUR|Zahlbetrag|Endsumme|Bruttobetrag|TOTAL EUR|RECHNUNGSBETRAG
        Rechnungssumme|Gesamt brutto|Saldo
        """),
    "cash": words("BAR|Bar|BARZAHLUNG|Bargeld|Bar EUR|Barzahlung|BAR GEGEBEN|Cash"),
    "card": words("""
        EC-KARTE|GIROCARD|Kartenzahlung|VISA|MASTERCARD|EC-Cash|Karte|Kreditkarte|Debitkarte|Kontaktlos|V PAY
        MAESTRO
        """),
    "paid": words("GEGEBEN|Gegeben|Bezahlt|Gezahlt|Zahlung|Geg.|ERHALTEN|Betrag erhalten"),
    "change": words("RÜCKGELD|Rückgeld|ZURÜCK|Zurück|Wechselgeld|Rückgeld BAR|RUECKGELD|Retour"),
    "items_sold": words("ANZAHL ARTIKEL|Artikel gesamt|Posten|Anzahl Posten|Stückzahl|Anz. Artikel|Artikelanzahl"),
    "saved": words("GESPART|Sie sparen|Sie haben gespart|Ihre Ersparnis|Ersparnis|Ihr Vorteil"),
    "points": words("PUNKTE|Punkte|Bonuspunkte|Punktestand|Ihre Punkte|Treuepunkte|Gesammelte Punkte"),
    "due_date": words("FÄLLIG AM|Gültig bis|Zahlbar bis|Fällig|Einlösbar bis|Verfällt am|Umtausch bis|Lieferdatum"),
    "thanks": words("""
        VIELEN DANK|Vielen Dank für Ihren Einkauf|Vielen Dank für Ihren Besuch|Danke und auf Wiedersehen|Bis bald
        Auf Wiedersehen|Wir danken für Ihren Einkauf|Beehren Sie uns bald wieder|Einen schönen Tag
        Danke für Ihr Vertrauen|Schönen Feierabend
        """),
    "footer": words("""
        Umtausch nur mit Kassenbon|Öffnungszeiten Mo-Sa 8-20 Uhr|Keine Barauszahlung
        Reduzierte Ware vom Umtausch ausgeschlossen|Bitte Beleg aufbewahren|Umtausch innerhalb von 14 Tagen
        Es gelten unsere AGB|Preise inkl. gesetzl. MwSt|Kundenbeleg|TSE-Signatur|Montag Ruhetag
        Besuchen Sie uns im Internet|Dieser Beleg wurde maschinell erstellt
        """),
}

TRADES: Final = words("""
    BÄCKEREI|KONDITOREI|METZGEREI|FLEISCHEREI|CAFÉ|GASTHAUS|GASTHOF|RESTAURANT|BRAUHAUS|PIZZERIA|IMBISS|GRILL
    EISDIELE|WEINSTUBE|RATSKELLER|BIERGARTEN|LEBENSMITTEL|SUPERMARKT|FEINKOST|OBST & GEMÜSE|HOFLADEN|REFORMHAUS
    BIOMARKT|GETRÄNKEMARKT|KIOSK|TABAKWAREN|DROGERIE|APOTHEKE|SANITÄTSHAUS|OPTIK|HÖRAKUSTIK|BUCHHANDLUNG|PAPETERIE
    SCHREIBWAREN|BAUMARKT|EISENWAREN|FARBEN|ELEKTRO|GARTENCENTER|BLUMEN|ZOOHANDLUNG|SPIELWAREN|SCHUHHAUS|MODEHAUS
    TEXTILPFLEGE|REINIGUNG|FRISEUR|KOSMETIK|JUWELIER|UHREN|TANKSTELLE|AUTOHAUS|REIFENDIENST|FAHRRÄDER|WASCHPARK
    HOTEL|PENSION|MÖBEL|HANDEL|COPYSHOP|SCHLÜSSELDIENST
    """)

GIVEN_NAMES: Final = words("""
    Anna|Marie|Sophie|Lena|Laura|Julia|Katharina|Sabine|Petra|Monika|Ursula|Renate|Heike|Birgit|Claudia|Ingrid|Greta
    Frieda|Ayse|Lukas|Jonas|Felix|Paul|Max|Leon|Thomas|Stefan|Andreas|Michael|Wolfgang|Jürgen|Klaus|Dieter|Hans|Karl
    Uwe|Matthias|Florian|Mehmet
    """)

SURNAMES: Final = words("""
    Müller|Schmidt|Schneider|Fischer|Weber|Meyer|Wagner|Becker|Schulz|Hoffmann|Schäfer|Koch|Bauer|Richter|Klein|Wolf
    Schröder|Neumann|Schwarz|Zimmermann|Braun|Krüger|Hofmann|Hartmann|Lange|Schmitt|Werner|Krause|Meier|Lehmann
    Köhler|Herrmann|König|Walter|Mayer|Huber|Kaiser|Fuchs|Peters|Lang|Scholz|Möller|Weiß|Jung|Hahn|Vogel|Friedrich
    Keller|Günther|Frank|Berger|Winkler|Roth|Beck
    """)

GOODS: Final = goods("""
    0.30-3.90: BRÖTCHEN|LAUGENBREZEL|BUTTERCROISSANT|VOLLMILCH 3,5%|BIO EIER 10ER|BUTTER 250G|JOGHURT NATUR|QUARK
    0.30-3.90: MINERALWASSER|APFELSCHORLE
    0.80-4.50: BANANEN|TOMATEN LOSE|GURKE|KARTOFFELN 2KG|ZWIEBELN|ÄPFEL BRAEBURN|PAPRIKA MIX|CHAMPIGNONS|FELDSALAT
    0.80-4.50: MÖHREN
    1.50-8.90: ROGGENBROT|GOUDA SCHEIBEN|SALAMI|KOCHSCHINKEN|HÄHNCHENBRUST|HACKFLEISCH 500G|LACHSFILET
    1.50-8.90: KAFFEE GEMAHLEN|OLIVENÖL|NUDELN
    2.20-5.50: CAPPUCCINO|LATTE MACCHIATO|ESPRESSO|HEISSE SCHOKOLADE|PILS 0,5|WEIZEN 0,5|RADLER|SPEZI|TEE KÄNNCHEN
    2.20-5.50: KÄSEKUCHEN
    7.50-24.90: SCHNITZEL POMMES|CURRYWURST|SAUERBRATEN|KÄSESPÄTZLE|SPARGEL SCHINKEN|FORELLE BLAU|RUMPSTEAK
    7.50-24.90: FLAMMKUCHEN|TAGESSUPPE
    0.90-15.90: ZAHNPASTA|SHAMPOO|SPÜLMITTEL|TOILETTENPAPIER|BATTERIEN AA|KUGELSCHREIBER|COLLEGEBLOCK|KLEBEBAND
    0.90-15.90: GRUSSKARTE|TASCHENBUCH
    4.90-89.00: SCHRAUBEN 200ST|WANDFARBE 10L|PINSELSET|BOHRER|VERLÄNGERUNG|BLUMENERDE|STEHLAMPE|HERRENHEMD|T-SHIRT
    4.90-89.00: SANDALEN
    """)
