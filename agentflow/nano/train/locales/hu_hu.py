"""Hungary. Forints, no fillér. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="hu-HU",
    labels={
        "title": words("""
            NYUGTA|SZÁMLA|EGYSZERŰSÍTETT SZÁMLA|Nyugta|KÉSZPÉNZES SZÁMLA|BLOKK|Számla|Vevőpéldány|ÁFÁS SZÁMLA
            """),
        "date": words("DÁTUM|Dátum|KELT|Kelt|Számla kelte|Vásárlás dátuma|Teljesítés|Kiállítás dátuma|Nyomtatva"),
        "time": words("IDŐ|Idő|Időpont|Óra|IDŐPONT"),
        "number": words("""
            NYUGTASZÁM|Nyugtaszám|Számlaszám|SORSZÁM|Sorszám|Bizonylatszám|Nyugta|Tranzakció|Rendelésszám|Biz.szám
            """),
        "cashier": words("PÉNZTÁROS|Pénztáros|Eladó|Felszolgáló|Kezelő|Kiszolgálta|Pénztáros neve|Kasszás"),
        "table": words("ASZTAL|Asztal|Asztalszám|Vendég|Fő"),
        "till": words("PÉNZTÁR|Kassza|Pénztár|Terminál|Üzlet|NAV|AP"),
        "member": words("TÖRZSVÁSÁRLÓ|Vevőkód|Vevő|Kártyaszám|Törzsvásárlói szám|Ügyfélszám|Klubkártya"),
        "phone": words("TEL|Tel.|Telefon|Tel|Mobil|Ügyfélszolgálat"),
        "fax": words("FAX|Fax|Telefax"),
        "tax_id": words("ADÓSZÁM|Adószám|Adósz.|Asz.|ADÓSZ|Közösségi adószám"),
        "company_id": words("CÉGJEGYZÉKSZÁM|Cg.|Cégj.sz.|Nyilv. szám|Cégjegyzékszám"),
        "item": words("TERMÉK|Megnevezés|Tétel|Áru|Cikk|Termék neve"),
        "quantity": words("MENNYISÉG|Menny.|Db|db|MENNY|Mennyiség"),
        "price": words("EGYSÉGÁR|Egységár|Ár|E.ár|Br. egységár|ÁR"),
        "amount": words("ÉRTÉK|Érték|Összeg|Ft|Bruttó|BRUTTÓ ÉRTÉK"),
        "subtotal": words("RÉSZÖSSZEG|Részösszeg|RÉSZÖSSZESEN|Áruérték|Tételek összesen|Köztes összeg"),
        "net": words("NETTÓ|Nettó|Adóalap|Nettó összesen|NETTÓ ÉRTÉK|Áfa alap"),
        "tax": words("ÁFA|Áfa|ÁFA 27%|ÁFA 5%|ÁFA TARTALOM|Áfa összesen|C 27,00%|Áfa érték|ÁFA 18%|Adó"),
        "discount": words("KEDVEZMÉNY|Kedvezmény|Engedmény|Akció|Kupon|ENGEDMÉNY 10%|Árengedmény"),
        "service": words("SZERVIZDÍJ|Szervizdíj 10%|Felszolgálási díj|Borravaló|Szervizdíj|Kiszállítás"),
        "rounding": words("KEREKÍTÉS|Kerekítés|Kerek.|Kerekítési különbözet"),
        "total": words("""
            ÖSSZESEN|VÉGÖSSZEG|FIZETENDŐ|ÖSSZESEN FT|Összesen|Fizetendő|Végösszeg|FIZETENDŐ ÖSSZEG|MINDÖSSZESEN
            BRUTTÓ ÖSSZESEN|ÖSSZEG|Fizetendő összesen|Számla végösszege|Mindösszesen|ÖSSZESEN HUF|Bruttó végösszeg
            FIZETENDŐ FT|TOTÁL
            """),
        "cash": words("KÉSZPÉNZ|Készpénz|KP|KÉSZPÉNZ FT|Kp.|Készpénzben"),
        "card": words("BANKKÁRTYA|Bankkártya|VISA|MASTERCARD|KÁRTYA|SZÉP kártya|Hitelkártya|Érintéses"),
        "paid": words("FIZETVE|Fizetve|Átvett|Befizetett|Kapott összeg|ADOTT"),
        "change": words("VISSZAJÁRÓ|Visszajáró|VISSZA|Visszaadott|VISSZAJÁRÓ FT"),
        "items_sold": words("TÉTELSZÁM|Tételek száma|Darabszám|Tétel db|Összes darab"),
        "saved": words("MEGTAKARÍTÁS|Ön megtakarított|Megtakarítás|Összes kedvezmény|Spórolt"),
        "points": words("PONTOK|Pontok|Gyűjtött pontok|Pontegyenleg|Hűségpont|PONT"),
        "due_date": words("FIZETÉSI HATÁRIDŐ|Fizetési határidő|Érvényes|Érvényesség|Lejárat|Beváltható"),
        "thanks": words("""
            KÖSZÖNJÜK|Köszönjük a vásárlást|KÖSZÖNJÜK A VÁSÁRLÁST!|Viszontlátásra|Várjuk vissza|További szép napot
            Jó étvágyat|Köszönjük, hogy nálunk vásárolt|Köszönjük látogatását
            """),
        "footer": words("""
            Csere 8 napon belül blokkal|Kérjük őrizze meg a nyugtát|NEM ADÓÜGYI BIZONYLAT|Nyitva H-P 8-18
            Leárazott árut nem cserélünk|A szervizdíjat az ár tartalmazza|Vasárnap zárva|Reklamáció csak blokkal
            Ellenőrizze a visszajárót
            """),
    },
    currency=("Ft", "HUF", "FT", "Ft"),
    currency_code="HUF",
    decimals=0,
    numbers=("1 234,50", "1234,50", "1.234,50"),
    dates=words("""
        %Y.%m.%d.|%Y.%m.%d|%Y-%m-%d|%Y. %m. %d.|%Y. %B %-d.|%Y. %b %d.|%Y/%m/%d|%d.%m.%Y|%y.%m.%d|%Y. %B %d|%Y%m%d
        """),
    months=words("január|február|március|április|május|június|július|augusztus|szeptember|október|november|december"),
    short_months=words("jan|febr|márc|ápr|máj|jún|júl|aug|szept|okt|nov|dec"),
    trades=words("""
        PÉKSÉG|CUKRÁSZDA|KÁVÉZÓ|ÉTTEREM|VENDÉGLŐ|CSÁRDA|BÜFÉ|PIZZÉRIA|LÁNGOSSÜTŐ|BOROZÓ|SÖRÖZŐ|ESZPRESSZÓ|FAGYIZÓ
        ÉTKEZDE|PALACSINTÁZÓ|ÉLELMISZER|CSEMEGE|ABC|KISBOLT|HENTESÜZLET|HÚSBOLT|ZÖLDSÉGES|HALÁSZ|DOHÁNYBOLT|ITALBOLT
        GYÓGYSZERTÁR|PATIKA|ILLATSZER|DROGÉRIA|OPTIKA|KÖNYVESBOLT|PAPÍR-ÍRÓSZER|VASBOLT|BARKÁCSBOLT|FESTÉKBOLT
        VILLAMOSSÁG|KERTÉSZET|VIRÁGÜZLET|ÁLLATELEDEL|JÁTÉKBOLT|CIPŐBOLT|RUHÁZAT|RÖVIDÁRU|TISZTÍTÓ|FODRÁSZAT
        KOZMETIKA|ÉKSZER|ÓRAJAVÍTÁS|BENZINKÚT|AUTÓALKATRÉSZ|GUMISZERVIZ|KERÉKPÁR|PANZIÓ|BÚTOR|NYOMDA
        """),
    legal_forms=words("KFT.|Kft.|BT.|Bt.|ZRT.|NYRT.|E.V.|KKT.|SZÖV.|ÉS FIA BT."),
    given_names=words("""
        László|István|József|János|Zoltán|Sándor|Gábor|Ferenc|Attila|Péter|Tamás|Zsolt|Tibor|András|Csaba|Imre|Lajos
        György|Balázs|Bence|Mária|Erzsébet|Katalin|Ilona|Éva|Anna|Zsuzsanna|Margit|Judit|Ágnes|Julianna|Andrea
        Ildikó|Erika|Krisztina|Eszter|Réka|Piroska
        """),
    surnames=words("""
        Nagy|Kovács|Tóth|Szabó|Horváth|Varga|Kiss|Molnár|Németh|Farkas|Balogh|Papp|Lakatos|Takács|Juhász|Oláh
        Mészáros|Simon|Rácz|Fekete|Szilágyi|Török|Fehér|Balázs|Gál|Kis|Szűcs|Orsós|Kocsis|Fodor|Pintér|Szalai|Sipos
        Magyar|Lukács|Gulyás|Biró|Király|Katona|László|Jakab|Bogdán|Balog|Sándor|Boros|Váradi|Fazekas|Kelemen|Antal
        Somogyi
        """),
    streets=words("""
        {name} utca {n}.|{name} u. {n}.|{name} út {n}.|{name} tér {n}.|{name} krt. {n}.|{name} u. {n}/{n}.
        {name} köz {n}.|{name} sor {n}.
        """),
    places=words("""
        Budapest|Debrecen|Szeged|Miskolc|Pécs|Győr|Nyíregyháza|Kecskemét|Székesfehérvár|Szombathely|Szolnok|Érd
        Tatabánya|Sopron|Kaposvár|Veszprém|Békéscsaba|Zalaegerszeg|Eger|Nagykanizsa|Dunaújváros|Hódmezővásárhely
        Salgótarján|Cegléd|Ózd|Baja|Vác|Gödöllő|Szekszárd|Pápa|Gyula|Hajdúböszörmény|Esztergom|Siófok|Keszthely
        Tihany|Mohács|Makó|Petőfi|Kossuth|Rákóczi|Széchenyi|Ady|Jókai|Dózsa|Fő
        """),
    postcodes=words("#### {place}|#### {place},|H-#### {place}|1### Budapest, {place}"),
    phones=words("""
        06 ## ### ###|+36 1 ### ####|06-1-###-####|06/##-###-###|+36 30 ### ####|(06##) ###-###|06 80 ### ###
        """),
    tax_ids=words("########-#-##|HU########|########-2-##|######## - # - ##"),
    items=goods("""
        60-450: ZSEMLE|KIFLI|POGÁCSA|TÚRÓS TÁSKA|KAKAÓS CSIGA|ÁSVÁNYVÍZ 0,5|SZATYOR|TEJFÖL|JOGHURT|PAPRIKA|HAGYMA
        60-450: ALMA|BURGONYA
        250-1200: KENYÉR 1KG|TEJ 1L|TOJÁS 10DB|VAJ|TÚRÓ|TRAPPISTA|PÁRIZSI|LISZT|CUKOR|RIZS|TÉSZTA|SAVANYÚ KÁPOSZTA
        250-1200: PARADICSOM
        690-3900: TÉLISZALÁMI|KOLBÁSZ|CSIRKEMELL|DARÁLT HÚS|PONTYSZELET|KÁVÉ 250G|NAPRAFORGÓOLAJ|MÉZ|PÁLINKA 2DL
        690-3900: VÖRÖSBOR|PIROSPAPRIKA
        390-1400: ESZPRESSZÓ|HOSSZÚ KÁVÉ|TEJESKÁVÉ|LIMONÁDÉ|FRÖCCS|KRIGLI|DOBOSTORTA|RÉTES|SOMLÓI GALUSKA|PALACSINTA
        390-1400: FAGYI 2 GOMBÓC
        1200-5900: GULYÁSLEVES|HALÁSZLÉ|LÁNGOS SAJTOS|PÖRKÖLT|RÁNTOTT SAJT|CSIRKEPAPRIKÁS|TÖLTÖTT KÁPOSZTA|NAPI MENÜ
        1200-5900: KACSACOMB|PIZZA
        190-2990: FÜZET|TOLL|RAGASZTÓ|ELEM AA|FOGKRÉM|SAMPON|MOSOGATÓSZER|WC PAPÍR|MOSÓPOR|ZSEBKENDŐ|KÉPESLAP
        190-2990: FÁJDALOMCSILLAPÍTÓ
        990-19900: FALFESTÉK|CSAVAR 100|IZZÓ LED|ECSET|KALAPÁCS|VIRÁGFÖLD|ING|NADRÁG|CIPŐ|SÁL|CSOKOR|HAJVÁGÁS
        990-19900: 95 BENZIN|GÁZOLAJ
        """),
    tax_rates=(27.0, 18.0, 5.0),
)
