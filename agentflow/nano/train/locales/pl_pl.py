"""Poland. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="pl-PL",
    labels={
        "title": words("""
            PARAGON FISKALNY|PARAGON|FAKTURA|RACHUNEK|FAKTURA VAT|Paragon|DOWÓD SPRZEDAŻY|Faktura uproszczona
            """),
        "date": words("DATA|Data|Data sprzedaży|Data wystawienia|Data wydruku|DATA ZAKUPU|Dn.|Data transakcji"),
        "time": words("GODZINA|Godz.|Czas|Godzina|G."),
        "number": words("""
            PARAGON NR|Nr paragonu|NR|Nr wydruku|FAKTURA NR|Nr|Nr transakcji|Nr sys.|Zamówienie nr|Nr rachunku
            """),
        "cashier": words("KASJER|Kasjer|Sprzedawca|Kelner|Obsługa|Kas.|Obsługiwał|Kierownik"),
        "table": words("STOLIK|Stolik|Stolik nr|Gości|St."),
        "till": words("KASA|Kasa|Kasa nr|Stanowisko|POS|Terminal|Sklep"),
        "member": words("KARTA|Nr karty|Klient|Karta klienta|Nabywca|Karta stałego klienta|Nr klienta"),
        "phone": words("TEL|Tel.|tel|Telefon|Infolinia|tel./fax|Kom."),
        "fax": words("FAX|Faks|fax|Fax"),
        "tax_id": words("NIP|NIP:|Nr NIP|NIP Sprzedawcy|NIP PL"),
        "company_id": words("REGON|KRS|BDO|Regon|Nr BDO|KRS nr"),
        "item": words("TOWAR|Nazwa|Nazwa towaru|Artykuł|Usługa|Produkt|Opis"),
        "quantity": words("ILOŚĆ|Ilość|Il.|Szt.|szt|ILE"),
        "price": words("CENA|Cena|Cena jedn.|C.j.|Cena szt.|Cena brutto"),
        "amount": words("WARTOŚĆ|Wartość|Kwota|Razem|Wart.|Wartość brutto|KWOTA"),
        "subtotal": words("""
            PODSUMA|Podsuma|SUMA CZĘŚCIOWA|Suma częściowa|Wartość towarów|Razem przed rabatem
            SPRZEDAŻ OPODATKOWANA A
            """),
        "net": words("NETTO|Wartość netto|Netto|Kwota netto|Suma netto|Razem netto"),
        "tax": words("PTU|PTU A 23%|KWOTA PTU|VAT|SUMA PTU|VAT 23%|Kwota VAT|PTU B 8%|Kwota A 23,00%|Podatek"),
        "discount": words("RABAT|Rabat|OPUST|Upust|Zniżka|Promocja|Rabat 10%|Bon"),
        "service": words("SERWIS|Serwis 10%|Napiwek|Obsługa|Dostawa|Opłata serwisowa"),
        "rounding": words("ZAOKRĄGLENIE|Zaokrąglenie|Zaokr.|Wyrównanie"),
        "total": words("""
            SUMA PLN|SUMA|DO ZAPŁATY|RAZEM|SUMA: PLN|Razem do zapłaty|DO ZAPŁATY PLN|RAZEM PLN|Suma|Należność|OGÓŁEM
            Do zapłaty|RAZEM BRUTTO|SUMA ZŁ|Kwota do zapłaty|Wartość brutto razem|Suma brutto|ŁĄCZNIE
            RAZEM DO ZAPŁATY
            """),
        "cash": words("GOTÓWKA|Gotówka|GOTÓWKA PLN|Got.|Zapłacono gotówką|GOTOWKA"),
        "card": words("KARTA|KARTA PŁATNICZA|VISA|MASTERCARD|Płatność kartą|BLIK|Karta debetowa|ZBLIŻENIOWO|KARTA PLN"),
        "paid": words("ZAPŁACONO|Zapłacono|Wpłata|Przyjęto|Zapłata|WPŁACONO"),
        "change": words("RESZTA|Reszta|RESZTA GOTÓWKA|Reszta PLN|Wydano|DO WYDANIA"),
        "items_sold": words("LICZBA POZYCJI|Pozycji|Ilość pozycji|Liczba artykułów|Sztuk razem|Poz."),
        "saved": words("OSZCZĘDZASZ|Zaoszczędzono|Twoje oszczędności|Oszczędzasz dziś|Suma rabatów"),
        "points": words("PUNKTY|Punkty|Saldo punktów|Zdobyte punkty|Liczba punktów|Pkt"),
        "due_date": words("TERMIN PŁATNOŚCI|Termin płatności|Ważne do|Ważny do dnia|Termin zwrotu|Data ważności"),
        "thanks": words("""
            DZIĘKUJEMY|Dziękujemy za zakupy|Zapraszamy ponownie|DZIĘKUJEMY ZAPRASZAMY|Do zobaczenia|Miłego dnia
            Smacznego|Dziękujemy za wizytę|Dziękujemy i zapraszamy ponownie
            """),
        "footer": words("""
            Zwrot towaru w ciągu 14 dni z paragonem|NIEFISKALNY|Sprawdź resztę|Prosimy zachować paragon
            Czynne pn-sob 8-20|Towar przeceniony nie podlega zwrotowi|Reklamacje z paragonem
            Zapraszamy na naszą stronę|W niedziele nieczynne
            """),
    },
    currency=("PLN", "zł", "PLN", "ZŁ"),
    currency_code="PLN",
    decimals=2,
    numbers=("1234,50", "1 234,50", "1234.50"),
    dates=words("""
        %Y-%m-%d|%d-%m-%Y|%d.%m.%Y|%d/%m/%Y|%d-%m-%y|%Y.%m.%d|%d.%m.%y|%-d %B %Y|%d %b %Y|%d %B %Y r.|%-d.%m.%Y r.
        %Y/%m/%d
        """),
    months=words("stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"),
    short_months=words("sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|lis|gru"),
    trades=words("""
        PIEKARNIA|CUKIERNIA|KAWIARNIA|RESTAURACJA|BAR MLECZNY|PIZZERIA|GOSPODA|KARCZMA|PIEROGARNIA|LODZIARNIA
        PIJALNIA|SKLEP SPOŻYWCZY|DELIKATESY|MARKET|HURTOWNIA|WARZYWNIAK|SKLEP MIĘSNY|RYBY|SKLEP MONOPOLOWY|KIOSK
        APTEKA|DROGERIA|OPTYK|KSIĘGARNIA|PAPIERNICZY|SKLEP ŻELAZNY|MARKET BUDOWLANY|FARBY I LAKIERY|ELEKTRYK|AGD RTV
        MEBLE|KWIACIARNIA|ZOOLOGICZNY|ZABAWKI|OBUWIE|ODZIEŻ|PASMANTERIA|PRALNIA|FRYZJER|SALON KOSMETYCZNY|JUBILER
        ZEGARMISTRZ|STACJA PALIW|AUTO CZĘŚCI|WULKANIZACJA|MYJNIA|ROWERY|HOTEL|PENSJONAT|KSERO
        """),
    legal_forms=words("SP. Z O.O.|Sp. z o.o.|S.A.|SP.J.|Sp. k.|S.C.|I SYNOWIE|F.H.U.|P.P.H.U.|SP. Z O.O. SP.K."),
    given_names=words("""
        Anna|Maria|Katarzyna|Małgorzata|Agnieszka|Barbara|Ewa|Krystyna|Elżbieta|Zofia|Hanna|Joanna|Magdalena|Monika
        Danuta|Irena|Oliwia|Jan|Andrzej|Piotr|Krzysztof|Stanisław|Tomasz|Paweł|Józef|Marcin|Marek|Michał|Grzegorz
        Jerzy|Tadeusz|Adam|Łukasz|Zbigniew|Wojciech
        """),
    surnames=words("""
        Nowak|Kowalski|Wiśniewski|Wójcik|Kowalczyk|Kamiński|Lewandowski|Zieliński|Szymański|Woźniak|Dąbrowski
        Kozłowski|Jankowski|Mazur|Kwiatkowski|Krawczyk|Kaczmarek|Piotrowski|Grabowski|Pawłowski|Michalski|Król
        Wieczorek|Jabłoński|Wróbel|Majewski|Olszewski|Stępień|Malinowski|Jaworski|Adamczyk|Dudek|Górski|Nowicki
        Pawlak|Sikora|Witkowski|Walczak|Rutkowski|Baran|Szewczyk|Pietrzak
        """),
    streets=words("""
        ul. {name} {n}|UL. {name} {n}/{n}|ul. {name} {n} lok. {n}|al. {name} {n}|pl. {name} {n}|os. {name} {n}
        {name} {n}|ul.{name} {n}A
        """),
    places=words("""
        Warszawa|Kraków|Łódź|Wrocław|Poznań|Gdańsk|Szczecin|Bydgoszcz|Lublin|Białystok|Katowice|Gdynia|Częstochowa
        Radom|Toruń|Kielce|Rzeszów|Gliwice|Zabrze|Olsztyn|Bytom|Rybnik|Tychy|Opole|Elbląg|Płock|Tarnów|Chorzów
        Koszalin|Kalisz|Legnica|Grudziądz|Słupsk|Jaworzno|Nowy Sącz|Siedlce|Zakopane|Sopot|Ełk|Sanok|Mickiewicza
        Słowackiego|Kościuszki|Długa|Polna|Leśna|Ogrodowa|Lipowa|Rynek
        """),
    postcodes=words("##-### {place}|##-### {place}, POLSKA|PL ##-### {place}"),
    phones=words("## ### ## ##|### ### ###|+48 ### ### ###|(##) ###-##-##|0-## ### ## ##|801 ### ###|+48 ## ### ## ##"),
    tax_ids=words("###-###-##-##|##########|PL##########|###-##-##-###"),
    items=goods("""
        0.49-4.99: KAJZERKA|BUŁKA GRAHAM|CHLEB ŻYTNI|REKLAMÓWKA|WODA 1,5L|MLEKO 3,2% 1L|ŚMIETANA 18%|JOGURT|SERWETKI
        0.49-4.99: PĄCZEK|DROŻDŻÓWKA
        1.99-14.99: JABŁKA LIGOL|ZIEMNIAKI|CEBULA|POMIDORY|OGÓREK|KAPUSTA|PIECZARKI|MASŁO EXTRA|TWARÓG|JAJA 10SZT
        1.99-14.99: SER GOUDA|SZYNKA
        3.49-29.90: KIEŁBASA ŚLĄSKA|FILET Z KURCZAKA|ŚLEDŹ W OLEJU|RYŻ 1KG|MAKARON|OLEJ 1L|KAWA MIELONA|HERBATA 100
        3.49-29.90: CZEKOLADA|PIWO 0,5L
        6.00-16.00: ESPRESSO|KAWA LATTE|SERNIK|SZARLOTKA|LODY 2 GAŁKI|KOMPOT|LEMONIADA|GOFR|HERBATA Z CYTRYNĄ
        6.00-16.00: SOK ŚWIEŻY
        14.00-58.00: PIEROGI RUSKIE|ŻUREK|SCHABOWY ZESTAW|BIGOS|ROSÓŁ|PLACKI ZIEMNIACZANE|GOLONKA|PSTRĄG
        14.00-58.00: PIZZA MARGHERITA|KEBAB TALERZ
        2.50-39.90: ZESZYT A4|DŁUGOPIS|KLEJ|BATERIE AA|PASTA DO ZĘBÓW|SZAMPON|PŁYN DO NACZYŃ|PAPIER TOALETOWY
        2.50-39.90: PROSZEK 3KG|IBUPROFEN
        9.90-199.00: FARBA BIAŁA 10L|WKRĘTY 100|ŻARÓWKA LED|PĘDZEL|MŁOTEK|KABEL 3M|KOSZULA|SPODNIE|BUTY|CZAPKA|PB95
        9.90-199.00: ON|STRZYŻENIE
        """),
    tax_rates=(23.0, 8.0, 5.0),
)
