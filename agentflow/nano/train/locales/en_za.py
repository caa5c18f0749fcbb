"""South Africa in English: VAT inside the price, rand. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.english_goods import GOODS, TRADES
from agentflow.nano.train.locales.words import goods, priced, words

LOCALE: Final = Locale(
    code="en-ZA",
    labels={
        **LABELS,
        "title": words("""
            TAX INVOICE|COPY TAX INVOICE|VAT INVOICE|RECEIPT|CASH SALE|Tax Invoice|ABRIDGED TAX INVOICE|TILL SLIP
            """),
        "tax_id": words("VAT NO|VAT REG NO|VAT Reg|VAT#|Vat Number|VAT Registration"),
        "company_id": words("REG NO|Co Reg|CK NO|Company Reg No|Reg.|CK"),
        "tax": words("VAT|VAT 15%|VAT @ 15%|VAT 14%|TOTAL VAT|Vat Incl|VAT VALUE|VAT AMOUNT|INCLUDES VAT|Tax @ 15%"),
        "net": words("TAXABLE VALUE|TOTAL EXCL VAT|NETT|Excl|Nett Amount|Total (Excl)|Taxable|VAT EXCL"),
        "total": words("""
            TOTAL|DUE VAT INCL|TOTAL DUE|BALANCE DUE|AMOUNT DUE|TOTAL INCL VAT|TOTAL ZAR|Total (Incl)|GRAND TOTAL
            TOTAL FOR ITEMS|Bill Total|TOTAL R|AMT DUE|NETT TOTAL|Total Due|TOTAL TO PAY|TOTAL INVOICE
            TOTAL VAT INCL
            """),
    },
    currency=("R", "ZAR", "R "),
    currency_code="ZAR",
    decimals=2,
    numbers=("1234.50", "1,234.50", "1 234.50", "1 234,50"),
    dates=words("""
        %Y/%m/%d|%d/%m/%Y|%d/%m/%y|%Y-%m-%d|%d-%m-%Y|%d %b %Y|%d %B %Y|%d-%b-%Y|%d.%m.%y|%d %b %y|%d%b%y|%-d %b %Y
        %d-%b-%y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=TRADES
    + words("""
        BRAAI HOUSE|BILTONG|SPAZA SHOP|BOTTLE STORE|TUCK SHOP|PADSTAL|SLAGHUIS|TAKE AWAYS|MOTORS|SPARES|WHOLESALERS
        """),
    legal_forms=words("(PTY) LTD|PTY LTD|CC|LTD|(Pty) Ltd|& SONS|T/A|BK|& SEUNS"),
    given_names=words("""
        Thabo|Sipho|Bongani|Mandla|Lungile|Kagiso|Tshepo|Vusi|Johan|Pieter|Hendrik|Francois|Gerhard|Willem|Riaan
        Ashwin|Yusuf|Craig|Nomsa|Thandi|Lindiwe|Zanele|Naledi|Palesa|Lerato|Elsabe|Annelie|Marike|Sunette|Riana
        Fatima|Shireen|Priscilla|Bianca|Chantal
        """),
    surnames=words("""
        Dlamini|Nkosi|Ndlovu|Khumalo|Mokoena|Sithole|Mahlangu|Zulu|Mthembu|Molefe|Botha|van der Merwe|Pretorius
        du Plessis|Venter|Nel|Coetzee|Fourie|Kruger|van Wyk|Swanepoel|Steyn|Erasmus|Viljoen|Jacobs|Adams|Davids
        Hendricks|Isaacs|Petersen|Naidoo|Govender|Pillay|Moodley|Reddy|Singh|Patel|Khan|Smith|Williams|Clarke|Walker
        Maseko|Radebe|Tshabalala|Mabaso|Ngcobo|Cele
        """),
    streets=words("""
        {n} {name} Street|{n} {name} Road|Shop {n}, {name} Mall|{n} {name} Avenue|Cnr {name} & {name} St
        {n} {name} Drive|Shop {n} {name} Centre|{n} {name} Straat|Unit {n}, {name} Business Park|Erf {n}, {name}
        """),
    places=words("""
        Cape Town|Bellville|Paarl|Stellenbosch|Knysna|George|Hermanus|Worcester|Durban|Umhlanga|Ballito|Pinetown
        Richards Bay|Margate|Pretoria|Centurion|Hatfield|Midrand|Sandton|Randburg|Rosebank|Soweto|Benoni|Boksburg
        Germiston|Springs|Vereeniging|Rustenburg|Polokwane|Mokopane|Nelspruit|Witbank|Middelburg|Bloemfontein|Welkom
        Kimberley|Upington|East London|Gqeberha|Uitenhage|Mthatha|Church|Voortrekker|Main|Long|Loop|Oxford|Rivonia
        Beyers|Kerk
        """),
    postcodes=words("""
        {place}, ####|{place} ####|{place}|{place}, GAUTENG, ####|{place}, WESTERN CAPE, ####|{place}, KZN, ####
        """),
    phones=words("(0##) ### ####|0## ### ####|0##-###-####|+27 ## ### ####|0860 ### ###|011 ### ####|021 ### ####"),
    tax_ids=words("4#########|4### ### ###|4###-###-###"),
    items=goods("""
        15-90: BOEREWORS KG|BILTONG 100G|KOEKSISTERS|VETKOEK|BUNNY CHOW|GATSBY|MIELIE MEAL 2.5KG|ROOIBOS 80|RUSKS
        15-90: MELKTERT|DROEWORS
        """)
    + priced(GOODS, 16),
    tax_rates=(15.0, 14.0, 0.0),
)
