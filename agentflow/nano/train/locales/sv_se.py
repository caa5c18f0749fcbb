"""Sweden. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="sv-SE",
    labels={
        "title": words("KVITTO|KASSAKVITTO|FAKTURA|Kvitto|KONTANTNOTA|NOTA|Kundens kvitto|Försäljning|KOPIA"),
        "date": words("DATUM|Datum|Köpdatum|Fakturadatum|Dat|Datum/Tid|Utskrivet|Försäljningsdatum"),
        "time": words("TID|Tid|Kl|Klockan|kl."),
        "number": words("KVITTO NR|Kvittonr|Kvitto|Nota nr|Fakturanr|Köp nr|Ordernr|Bong|Ref|Kvittonummer|Transnr"),
        "cashier": words("""
            KASSÖR|Kassör|Säljare|Ni betjänades av|Expedit|Betjänad av|Servitör|Kassörska|Du betjänades av
            """),
        "table": words("BORD|Bord|Bord nr|Gäster|Antal gäster"),
        "till": words("KASSA|Kassa|Kassa nr|Terminal|Butik|Term|Kassaenhet"),
        "member": words("MEDLEM|Medlemsnr|Kundnr|Kund|Kortnr|Medlemskort|Kundnummer"),
        "phone": words("TEL|Tel|Telefon|Tfn|Tel.|Kundtjänst"),
        "fax": words("FAX|Fax|Telefax"),
        "tax_id": words("MOMSREG NR|Momsreg.nr|VAT nr|Momsnr|Moms.reg|VAT"),
        "company_id": words("ORG NR|Org.nr|Org nr|Orgnr|Organisationsnr|Org.nummer"),
        "item": words("ARTIKEL|Artikel|Benämning|Vara|Beskrivning|Produkt"),
        "quantity": words("ANTAL|Antal|Ant|St|st|Kvant"),
        "price": words("PRIS|Pris|À-pris|A-pris|Styckpris|Pris/st"),
        "amount": words("BELOPP|Belopp|Summa|SEK|Kr|Total"),
        "subtotal": words("DELSUMMA|Delsumma|Subtotal|Del summa|SUMMA VAROR|Varor"),
        "net": words("NETTO|Netto|Exkl moms|Belopp exkl. moms|Netto SEK|Summa exkl moms"),
        "tax": words("MOMS|Moms|Moms 25%|Moms 12%|Varav moms|MOMS%|Moms SEK|Moms 6%|Total moms"),
        "discount": words("RABATT|Rabatt|Kampanj|Avdrag|Medlemsrabatt|Prisnedsättning|Kupong"),
        "service": words("DRICKS|Dricks|Serviceavgift|Service|Expeditionsavgift"),
        "rounding": words("ÖRESAVRUNDNING|Öresavrundning|Avrundning|Öresutj.|Öresutjämning"),
        "total": words("""
            TOTALT|ATT BETALA|SUMMA|TOTAL|TOTALT SEK|Att betala|Totalt|SUMMA SEK|Summa att betala|Total SEK
            Totalsumma|KÖP|SLUTSUMMA|TOTALBELOPP|Att betala SEK|TOTALT KR|Summa inkl. moms|Totalt inkl moms|Köp SEK
            """),
        "cash": words("KONTANT|Kontant|Kontanter|KONTANT SEK|Kontantbetalning"),
        "card": words("KORT|Bankkort|VISA|MASTERCARD|Kontokort|Kortbetalning|SWISH|Betalkort|KORTKÖP"),
        "paid": words("BETALT|Betalt|Erhållet|Mottaget|Betalning|Inbetalt"),
        "change": words("VÄXEL|Växel|Tillbaka|Åter|VÄXEL TILLBAKA|Retur kontant"),
        "items_sold": words("ANTAL VAROR|Antal varor|Antal artiklar|Varor|Antal st|Artiklar"),
        "saved": words("DU SPARADE|Du har sparat|Total rabatt|Din rabatt|Sparat"),
        "points": words("POÄNG|Poäng|Bonuspoäng|Saldo poäng|Dina poäng|Intjänade poäng"),
        "due_date": words("FÖRFALLODATUM|Förfaller|Gäller till|Betala senast|Öppet köp till|Bytesrätt t.o.m."),
        "thanks": words("""
            TACK|Tack för besöket|Tack för ditt köp|VÄLKOMMEN ÅTER|Tack och välkommen åter|Ha en bra dag|Tack & hej
            Vi ses igen|Tack för att du handlar hos oss
            """),
        "footer": words("""
            Öppet köp 30 dagar mot kvitto|Spara kvittot|Öppettider vardagar 10-19|Rea varor bytes ej
            Byte inom 14 dagar|Följ oss på nätet|Inga returer på öppnad förpackning|Kontrollera växeln
            Kundens exemplar|Söndag stängt
            """),
    },
    currency=("kr", "SEK", ":-", "Kr"),
    currency_code="SEK",
    decimals=2,
    numbers=("1234,50", "1 234,50", "1234.50"),
    dates=words("""
        %Y-%m-%d|%y-%m-%d|%d/%m/%Y|%-d/%-m %Y|%Y%m%d|%-d %B %Y|%d %b %Y|%d.%m.%Y|%y%m%d|%Y/%m/%d|%-d %b %Y
        den %-d %B %Y
        """),
    months=words("januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"),
    short_months=words("jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec"),
    trades=words("""
        BAGERI|KONDITORI|KAFÉ|RESTAURANG|KROG|PIZZERIA|GATUKÖK|KORVKIOSK|SUSHI|GRILL|LIVS|MATHALL|SALUHALL
        CHARKUTERI|FISKHANDEL|LANTHANDEL|KIOSK|TOBAK|GODIS|GLASSBAR|APOTEK|OPTIK|BOKHANDEL|PAPPERSHANDEL|JÄRNHANDEL
        BYGGVARUHUS|FÄRGHANDEL|EL & VVS|PLANTSKOLA|BLOMMOR|ZOO|LEKSAKER|SKOR|KLÄDER|MODE|SPORT|CYKEL|KEMTVÄTT|FRISÖR
        HUDVÅRD|GULDSMED|URMAKARE|BENSIN|BILSERVICE|DÄCK|HOTELL|VÄRDSHUS|MÖBLER|INREDNING|TRYCKERI|SECOND HAND
        HEMSLÖJD|VERKSTAD|DATORER
        """),
    legal_forms=words("AB|HB|KB|Aktiebolag|i Sverige AB|Handelsbolag|ek. för.|& Son AB|& Co"),
    given_names=words("""
        Anna|Karin|Eva|Kristina|Lena|Birgitta|Maja|Elsa|Astrid|Ebba|Saga|Wilma|Ingrid|Gunilla|Ulla|Kerstin|Linnéa
        Moa|Tuva|Agneta|Lars|Erik|Karl|Anders|Johan|Per|Nils|Sven|Gustav|Oskar|Axel|Hugo|Viktor|Göran|Björn|Bengt
        Ola|Magnus|Torsten|Åke
        """),
    surnames=words("""
        Andersson|Johansson|Karlsson|Nilsson|Eriksson|Larsson|Olsson|Persson|Svensson|Gustafsson|Pettersson|Jonsson
        Jansson|Hansson|Bengtsson|Jönsson|Lindberg|Jakobsson|Magnusson|Lindström|Olofsson|Lindqvist|Lindgren|Berg
        Axelsson|Bergström|Lundberg|Lind|Lundgren|Lundqvist|Mattsson|Berglund|Fredriksson|Sandberg|Henriksson
        Forsberg|Sjöberg|Wallin|Engström|Eklund|Danielsson|Lundin
        """),
    streets=words("""
        {name}gatan {n}|{name}vägen {n}|{name}torget {n}|Stora {name}gatan {n}|{name} {n}|{name}gränd {n}
        {name}plan {n}|{name} Centrum
        """),
    places=words("""
        Stockholm|Göteborg|Malmö|Uppsala|Västerås|Örebro|Linköping|Helsingborg|Jönköping|Norrköping|Lund|Umeå|Gävle
        Borås|Södertälje|Eskilstuna|Halmstad|Växjö|Karlstad|Sundsvall|Trollhättan|Östersund|Borlänge|Falun|Kalmar
        Kristianstad|Skövde|Karlskrona|Luleå|Kiruna|Visby|Ystad|Lidköping|Motala|Mora|Varberg|Kungsbacka|Nyköping
        Drottning|Kungs|Storgatan|Vasa|Sveavägen|Strand|Järnvägs
        """),
    postcodes=words("### ## {place}|##### {place}|SE-### ## {place}|### ##  {place}"),
    phones=words("""
        08-### ## ##|0##-## ## ##|0##-### ## ##|+46 8 ### ## ##|070-### ## ##|031-## ## ##|0### - ### ##
        020-## ## ##
        """),
    tax_ids=words("SE##########01|SE######-####01|######-####|SE##########-01"),
    items=goods("""
        5-35: KANELBULLE|KARDEMUMMABULLE|BÄRKASSE|BRYGGKAFFE|LÄTTÖL|MINERALVATTEN|FESTIS|KEXCHOKLAD|GRÄDDFIL|JÄST
        5-35: MORÖTTER|GUL LÖK|GURKA
        15-75: MELLANMJÖLK 1,5L|ÄGG 12P|SMÖR 500G|FILMJÖLK|KNÄCKEBRÖD|LIMPA|HUSHÅLLSOST|FALUKORV|KAVIAR|SILL|PASTA
        15-75: ÄPPLEN|POTATIS 2KG
        35-165: BRYGGKAFFE 450G|LAXFILÉ|KYCKLINGFILÉ|KÖTTFÄRS|RÄKOR 500G|OSTBÅGAR|TACOKIT|LÖSGODIS|PRINSESSTÅRTA
        35-165: GRILLKOL
        29-65: CAPPUCCINO|KAFFE LATTE|CHAI|SEMLA|MOROTSKAKA|STOR STARK|CIDER|GLASS 2 KULOR|RÄKMACKA LITEN
        95-325: DAGENS LUNCH|KÖTTBULLAR|PYTTIPANNA|RAGGMUNK|PLANKSTEK|TOAST SKAGEN|RENSKAV|FISKSOPPA|VESUVIO
        95-325: CAESARSALLAD|OXFILÉ
        10-120: TANDKRÄM|SCHAMPO|DISKMEDEL|TOALETTPAPPER|BATTERI AA|PENNA|BLOCK A5|TEJP|GRATTISKORT|POCKETBOK
        10-120: PLÅSTER|ALVEDON
        49-899: VÄGGFÄRG 3L|SKRUV 200ST|PENSEL|LAMPA LED|SKJORTA|JEANS|VANTAR|STÖVLAR|BUKETT|KLIPPNING|BLYFRI 95
        49-899: DIESEL|CYKELSLANG
        """),
    tax_rates=(25.0, 12.0, 6.0),
)
