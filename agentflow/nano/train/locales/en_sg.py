"""Singapore in English. Every shop is made up, streets and districts are not."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, malaysia_goods, malaysia_names
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.words import words

LOCALE: Final = Locale(
    code="en-SG",
    labels={
        **LABELS,
        "title": words("""
            TAX INVOICE|RECEIPT|Tax Invoice|INVOICE|SIMPLIFIED TAX INVOICE|BILL|CASH SALE|OFFICIAL RECEIPT
            Order Slip
            """),
        "number": words("""
            RCPT#|Receipt No|INV NO|Invoice No|Bill No|Check #|CHK|Trans No|TXN NO|Order No|Queue No|REF NO|Slip No
            Rcpt No.|Doc No
            """),
        "cashier": words("CASHIER|Cashier|Served By|Server|Staff|CSHR|Operator|Sales Assoc|Promoter|User|Opr"),
        "tax_id": words("GST REG NO|GST Reg No.|GST NO|GST Registration No|GST REG|GST REG. NO|GST#|GST Reg"),
        "company_id": words("UEN|UEN NO|CO REG NO|ROC NO|RCB NO|Co. Reg. No|Biz Reg No|CO. REG NO"),
        "subtotal": words("""
            SUBTOTAL|SUB TOTAL|Sub-total|SUB-TOTAL|Subtotal|TOTAL BEFORE GST|Item Total|Gross Total|SUB TTL
            """),
        "tax": words("""
            GST|GST 7%|7% GST|GST (7%)|GST 8%|9% GST|GST 9%|GST INCL|GST AMT|Incl. GST|Includes GST 7%|Total GST
            """),
        "service": words("SVC CHG|SERVICE CHARGE|10% SVC CHG|Svc Chg 10%|10% Service Charge|SERV CHRG|S/C 10%"),
        "total": words("""
            TOTAL|GRAND TOTAL|TOTAL AMOUNT|AMOUNT DUE|NETT TOTAL|TOTAL DUE|TOTAL PAYABLE|TOTAL (SGD)|TOTAL S$
            NET TOTAL|Total|TOTAL INCL GST|Total (Incl. GST)|AMT DUE|BALANCE DUE|NETT|Grand Total|ROUNDED TOTAL
            Bill Total|TOTAL AMT|Total Payable
            """),
        "card": words("""
            NETS|VISA|MASTERCARD|CREDIT CARD|PAYWAVE|AMEX|NETS FLASH|CARD|E-WALLET|QR PAY|CONTACTLESS|DEBIT CARD
            """),
    },
    currency=("$", "S$", "SGD", "SGD$"),
    currency_code="SGD",
    decimals=2,
    numbers=("1234.50", "1,234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d-%m-%y|%d %b %Y|%d-%b-%Y|%d-%b-%y|%d %b %y|%Y-%m-%d|%d.%m.%Y|%d%b%y|%d%b%Y
        %-d/%-m/%Y|%b %d, %Y|%d %B %Y|%Y/%m/%d|%-d %b %Y|%d/%b/%Y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=words("""
        KOPITIAM|FOOD COURT|EATING HOUSE|SEAFOOD|RESTAURANT|CHICKEN RICE|BAK CHOR MEE|FISHBALL NOODLE|LAKSA
        PRATA HOUSE|CURRY PUFF|TOAST|BAKERY|CONFECTIONERY|PATISSERIE|CAFE|COFFEE ROASTERS|BUBBLE TEA|DESSERTS
        STEAMBOAT|RAMEN|SUSHI|GRILL|BISTRO|BAR|MINIMART|SUPERMARKET|PROVISION SHOP|TRADING|ENTERPRISE|HARDWARE
        LIGHTING|ELECTRICAL|STATIONERY|BOOKSTORE|BOOKS|PHARMACY|MEDICAL HALL|CLINIC|DENTAL|OPTICAL|OPTICS|EYEWEAR
        BEAUTY|HAIR SALON|SPA|FASHION|BOUTIQUE|SHOES|SPORTS|WATCH|JEWELLERY|GIFTS|TOYS|PETS|FLORIST|FURNITURE
        HOUSEHOLD|ELECTRONICS|COMPUTERS|MOBILE|LAUNDRY|MOTORING|SERVICE STATION|CARPARK|PRINTING|TRAVEL|HEALTHCARE
        IMPORT & EXPORT|MARKETING|INTERNATIONAL|VENTURES|F&B|HOLDINGS
        """),
    legal_forms=words("PTE LTD|PTE. LTD.|PTE. LTD|LLP|LTD|(S) PTE LTD|PRIVATE LIMITED|CO|& CO"),
    given_names=malaysia_names.GIVEN_NAMES,
    surnames=malaysia_names.SURNAMES,
    streets=words("""
        BLK {n} {name} AVE {n} #0{n}-{n}|{n} {name} ROAD #0{n}-{n}|{n} {name} ST {n}|BLK {n} {name} STREET {n}
        {n} {name} ROAD|{n} {name} AVENUE {n}|{n} {name} DRIVE #0{n}-{n}/{n}|{n} {name} LINK
        {n} {name} CENTRAL #B1-{n}|{name} MALL #0{n}-{n}|{n} {name} CRESCENT|{n} JALAN {name}|{n} LORONG {n} {name}
        {n} UPPER {name} ROAD|{name} POINT, #B{n}-{n}|{n} {name} WAY
        """),
    places=words("""
        Ang Mo Kio|Bedok|Bishan|Bukit Batok|Bukit Merah|Bukit Panjang|Bukit Timah|Choa Chu Kang|Clementi|Geylang
        Hougang|Jurong East|Jurong West|Kallang|Marine Parade|Novena|Orchard|Pasir Ris|Punggol|Queenstown|Sembawang
        Sengkang|Serangoon|Tampines|Toa Payoh|Woodlands|Yishun|Tiong Bahru|Tanjong Pagar|Telok Blangah|Holland
        Commonwealth|Redhill|Katong|Joo Chiat|Eunos|Paya Lebar|Ubi|Macpherson|Balestier|Jalan Besar|Little India
        Chinatown|Raffles Place|Marina|Harbour Front|Bugis|Beach|Thomson|Upper Changi|Simei|Kovan|Potong Pasir
        Boon Keng|Farrer|Dover|Buona Vista|Lakeside|Admiralty|Canberra|Springleaf|Jelebu|Keong Saik
        """),
    postcodes=words("""
        SINGAPORE ######|S(######)|S ######|SINGAPORE (######)|{place}, SINGAPORE ######|S'PORE ######
        {place} S(######)
        """),
    phones=words("6### ####|+65 6### ####|(65) 6###-####|6#######|65-6#######|9### ####|+65 8### ####|1800-### ####"),
    tax_ids=words("20#######@|M#-#######-#|19#######@|M#########|5########@|M90######@"),
    items=malaysia_goods.FOOD + malaysia_goods.GROCERIES + malaysia_goods.WARES,
    tax_rates=(7.0, 7.0, 8.0, 9.0, 0.0),
)
