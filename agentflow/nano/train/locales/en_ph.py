"""The Philippines in English: VAT shown in parts, pesos. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.english_goods import GOODS, TRADES
from agentflow.nano.train.locales.words import goods, priced, words

LOCALE: Final = Locale(
    code="en-PH",
    labels={
        **LABELS,
        "title": words("""
            OFFICIAL RECEIPT|SALES INVOICE|CASH INVOICE|RECEIPT|THIS SERVES AS YOUR OFFICIAL RECEIPT|BILL
            Acknowledgement
            """),
        "number": words("""
            OR NO|OR #|SI NO|SI #|Invoice No|TRANS NO|Trans #|Receipt No|Order #|TXN#|Queue No|OR Number
            Sales Invoice No
            """),
        "till": words("MIN|POS|TERMINAL|SN|Terminal No|POS #|Machine No|REG|Ptu No"),
        "tax_id": words("TIN|VAT REG TIN|VAT REG. TIN|TIN NO|NON-VAT REG TIN|VAT REG TIN #"),
        "company_id": words("PERMIT NO|ACCRED NO|SEC REG NO|BIR PERMIT NO|DTI NO|Accreditation No"),
        "net": words("VATABLE SALES|VATable Sale|VATABLE|VAT EXEMPT SALES|Net of VAT|Amount Net of VAT|VAT SALES"),
        "tax": words("VAT|VAT 12%|VAT AMOUNT|12% VAT|VAT-12%|Total VAT|VAT AMT|12% VAT Amt"),
        "discount": words("DISCOUNT|SC DISC|SENIOR DISC 20%|PWD DISC|Less: Discount|PROMO|SC/PWD DISC|Disc|LESS DISC"),
        "total": words("""
            TOTAL|TOTAL DUE|AMOUNT DUE|TOTAL AMOUNT DUE|GRAND TOTAL|TOTAL SALES|TOTAL PHP|NET AMOUNT DUE
            TOTAL AMOUNT|Total|NET DUE|TOTAL SALES (VAT INCLUSIVE)|TOTAL INVOICE|AMT DUE|Balance Due|BILL AMOUNT
            Total Amt Due
            """),
    },
    currency=("P", "PHP", "₱", "Php"),
    currency_code="PHP",
    decimals=2,
    numbers=("1,234.50", "1234.50"),
    dates=words("""
        %m/%d/%Y|%m/%d/%y|%m-%d-%Y|%b %d, %Y|%B %d, %Y|%Y-%m-%d|%d-%b-%y|%d-%b-%Y|%d %b %Y|%b %d %Y|%b-%d-%Y
        %-m/%-d/%Y|%m.%d.%Y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=TRADES
    + words("""
        CARINDERIA|LECHON HOUSE|INASAL|PANADERIA|BAKESHOP|SARI-SARI STORE|DRUGSTORE|MERCANTILE|GENERAL MERCHANDISE
        LUGAWAN
        """),
    legal_forms=words("INC.|INC|CORP.|CORPORATION|CO.|ENTERPRISES|& SONS INC.|OPC|COOPERATIVE"),
    given_names=words("""
        Jose|Juan|Ramon|Rodel|Jun|Rey|Danilo|Ernesto|Rommel|Arnel|Noel|Edwin|Jaime|Benjie|Crisanto|Dindo|Efren
        Nestor|Rizalino|Mark|Maria|Rosario|Luz|Cristina|Maricel|Jocelyn|Rowena|Lourdes|Imelda|Corazon|Marites|Analyn
        Jenny|Liezl|Ligaya|Divina|Girlie|Aileen
        """),
    surnames=words("""
        Santos|Reyes|Cruz|Bautista|Ocampo|Garcia|Mendoza|Torres|Flores|Gonzales|Ramos|Castillo|Rivera|Aquino
        Villanueva|Navarro|Mercado|Salazar|Domingo|Pascual|Dela Cruz|De Leon|Del Rosario|San Jose|Santiago|Soriano
        Valdez|Manalo|Pangilinan|Dimaculangan|Macaraeg|Magbanua|Tolentino|Evangelista|Lim|Tan|Go|Sy|Chua|Uy|Ong|Co
        Dizon|Lacson|Abad|Buenaventura|Catacutan
        """),
    streets=words("""
        {n} {name} St.|{n} {name} Avenue|Blk {n} Lot {n} {name} Village|G/F {name} Bldg., {name} Ave.
        Unit {n} {name} Mall|Brgy. {name}|{n} {name} Road cor. {name} St.|Km. {n} {name} Highway
        Stall {n}, {name} Public Market|{n} {name} Blvd.
        """),
    places=words("""
        Makati|Pasig|Taguig|Mandaluyong|Quezon City|Caloocan|Malabon|Navotas|Marikina|Paranaque|Las Pinas|Muntinlupa
        Pasay|Manila|Tondo|Ermita|Malate|Sampaloc|Binondo|Antipolo|Cainta|Bacoor|Imus|Dasmarinas|Tagaytay|Calamba
        Sta. Rosa|San Pedro|Batangas|Lipa|Lucena|Naga|Legazpi|Baguio|Dagupan|Tarlac|Angeles|Olongapo|Malolos
        Meycauayan|Cebu|Mandaue|Iloilo|Bacolod|Dumaguete|Tacloban|Davao|Rizal|Mabini|Bonifacio|Aurora|Shaw|Katipunan
        Commonwealth
        """),
    postcodes=words("""
        {place} City|#### {place}|{place}, Metro Manila|{place}, Philippines ####|{place} City, ####
        {place}, Cavite ####
        """),
    phones=words("(02) ###-####|8###-####|(02) 8### ####|09##-###-####|+63 9## ### ####|(0##) ###-####|09#########"),
    tax_ids=words("###-###-###-###|###-###-###-000|###-###-###-00000|#########-000"),
    items=goods("""
        15-90: PANDESAL 10S|HALO-HALO|BUKO JUICE|TURON|GARLIC RICE|PLAIN RICE|CALAMANSI JUICE|ENSAYMADA
        15-90: SPANISH BREAD|SIOPAO
        90-450: CHICKEN INASAL|PORK SISIG|CRISPY PATA|KARE-KARE|SINIGANG|LUMPIA|PANCIT CANTON|TAPSILOG|LECHON 1/4
        90-450: BULALO|BANGUS
        """)
    + priced(GOODS, 45),
    tax_rates=(12.0, 0.0),
)
