"""Australia in English: GST inside the price, no coins below five cents. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.english_goods import GOODS, TRADES
from agentflow.nano.train.locales.words import goods, priced, words

LOCALE: Final = Locale(
    code="en-AU",
    labels={
        **LABELS,
        "title": words("""
            TAX INVOICE|Tax Invoice|RECEIPT|TAX INVOICE / RECEIPT|INVOICE|Sales Docket|DOCKET|CUSTOMER COPY
            """),
        "tax_id": words("ABN|A.B.N.|ABN NO|Abn"),
        "company_id": words("ACN|A.C.N.|Store No|Reg No"),
        "tax": words("""
            GST|GST INCLUDED|INCL GST|GST 10%|TOTAL INCLUDES GST|GST Included in Total|Total GST|GST AMT
            Includes GST of
            """),
        "total": words("""
            TOTAL|TOTAL AUD|TOTAL DUE|AMOUNT DUE|Total|TOTAL INC GST|Total (inc GST)|BALANCE DUE|GRAND TOTAL|TO PAY
            TOTAL AMOUNT|Total Inc. GST|TOTAL SALE|TOTAL PAYABLE|Sale Total|PURCHASE TOTAL|TOTAL $
            """),
        "card": words("EFTPOS|VISA|MASTERCARD|VISA DEBIT|EFT|CREDIT|SAVINGS|CHEQUE A/C|TAP & GO|AMEX|CARD|CHQ/SAV"),
    },
    currency=("$", "AUD", "A$", "$"),
    currency_code="AUD",
    decimals=2,
    numbers=("1,234.50", "1234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%-d/%m/%Y|%d-%m-%Y|%d %b %Y|%d-%b-%Y|%d-%b-%y|%d %B %Y|%-d %B %Y|%d %b %y|%Y-%m-%d|%d%b%y
        %d.%m.%y|%-d/%-m/%y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=TRADES
    + words("""
        BOTTLE SHOP|SURF SHOP|MEATS|FRUIT MARKET|CHEMIST|MILK BAR|ROADHOUSE|LEAGUES CLUB|TAVERN|OP SHOP|NURSERY
        """),
    legal_forms=words("PTY LTD|Pty. Ltd.|PTY LIMITED|& SONS PTY LTD|LTD|CO-OP|BROS|& CO"),
    given_names=words("""
        Liam|Noah|Lachlan|Cooper|Bruce|Wayne|Shane|Darren|Craig|Glenn|Brett|Angus|Hamish|Jarrah|Heath|Toby|Xavier
        Dylan|Riley|Kai|Charlotte|Matilda|Ruby|Sienna|Sheree|Kylie|Narelle|Leanne|Bronte|Tahlia|Jacinta|Zoe|Hayley
        Kirra|Daisy|Pearl|Tegan|Mia
        """),
    surnames=words("""
        Smith|Jones|Williams|Brown|Wilson|Taylor|Nguyen|Johnson|Martin|White|Anderson|Walker|Thompson|Thomas|Lee
        Harris|Ryan|Robinson|Kelly|King|Davis|Wright|Evans|Roberts|Green|Hall|Wood|Jackson|Clarke|Tran|Papadopoulos
        Rossi|Singh|Campbell|Mitchell|Cook|Baker|Murphy|Stewart|Edwards|Hughes|Gallagher|Pappas|Kaur|Russo
        Fitzgerald|McKenzie
        """),
    streets=words("""
        {n} {name} Street|{n} {name} St|{n} {name} Road|Shop {n}, {n} {name} Rd|{n}/{n} {name} Parade
        {n} {name} Highway|{n} {name} Pde|Shop {n} {name} Shopping Centre|{n} {name} Esplanade
        Unit {n}, {n} {name} Drive|Cnr {name} & {name} Sts|{n} {name} Terrace
        """),
    places=words("""
        Sydney|Parramatta|Manly|Bondi|Newtown|Penrith|Newcastle|Wollongong|Dubbo|Orange|Tamworth|Ballina|Byron Bay
        Melbourne|Fitzroy|Carlton|St Kilda|Geelong|Ballarat|Bendigo|Mildura|Shepparton|Brisbane|Toowong|Ipswich
        Toowoomba|Cairns|Townsville|Mackay|Noosa|Rockhampton|Perth|Fremantle|Bunbury|Albany|Broome|Adelaide|Glenelg
        Mount Gambier|Hobart|Launceston|Devonport|Darwin|Canberra|Pitt|Collins|Flinders|Elizabeth|George|Macquarie
        Pacific|Beach|Ocean
        """),
    postcodes=words("""
        {place} NSW ####|{place} VIC ####|{place} QLD ####|{place} WA ####|{place} SA ####|{place}, TAS ####
        {place} NT ####
        """),
    phones=words("""
        (02) #### ####|02 #### ####|(03) #### ####|07 #### ####|08 #### ####|+61 # #### ####|1300 ### ###
        04## ### ###
        """),
    tax_ids=words("## ### ### ###|###########|##-###-###-###"),
    items=goods("""
        4.00-9.00: MEAT PIE|LAMINGTON|FLAT WHITE LGE|LONG BLACK|ICED COFFEE|SCHOONER|POTATO CAKES|DIM SIM|CHIKO
        4.00-9.00: SNAGS 6PK
        14.00-36.00: CHICKEN PARMI|BARRAMUNDI|KANGAROO FILLET|PAVLOVA|SMASHED AVO|PRAWNS 1KG|BURGER WITH THE LOT
        """)
    + priced(GOODS, 1.8),
    tax_rates=(10.0, 0.0),
)
