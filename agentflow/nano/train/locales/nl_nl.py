"""The Netherlands. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="nl-NL",
    labels={
        "title": words("KASSABON|BON|FACTUUR|KWITANTIE|REKENING|Kassabon|Factuur|Nota|KLANTTICKET|Kopie klant"),
        "date": words("DATUM|Datum|Factuurdatum|Bondatum|Datum/Tijd|Aankoopdatum|Dat.|Afgedrukt op"),
        "time": words("TIJD|Tijd|Tijdstip|Uur|Om"),
        "number": words("""
            BONNUMMER|Bonnr.|Bon|Factuurnummer|Factuurnr.|Transactie|Kassabon nr|Bestelnr|Trans.|Ordernr|Volgnr
            """),
        "cashier": words("KASSIER|U bent geholpen door|Medewerker|Bediend door|Kassamedewerker|Verkoper|Kassière|Ober"),
        "table": words("TAFEL|Tafel|Tafelnr.|Gasten|Couverts|Personen"),
        "till": words("KASSA|Kassa|Kassanr.|Terminal|Filiaal|Winkel|Kassa nr"),
        "member": words("KLANT|Klantnr.|Klantenkaart|Kaartnr.|Lidnr.|Bonuskaart nr|Pasnummer"),
        "phone": words("TEL|Tel.|Telefoon|Tel|T|Klantenservice"),
        "fax": words("FAX|Fax|F"),
        "tax_id": words("BTW NR|BTW-nr.|BTW nummer|Btw|BTW-ID|BTW"),
        "company_id": words("KVK|KvK nr.|KvK|K.v.K.|Handelsregister|KVK-nummer"),
        "item": words("ARTIKEL|Omschrijving|Artikel|Product|OMSCHRIJVING"),
        "quantity": words("AANTAL|Aantal|Aant.|St.|Stuks|Qty"),
        "price": words("PRIJS|Prijs|Stukprijs|Prijs p/st|Per stuk"),
        "amount": words("BEDRAG|Bedrag|Totaal|EUR|Euro|Tot."),
        "subtotal": words("SUBTOTAAL|Subtotaal|Sub-totaal|SUB TOTAAL|Tussentotaal|Totaal artikelen"),
        "net": words("EXCL. BTW|Excl. BTW|Netto|Bedrag excl. btw|Grondslag|Over"),
        "tax": words("BTW|BTW 21%|BTW 9%|Btw-bedrag|BTW laag|BTW hoog|Totaal BTW|Waarvan BTW|BTW 6%"),
        "discount": words("KORTING|Korting|Actie|Uw voordeel|Bonus|Kortingsbon|Korting 10%|Coupon"),
        "service": words("SERVICE|Fooi|Servicekosten|Bezorgkosten|Bediening|Tip"),
        "rounding": words("AFRONDING|Afronding|Afrondingsverschil|Afr."),
        "total": words("""
            TOTAAL|TE BETALEN|TOTAAL EUR|TOTAALBEDRAG|TOTAAL TE BETALEN|Totaal|Te betalen|Totaal EUR|EINDTOTAAL
            TOTAAL €|Totaal incl. BTW|TOTAAL INCL. BTW|Totaalbedrag|Te voldoen|FACTUURBEDRAG|Totaal te voldoen
            Rekening totaal|Bedrag te betalen
            """),
        "cash": words("CONTANT|Contant|Contant EUR|CASH|Contant betaald"),
        "card": words("""
            PIN|PINNEN|BANKPAS|MAESTRO|VISA|MASTERCARD|Creditcard|Pinbetaling|Contactloos|V PAY|Betaald met pin
            """),
        "paid": words("BETAALD|Betaald|Ontvangen|Voldaan|Gegeven|BETALING"),
        "change": words("WISSELGELD|Wisselgeld|TERUG|Retour|Terug contant|Wisselgeld EUR"),
        "items_sold": words("AANTAL ARTIKELEN|Aantal artikelen|Artikelen|Stuks totaal|Totaal aantal"),
        "saved": words("UW VOORDEEL|U bespaart|Totaal voordeel|Uw korting|Bespaard|U heeft bespaard"),
        "points": words("PUNTEN|Punten|Spaarpunten|Puntensaldo|Gespaarde punten|Zegels"),
        "due_date": words("VERVALDATUM|Geldig tot|Vervaldatum|Te betalen voor|Ruilen tot|Uiterste betaaldatum"),
        "thanks": words("""
            BEDANKT|BEDANKT EN TOT ZIENS|Bedankt voor uw bezoek|Bedankt voor uw aankoop|Tot ziens|Graag tot ziens
            Fijne dag verder|Dank u wel|Wij danken u voor uw bezoek|Eet smakelijk
            """),
        "footer": words("""
            Ruilen binnen 14 dagen met bon|Bewaar deze bon|Geen geld terug|Open ma t/m za 9-18 uur
            Afgeprijsde artikelen niet ruilen|Prijzen incl. btw|Controleer uw wisselgeld|Zondag gesloten
            Volg ons online|Kopie voor klant
            """),
    },
    currency=("€", "EUR", "Euro"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1.234,50"),
    dates=words("""
        %d-%m-%Y|%d-%m-%y|%d/%m/%Y|%d.%m.%Y|%-d-%-m-%Y|%d %b %Y|%-d %B %Y|%d %B %Y|%d/%m/%y|%Y-%m-%d|%-d %b %Y
        %d-%b-%Y
        """),
    months=words("januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"),
    short_months=words("jan|feb|mrt|apr|mei|jun|jul|aug|sep|okt|nov|dec"),
    trades=words("""
        BAKKERIJ|BANKETBAKKERIJ|SLAGERIJ|VISHANDEL|KAASHANDEL|GROENTEHAL|SUPERMARKT|BUURTSUPER|SLIJTERIJ
        DELICATESSEN|NATUURWINKEL|TOKO|CAFÉ|EETCAFÉ|RESTAURANT|BRASSERIE|PANNENKOEKENHUIS|SNACKBAR|CAFETARIA
        LUNCHROOM|IJSSALON|PIZZERIA|SHOARMA|KOFFIEBAR|PROEFLOKAAL|DROGISTERIJ|APOTHEEK|OPTIEK|BOEKHANDEL
        KANTOORBOEKHANDEL|IJZERHANDEL|DOE-HET-ZELF|BOUWMARKT|VERFHANDEL|ELEKTRO|TUINCENTRUM|BLOEMISTERIJ
        DIERENWINKEL|SPEELGOED|SCHOENEN|MODE|LINGERIE|SPORT|FIETSEN|RIJWIELHANDEL|STOMERIJ|WASSERETTE|KAPSALON
        JUWELIER|TANKSTATION|GARAGE|BANDENSERVICE|WASSTRAAT|HOTEL|CAMPING|MEUBELEN|WOONWINKEL|DRUKKERIJ
        HANDELSONDERNEMING|TABAK & LECTUUR
        """),
    legal_forms=words("B.V.|BV|V.O.F.|VOF|& Zn.|N.V.|Holding B.V.|C.V.|& Zonen|Eenmanszaak"),
    given_names=words("""
        Jan|Piet|Kees|Henk|Willem|Gerrit|Hans|Johan|Dirk|Cor|Sjaak|Bram|Daan|Sem|Thijs|Lars|Ruben|Joost|Maarten
        Wouter|Youssef|Anna|Maria|Johanna|Cornelia|Wilhelmina|Els|Ria|Ans|Marijke|Ingrid|Saskia|Femke|Sanne|Lotte
        Fleur|Roos|Eva|Anouk|Marloes|Fatima
        """),
    surnames=words("""
        de Jong|Jansen|de Vries|van den Berg|van Dijk|Bakker|Janssen|Visser|Smit|Meijer|de Boer|Mulder|de Groot|Bos
        Vos|Peters|Hendriks|van Leeuwen|Dekker|Brouwer|de Wit|Dijkstra|Smits|de Graaf|van der Meer|van der Linden
        Kok|Jacobs|de Haan|Vermeulen|van Vliet|van den Heuvel|van der Veen|van den Broek|de Bruijn|de Bruin
        van der Heijden|Schouten|van Beek|Willems|Hoekstra|Kuipers|Postma|Koster|Prins|Blom|Huisman|Timmermans
        Yilmaz
        """),
    streets=words("""
        {name}straat {n}|{name}weg {n}|{name}laan {n}|{name}plein {n}|{name}gracht {n}|{name}kade {n}
        Winkelcentrum {name} {n}|{name}dijk {n}|Markt {n}|{name}singel {n}-{n}|{name}hof {n}
        """),
    places=words("""
        Amsterdam|Rotterdam|Den Haag|Utrecht|Eindhoven|Tilburg|Groningen|Almere|Breda|Nijmegen|Enschede|Haarlem
        Arnhem|Zaandam|Amersfoort|Apeldoorn|Den Bosch|Hoofddorp|Maastricht|Leiden|Dordrecht|Zoetermeer|Zwolle
        Deventer|Delft|Alkmaar|Heerlen|Venlo|Leeuwarden|Hilversum|Hengelo|Assen|Gouda|Hoorn|Vlissingen|Middelburg
        Emmen|Lelystad|Ede|Roermond|Oss|Weert|Sneek|Kerk|Dorps|Nieuw|Juliana
        """),
    postcodes=words("#### @@ {place}|####@@ {place}|####@@  {place}|#### @@  {place}"),
    phones=words("""
        0##-#######|0## ### ## ##|020-### ####|+31 ## ### ####|0###-######|(0##) ### ## ##|06-########|0800-####
        """),
    tax_ids=words("NL#########B01|NL#########B##|NL ####.##.###.B01|####.##.###.B.01"),
    items=goods("""
        0.25-3.90: TASJE|KOFFIE|ESPRESSO|THEE|MUNTTHEE|SAUCIJZENBROODJE|KROKET|FRIKANDEL|KRENTENBOL|CROISSANT
        0.25-3.90: STROOPWAFEL|SPA BLAUW
        0.89-6.50: HALFVOLLE MELK|EIEREN 10ST|ROOMBOTER|VOLKOREN BROOD|KWARK|VLA|BEURRE KOEKJES|AARDAPPELEN|UIEN
        0.89-6.50: TOMATEN|KOMKOMMER|BANANEN
        2.50-14.90: JONG BELEGEN|OUDE KAAS|ROOKWORST|KIPFILET|GEHAKT 500G|HARING|ZALMFILET|FILTERKOFFIE|PINDAKAAS
        2.50-14.90: HAGELSLAG|WITTE WIJN|KRAT BIER
        3.00-9.50: CAPPUCCINO|APPELGEBAK|BITTERBALLEN|BIERTJE|UITSMIJTER|TOSTI|PATAT MET|PANNENKOEK SPEK
        3.00-9.50: SOEP VAN DE DAG|ERWTENSOEP|WARME CHOCO
        11.50-29.50: SATÉ MET FRIET|BIEFSTUK|MOSSELEN|DAGSCHOTEL|SPARERIBS|SCHOLFILET|STAMPPOT|NASI RAMES|RIJSTTAFEL
        11.50-29.50: VEGABURGER
        1.20-17.00: TANDPASTA|SHAMPOO|AFWASMIDDEL|TOILETPAPIER|BATTERIJEN AA|BALPEN|SCHRIFT A4|PLAKBAND|WENSKAART
        1.20-17.00: POCKET|PARACETAMOL|PLEISTERS
        4.95-95.00: MUURVERF 5L|SCHROEVEN 200|LEDLAMP|KWAST|POTGROND 40L|BOEKET|OVERHEMD|SPIJKERBROEK|SOKKEN 3P
        4.95-95.00: FIETSBAND|KNIPPEN|EURO 95|DIESEL
        """),
    tax_rates=(21.0, 9.0, 6.0),
)
