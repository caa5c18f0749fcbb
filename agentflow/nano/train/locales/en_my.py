"""Malaysia in English, with the Malay and Chinese that stands among it. None of it comes from a real receipt."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, malaysia, malaysia_goods, malaysia_names
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.words import words

TRADES: Final = words("""
    TRADING|ENTERPRISE|HARDWARE|HARDWARE & PAINT|HARDWARE TRADING|RESTAURANT|RESTORAN|KEDAI KOPI|KEDAI MAKAN
    KOPITIAM|BAKERY|CAKE HOUSE|BAKERY & CONFECTIONERY|CONFECTIONERY|CAFE|BISTRO|SEAFOOD RESTAURANT
    RESTORAN MAKANAN LAUT|FOOD COURT|STEAMBOAT|BAK KUT TEH|CHICKEN RICE SHOP|NASI KANDAR|CURRY HOUSE|BANANA LEAF
    TOMYAM|NOODLE HOUSE|DIM SUM|VEGETARIAN FOOD|FRIED CHICKEN|BURGER|PIZZA|STEAK HOUSE|GRILL|DESSERT HOUSE|TEA HOUSE
    COFFEE|BUBBLE TEA|ICE CREAM|FOOD & BEVERAGE|F&B|CATERING|MINI MARKET|PASAR MINI|SUPERMARKET|PASAR RAYA
    HYPERMARKET|GROCER|CONVENIENCE STORE|24 HOUR MART|MART|FRESH MART|FRUIT CENTRE|FROZEN FOOD|KEDAI RUNCIT
    KEDAI BUKU|BOOK STORE|BOOK CENTRE|BOOKSHOP & STATIONERY|STATIONERY|STATIONERS|OFFICE SUPPLIES|PRINTING
    PHOTO STUDIO|PAPER & GIFT|GIFT SHOP|TOYS|PARTY SHOP|DECO|HOUSEWARE|HOME CENTRE|HOME DIY|DIY|1 STOP CENTRE
    FURNITURE|LIGHTING|ELECTRICAL|ELECTRICAL & SANITARY|BUILDING MATERIALS|MACHINERY|TOOLS & FASTENERS|PLASTIC
    PACKAGING|COMPUTER|IT SOLUTIONS|TELECOMMUNICATION|PHONE SHOP|OPTICAL|OPTICAL CENTRE|OPTOMETRY|EYEWEAR|PHARMACY
    FARMASI|CLINIC|DENTAL SURGERY|MEDICAL HALL|HERBS|HEALTH STORE|BEAUTY|HAIR SALON|SALOON|COSMETICS|BOUTIQUE
    FASHION|TAILOR|TEXTILE|SHOES|SPORTS|JEWELLERY|WATCH|GOLDSMITH|PET SHOP|AQUARIUM|FLORIST|NURSERY|LAUNDRY|DOBI
    SERVICE STATION|PETROL STATION|STESEN MINYAK|PETROLEUM|AUTO PARTS|AUTO SERVICE|TYRE|TYRE & BATTERY|MOTOR
    CAR WASH|CAR PARK|PARKING|PERNIAGAAN|SYARIKAT|INDUSTRIES|MARKETING|HOLDINGS|RETAIL|GLOBAL RESOURCES|VENTURES
    SERVICES|SUPPLIES|DISTRIBUTORS|WHOLESALE|IMPORT & EXPORT|CASH & CARRY|HOTEL|INN|KARAOKE|BOWL|CINEMA|GYM
    TUITION CENTRE
    """)

LOCALE: Final = Locale(
    code="en-MY",
    labels={
        **LABELS,
        "title": words("""
            TAX INVOICE|SIMPLIFIED TAX INVOICE|INVOICE|CASH BILL|CASH SALES|RECEIPT|OFFICIAL RECEIPT|SALES RECEIPT
            BILL|RESIT|CASH RECEIPT|Tax Invoice|(TAX INVOICE)|TAX INVOICE / CASH BILL|CASH SALE
            RECEIPT / TAX INVOICE|INVOIS CUKAI|SIMPLIFIED TAX INV|*** TAX INVOICE ***|INV / CASH BILL|Sales Invoice
            """),
        "date": words("""
            DATE|Date|DATE/TIME|Invoice Date|INV DATE|BILL DATE|Bill Date|TRANS DATE|Trans. Date|PRINTED ON|Printed
            DT|Doc Date|DATE OF ISSUE|TARIKH|Tarikh|Receipt Date|Sales Date|Date / Time|Date & Time|Order Date
            Txn Date|Document Date|Issued
            """),
        "time": words("TIME|Time|MASA|Time In|Time Out|Trans Time|Print Time|Check In|Order Time"),
        "number": words("""
            INVOICE NO|INV NO|INV NO.|Invoice No.|Invoice #|Inv#|BILL NO|Bill No.|Bill#|RECEIPT NO|Receipt No.
            Receipt #|RCPT NO|DOC NO|DOC NO.|Document No|CASH BILL NO|C/B NO|CS NO|Slip No.|TRANS NO|Trans#|TRX NO
            TRN|REF NO|Ref|ORDER NO|Order #|CHECK NO|Tax Invoice No|RESIT NO|NO. RESIT|Chk|SALES NO|Tax Inv No.
            Ticket No.
            """),
        "cashier": words("""
            CASHIER|Cashier|JURUWANG|SALESMAN|Sales Person|SERVED BY|Server|STAFF|User|Operator|Clerk|WAITER
            Salesperson|Cash|Sales Staff|Attendant|POS User|Cashier Name|Sls
            """),
        "table": words("TABLE|Table No|TBL|Table #|MEJA|Table|PAX|No of Pax|TABLE NO.|COVER|Dine In|Take Away"),
        "till": words("""
            COUNTER|Counter No|POS|POS NO|TERMINAL|Till|REG|Register|POS ID|Station|Machine No|MC#|C No|TILL NO
            Kaunter
            """),
        "member": words("""
            MEMBER|MEMBER NO|Member Card|CUSTOMER|Cust Code|M/C NO|CARD NO|Customer|Bill To|Member ID|A/C NO|Account
            Debtor|ATTN|Member Name|Privilege Card|Loyalty Card
            """),
        "phone": words("""
            TEL|Tel|TEL NO|TEL:|Phone|H/P|HP|HOTLINE|CONTACT|Tel No.|Telephone|Contact No|TELEFON|CARELINE|Whatsapp
            """),
        "fax": words("FAX|Fax|FAX NO|Fax No.|FAKS|F"),
        "tax_id": words("""
            GST ID|GST NO|GST REG NO|GST REG. NO.|GST ID NO|GST REG|GST Registration No|GST No.|GST ID No.|GST #
            GST Reg No|SST ID|SST NO|SST REG NO|SERVICE TAX NO|SALES TAX NO|GST TIN|NO. GST|SST ID NO|GST Reg. ID
            """),
        "company_id": words("""
            CO. NO|CO. REG. NO|CO REG NO|COMPANY NO|Company Reg No|ROC NO|ROC|REG NO|Reg. No.|SSM NO|BUSINESS REG NO
            NO. SYARIKAT|Co. Reg.|BRN|No. Pendaftaran|REG. NO|Co No
            """),
        "item": words("""
            ITEM|Item|DESCRIPTION|Description|ITEM DESCRIPTION|PARTICULARS|Desc.|PRODUCT|ITEM NAME|Goods Description
            Barcode|ITEM CODE|DESC/ITEM|PERKARA|CODE/DESC|Item(s)
            """),
        "quantity": words("QTY|Qty|QUANTITY|Quantity|QTY.|KUANTITI|PCS|UNIT|Qnty|QTY(S)|Q'ty"),
        "price": words("""
            PRICE|U.PRICE|U/PRICE|UNIT PRICE|Price|S/PRICE|PRICE(RM)|RM/UNIT|UNIT PRICE (RM)|Unit Price|HARGA|U.P
            R.Price|Rate|SP
            """),
        "amount": words("""
            AMOUNT|AMT|AMOUNT (RM)|AMT(RM)|TOTAL|TOTAL(RM)|RM|Amount|Amt|S/TOTAL|JUMLAH|TOTAL RM|Ext Price|Value(RM)
            NET AMT
            """),
        "subtotal": words("""
            SUBTOTAL|SUB TOTAL|SUB-TOTAL|Sub Total|Subtotal|Sub-Total|SUBTOTAL RM|SUB TOTAL (RM)|SUB TTL|S/TOTAL
            Total Sales|TOTAL (EXCL. DISC)|TOTAL BEFORE GST|GROSS AMOUNT|Gross Total|ITEM TOTAL|SUB TOTAL (INCL GST)
            SUBTOTAL (INCL. OF GST)|TOTAL EXCLUDING GST|TOTAL EXCL GST|Total before rounding
            """),
        "net": words("""
            TOTAL EXCL. GST|TOTAL (EXCLUDING GST)|AMT EXCL GST|TAXABLE AMOUNT|NET AMOUNT EXCL GST|SALES (EXCL GST)
            Total Exc. GST|GOODS VALUE|AMOUNT BEFORE TAX|Taxable Amt|TOTAL SALES (EXCLUDING GST)|Net (RM)
            Total Without GST|AMOUNT(RM)
            """),
        "tax": words("""
            GST|GST 6%|GST (6%)|GST @6%|GST AMT|GST AMOUNT|TOTAL GST|TOTAL GST 6%|ADD GST 6%|6% GST|GST 6% (RM)
            GST PAYABLE|TAX|SST 6%|SERVICE TAX 6%|SR 6%|SR @ 6%|GST INCLUDED IN TOTAL|TAX (RM)|Total Tax|Add GST
            Govt Tax 6%|SST 10%|GST TAX|INCLUSIVE 6% GST|Gst Value
            """),
        "discount": words("""
            DISCOUNT|DISC|DISC.|Discount|LESS DISCOUNT|TOTAL DISCOUNT|DISC 10%|BILL DISC|PROMO|Voucher|Member Disc
            DISKAUN|LESS|ITEM DISC|TOTAL DISC|Disc Amt|DISCOUNT (RM)
            """),
        "service": words("""
            SERVICE CHARGE|SERVICE CHARGE 10%|SVC CHG|SERV CHARGE|10% SVC CHG|SVC CHARGE (10%)|S/CHARGE|SC 10%
            Service Chg 5%|SERVICE CHG|ADD SVC 10%|CAJ PERKHIDMATAN
            """),
        "rounding": words("""
            ROUNDING|ROUNDING ADJ|ROUNDING ADJ.|ROUNDING ADJUSTMENT|Rounding|Rounding Adj|ROUND ADJ|ROUNDING (RM)
            ROUNDING AMT|RND|ROUND OFF|BILL ROUNDING|5 SEN ROUNDING|PENGGENAPAN|ROUNDING ERROR|Rounding Mechanism
            ADJ|Cash Rounding
            """),
        "total": words("""
            TOTAL|GRAND TOTAL|TOTAL AMOUNT|AMOUNT DUE|TOTAL DUE|NETT TOTAL|NETT AMOUNT|NET AMT|NET TOTAL|TOTAL RM
            TOTAL (RM)|TOTAL(RM)|TOTAL SALES (INCLUSIVE OF GST)|TOTAL SALES (INCLUSIVE GST)|TOTAL INCL GST 6%
            TOTAL INCL. GST|TOTAL INCLUSIVE OF GST|TOTAL (INCL. GST)|TOTAL AMT PAYABLE|TOTAL PAYABLE|AMOUNT PAYABLE
            BALANCE DUE|TOTAL ROUNDED|ROUNDED TOTAL (RM)|ROUNDED TOTAL|TOTAL AFTER ROUNDING|TOTAL AMOUNT (RM)
            TOTAL AMT|TOTAL AMT INCL. GST @6%|GRAND TOTAL (RM)|BILL TOTAL|Total|Grand Total|Total Amount|Total Due
            Total (RM)|Total Incl. GST|Net Total|Nett Total|TOTAL SALES|NETT|TTL|Net Amount|TOTAL INCL. GST@6%
            TOTAL WITH GST @6%|TOTAL AMOUNT INCL GST 6%|TOTAL ROUNDED (RM)|TOTAL TO PAY|TOTAL PAYABLE (RM)
            TOTAL (INCLUSIVE OF GST)|Amount Due (RM)|FINAL TOTAL|TOTAL BILL|TOTAL INC GST|TOTAL MYR|NETT TOTAL (RM)
            Total Payment
            """),
        "cash": words("""
            CASH|Cash|CASH RM|CASH (RM)|CASH TENDERED|CASH RECEIVED|TUNAI|CASH AMOUNT|CASH PAYMENT|PAID BY CASH
            Cash Paid|BY CASH|CASH TEND
            """),
        "card": words("""
            VISA|MASTER|MASTERCARD|VISA CARD|CREDIT CARD|DEBIT CARD|BANK CARD|CARD|VISA/MASTER|NETS|E-WALLET|CREDIT
            EDC|DEBIT|KAD KREDIT|ATM CARD
            """),
        "paid": words("""
            PAID|PAYMENT|TENDERED|TENDER|AMOUNT PAID|PAID AMOUNT|Payment (RM)|RECEIVED|AMT RECEIVED|AMT TENDERED
            Paid Amt|BAYARAN|TOTAL PAID|Received Amt|Pay
            """),
        "change": words("""
            CHANGE|Change|CHANGE RM|CHANGE (RM)|CHANGE DUE|BAKI|CASH CHANGE|CHG|BALANCE|Change Amt|Change Due
            CHANGE AMOUNT
            """),
        "items_sold": words("""
            TOTAL QTY|TOTAL ITEMS|ITEM COUNT|NO OF ITEMS|Total Qty|TOTAL QUANTITY|ITEM(S)|Items|QTY|Total Item(s)
            No. of Items|ITEMS SOLD|TOTAL PCS|Item Count
            """),
        "saved": words("""
            YOU SAVED|TOTAL SAVINGS|YOU HAVE SAVED|YOU SAVE|Total Saving|SAVED RM|JIMAT|Your Savings Today
            """),
        "points": words("""
            POINTS EARNED|POINTS|TOTAL POINTS|BONUS POINT|Points Balance|POINT BAL|MATA GANJARAN|Opening Points|Pts
            """),
        "due_date": words("""
            DUE DATE|VALID UNTIL|EXPIRY DATE|EXP DATE|Valid Till|TERMS|Points Expiry|DELIVERY DATE|RETURN BEFORE
            """),
        "thanks": words("""
            THANK YOU|THANK YOU, PLEASE COME AGAIN|THANK YOU! PLEASE COME AGAIN|TERIMA KASIH
            TERIMA KASIH SILA DATANG LAGI|THANK YOU FOR YOUR PATRONAGE|Thank You for Shopping with Us
            THANK YOU & HAVE A NICE DAY|Thank You. Please Visit Again|XIE XIE|THANK YOU FOR DINING WITH US
            PLEASE COME AGAIN|** THANK YOU **|SEE YOU AGAIN|SELAMAT JALAN|THANK YOU FOR CHOOSING US
            SELAMAT HARI RAYA|HAPPY CHINESE NEW YEAR
            """),
        "footer": words("""
            GOODS SOLD ARE NOT RETURNABLE|GOODS SOLD ARE NOT RETURNABLE AND REFUNDABLE|NO REFUND
            EXCHANGE WITHIN 7 DAYS WITH RECEIPT|ALL PRICES ARE INCLUSIVE OF GST|PRICE INCLUSIVE OF 6% GST
            PLEASE KEEP THE RECEIPT FOR EXCHANGE|GST SUMMARY|CUSTOMER COPY
            BARANG YANG DIJUAL TIDAK BOLEH DIKEMBALIKAN|THIS IS A COMPUTER GENERATED RECEIPT|OPEN DAILY 10AM TO 10PM
            E. & O.E.|GOODS SOLD NOT REFUNDABLE, DEPOSIT NOT REFUNDABLE|NO EXCHANGE FOR SALE ITEMS
            SUGGESTION & COMPLAINT PLEASE CALL|STRICTLY NO CASH REFUND|CASHIER SIGNATURE
            PLEASE CHECK YOUR CHANGE BEFORE LEAVING|WIFI PASSWORD|CLOSED ON SUNDAY|TAX CODE SR = STANDARD RATED 6%
            ZRL = ZERO RATED|ITEMS MARKED * ARE SUBJECT TO GST|FREE DELIVERY ABOVE RM100
            """),
    },
    currency=("RM", "RM", "MYR", "RM "),
    currency_code="MYR",
    decimals=2,
    numbers=("1234.50", "1,234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d-%m-%y|%d.%m.%Y|%d.%m.%y|%Y-%m-%d|%Y/%m/%d|%d %b %Y|%d-%b-%Y|%d-%b-%y|%d %b %y
        %d/%b/%Y|%d%b%Y|%d%b%y|%d %B %Y|%b %d, %Y|%B %d, %Y|%-d/%-m/%Y|%-d/%-m/%y|%-d-%-m-%Y|%-d %b %Y|%-d %B %Y
        %d %b, %Y|%Y%m%d|%d%m%Y|%b %d %Y|%d - %m - %Y|%d / %m / %Y|%-d.%-m.%Y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=TRADES,
    legal_forms=words("""
        SDN BHD|SDN. BHD.|SDN BHD.|ENTERPRISE|TRADING|(M) SDN BHD|(MALAYSIA) SDN BHD|BHD|PLT|& SONS|CO.
        (M) SDN. BHD.
        """),
    given_names=malaysia_names.GIVEN_NAMES,
    surnames=malaysia_names.SURNAMES,
    streets=malaysia.STREETS,
    places=malaysia.PLACES,
    postcodes=malaysia.POSTCODES,
    phones=malaysia.PHONES,
    tax_ids=malaysia.TAX_IDS,
    items=malaysia_goods.FOOD + malaysia_goods.GROCERIES + malaysia_goods.WARES,
    tax_rates=(6.0, 6.0, 6.0, 0.0, 10.0, 8.0),
)
