"""Sentences and small print of tills in English, with the Malay that stands among it. All of it was made up."""

from __future__ import annotations

from typing import Final


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


LOGOS: Final = _lines(
    """
    WELCOME
    WELCOME TO
    WELCOME TO OUR SHOP
    SELAMAT DATANG
    *** WELCOME ***
    YOUR FRIENDLY STORE
    FRESH EVERY DAY
    SINCE 1978
    EST. 1995
    ORIGINAL RECIPE
    EAT WELL LIVE WELL
    THE HOUSE OF QUALITY
    SAVE MORE EVERY DAY
    LOW PRICES ALWAYS
    CUSTOMER COPY
    ORIGINAL
    DUPLICATE
    REPRINT
    COPY
    ** REPRINT **
    DINE IN
    TAKE AWAY
    THANK YOU
    HALAL
    OPEN 24 HOURS
    ALWAYS NEAR YOU
    """
)
FOOTERS: Final = _lines(
    """
    THANK YOU
    THANK YOU, PLEASE COME AGAIN
    THANK YOU. PLEASE COME AGAIN!
    THANK YOU FOR YOUR VISIT
    THANK YOU FOR SHOPPING WITH US
    THANK YOU & SEE YOU AGAIN
    THANKS FOR YOUR SUPPORT
    *** THANK YOU ***
    HAVE A NICE DAY
    PLEASE COME AGAIN
    GOODS SOLD ARE NOT RETURNABLE
    GOODS SOLD ARE NOT RETURNABLE OR REFUNDABLE
    GOODS SOLD ARE NOT REFUNDABLE, EXCHANGE WITHIN 7 DAYS WITH RECEIPT
    GOODS SOLD ONLY EXCHANGEABLE WITHIN 3 DAYS
    NO REFUND. EXCHANGE ONLY
    EXCHANGE ALLOWED WITHIN 14 DAYS WITH ORIGINAL RECEIPT
    PLEASE KEEP THIS RECEIPT FOR EXCHANGE
    PLEASE RETAIN RECEIPT FOR WARRANTY
    THIS IS A COMPUTER GENERATED INVOICE
    NO SIGNATURE IS REQUIRED
    PRICES ARE INCLUSIVE OF TAX
    ALL PRICES INCLUSIVE OF GST
    E. & O. E.
    E.&O.E.
    FOLLOW US ON FACEBOOK
    LIKE US ON INSTAGRAM
    FREE WIFI: PLEASE ASK OUR STAFF
    HOW DID WE DO TODAY? TELL US ONLINE
    FOR FEEDBACK PLEASE CALL OUR CUSTOMER SERVICE
    CUSTOMER SERVICE LINE
    OPENING HOURS 10AM - 10PM
    DAILY 8.00 AM TO 9.30 PM
    PARKING TICKET LOST RM 20.00
    ANY DISPUTE MUST BE MADE WITHIN 7 DAYS
    CHEQUE SHOULD BE CROSSED AND MADE PAYABLE TO THE COMPANY
    RECEIVED IN GOOD ORDER AND CONDITION
    AUTHORISED SIGNATURE
    CUSTOMER SIGNATURE
    CUSTOMER'S COPY
    END OF RECEIPT
    CLOSED BILL
    DUPLICATE BILL
    * * * * * END * * * * *
    JOIN OUR MEMBERSHIP NOW
    SCAN TO PAY
    """
)
MALAY_FOOTERS: Final = _lines(
    """
    TERIMA KASIH
    TERIMA KASIH, SILA DATANG LAGI
    BARANG YANG DIJUAL TIDAK BOLEH DIKEMBALIKAN
    SILA SIMPAN RESIT INI
    JUMPA LAGI
    HARGA TERMASUK CUKAI
    BUKA SETIAP HARI
    """
)
DATED: Final = _lines(
    """
    VALID UNTIL {}
    OFFER ENDS {}
    POINTS EXPIRE ON {}
    PRINTED ON {}
    REDEEM BEFORE {}
    NEXT VISIT BY {}
    PRICE EFFECTIVE {}
    GST EFFECTIVE {}
    LAST UPDATED {}
    EXP: {}
    PROMOTION PERIOD UNTIL {}
    """
)
REMARKS: Final = _lines(
    """
    - LESS SUGAR
    - NO ICE
    *TAKE AWAY
    * TA
    ADD EGG
    NO ONION
    LESS SPICY
    SERIAL NO: B2287103
    PROMO ITEM
    MEMBER PRICE
    NORMAL PRICE
    (FREE GIFT)
    BUY 2 FREE 1
    WARRANTY 1 YEAR
    DINE IN
    TAX CODE: SR
    """
)
SLIP: Final = _lines(
    """
    TID: ########
    MID: 0000########
    TRACE NO ######
    BATCH NO: 00####
    RRN: ############
    REF NO ############
    SALE
    AID: A0000000######
    APPROVED
    PIN VERIFIED
    NO SIGNATURE REQUIRED
    CARD NO: XXXX XXXX XXXX ####
    EXP DATE XX/XX
    HOST: BANK
    TVR 00000#####
    STAN ######
    """
)
PLATFORM_MAKERS: Final = _lines(
    """
    POWERED BY
    SOFTWARE BY
    POS SYSTEM BY
    POS BY
    SYSTEM PROVIDED BY
    PRINTED BY
    """
)
BANKS: Final = ("VISA", "MASTERCARD", "MASTER", "AMEX", "MYDEBIT", "DEBIT", "UNIONPAY", "JCB", "NETS", "DINERS")

SELLERS: Final = (
    *("Sold by", "Seller", "From", "Vendor", "Shop", "Store", "Merchant", "Company", "Issued by", "Bought at"),
    *("Supplier", "Name", "Thank you for shopping at", "Receipt from", "Invoice from", "Bill from", "Payable to"),
    *("Paid to", "Verkäufer", "Von", "Vendeur", "Vendedor", "Venditore", "Penjual", "Kedai", "Verkoper"),
)
"""What stands before the name on receipts that say little else."""
