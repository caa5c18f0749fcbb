"""The United Kingdom: VAT inside the price, pounds. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.english_goods import GOODS, TRADES
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="en-GB",
    labels={
        **LABELS,
        "title": words("""
            RECEIPT|VAT RECEIPT|VAT INVOICE|SALE|Sales Receipt|INVOICE|TAX RECEIPT|Customer Receipt|Till Receipt
            """),
        "tax_id": words("VAT NO|VAT Reg No|VAT No.|VAT REG|VAT Number|VAT Registration No|V.A.T. No"),
        "company_id": words("Company No|Reg. in England No|Co. Reg No|Registered No|Reg Office"),
        "tax": words("""
            VAT|VAT @ 20%|VAT 20%|Incl. VAT|VAT Total|Total VAT|VAT AMOUNT|VAT INCLUDED|VAT (20%)|Of which VAT
            """),
        "net": words("NET|Net Total|Total ex VAT|Excl VAT|Goods Net|NET AMT|Total Excl. VAT|Net of VAT"),
        "total": words("""
            TOTAL|TOTAL TO PAY|BALANCE DUE|TOTAL DUE|AMOUNT DUE|TOTAL GBP|Grand Total|BALANCE|Total|TO PAY
            Total Amount|SALE TOTAL|TOTAL INC VAT|Total inc. VAT|BILL TOTAL|Amount to Pay|TOTAL £|BALANCE TO PAY
            Total incl VAT
            """),
        "card": words("""
            VISA DEBIT|MASTERCARD|CONTACTLESS|CARD|DEBIT MASTERCARD|CHIP & PIN|AMEX|Gift Card|VISA|CARD SALE
            Card Payment
            """),
    },
    currency=("£", "GBP", "£"),
    currency_code="GBP",
    decimals=2,
    numbers=("1,234.50", "1234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d.%m.%y|%d %b %Y|%d %B %Y|%d-%b-%Y|%d-%b-%y|%d%b%y|%-d %B %Y|%-d %b %Y|%Y-%m-%d
        %d %b '%y|%-d/%-m/%y|%d.%m.%Y|%d %b %y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=TRADES
    + words("""
        FISH BAR|FISH & CHIPS|INN|ARMS|PUBLIC HOUSE|OFF LICENCE|IRONMONGERS|CHEMIST|DELICATESSEN|FARM SHOP|TAKEAWAY
        """),
    legal_forms=words("LTD|LIMITED|PLC|LLP|& SONS|& SON LTD|BROS|Ltd.|& CO"),
    given_names=words("""
        Oliver|George|Harry|Jack|Alfie|Charlie|Oscar|Arthur|Henry|Edward|Graham|Nigel|Trevor|Alan|Keith|Ian|Stuart
        Callum|Rhys|Amelia|Isla|Poppy|Florence|Grace|Evie|Alice|Margaret|Jean|Sheila|Pauline|Gillian|Tracey|Fiona
        Bronwen|Moira|Priya|Imran|Ayesha
        """),
    surnames=words("""
        Smith|Jones|Taylor|Brown|Williams|Wilson|Johnson|Davies|Patel|Robinson|Wright|Thompson|Evans|Walker|White
        Roberts|Green|Hall|Wood|Jackson|Clarke|Hughes|Edwards|Khan|Lewis|Harrison|Turner|Hill|Cooper|Ward|Morris
        Bailey|Bennett|Carter|Shaw|Murphy|Begum|Fletcher|Pritchard|MacLeod|Fraser|Sutherland|O'Neill|Ackroyd
        Hargreaves|Pemberton|Trelawney|Ashworth
        """),
    streets=words("""
        {n} {name} Street|{n} {name} Road|{n} High Street, {name}|{n} {name} Lane|{n}-{n} {name} Road
        Unit {n}, {name} Retail Park|{n} {name} Avenue|{n} {name} Square|The Old Mill, {name}|{n} {name} Parade
        {n}A {name} Terrace|{n} {name} Close|{n} {name} Hill
        """),
    places=words("""
        London|Leeds|Bristol|York|Bath|Norwich|Exeter|Derby|Reading|Luton|Preston|Wigan|Bolton|Oldham|Stockport
        Halifax|Harrogate|Ripon|Whitby|Durham|Carlisle|Kendal|Lancaster|Chester|Shrewsbury|Ludlow|Hereford|Worcester
        Gloucester|Swindon|Salisbury|Winchester|Brighton|Hastings|Canterbury|Dover|Ipswich|Cambridge|Oxford|Cardiff
        Swansea|Bangor|Glasgow|Edinburgh|Dundee|Perth|Inverness|Belfast|Station|Church|Victoria|Mill|Park|Queens
        Kings|Manor|Windsor
        """),
    postcodes=words("{place} @@# #@@|{place} @@## #@@|{place}, @# #@@|@@# #@@|{place}, @@## #@@|{place} @## #@@"),
    phones=words("""
        020 7### ####|020 8### ####|01### ######|0#### ######|0161 ### ####|+44 20 #### ####|0800 ### ###
        07### ######
        """),
    tax_ids=words("GB ### #### ##|GB#########|### #### ##|### ####-##"),
    items=goods("""
        2.50-6.50: PINT BITTER|PINT LAGER|CIDER PINT|GIN & TONIC|CHIPS|MUSHY PEAS|SAUSAGE ROLL|CORNISH PASTY
        2.50-6.50: MEAL DEAL
        7.00-16.00: COD & CHIPS|FULL ENGLISH|PLOUGHMANS|BANGERS & MASH|SHEPHERDS PIE|CHICKEN TIKKA|SCAMPI BASKET
        """)
    + GOODS,
    tax_rates=(20.0, 5.0, 0.0),
)
