"""What tills say in English wherever it is spoken. A country replaces what it says differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agentflow.nano.train.locales import Role
from agentflow.nano.train.locales.words import words

MONTHS: Final = words("January|February|March|April|May|June|July|August|September|October|November|December")

SHORT_MONTHS: Final = words("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")

LABELS: Final[Mapping[Role, tuple[str, ...]]] = {
    "title": words("RECEIPT|INVOICE|TAX INVOICE|CASH BILL|SALES RECEIPT|BILL|CASH SALES|OFFICIAL RECEIPT|GUEST CHECK"),
    "date": words("""
        DATE|Date|Invoice Date|Bill Date|Trans Date|Printed On|DT|Order Date|Date/Time|Receipt Date|Sales Date
        Tran. Date|Date of Sale|Business Date|Txn Date
        """),
    "time": words("TIME|Time|Time In|Trans Time|Printed At|Txn Time"),
    "number": words("""
        INVOICE NO|RECEIPT NO|Receipt #|Invoice No.|BILL NO|Bill #|DOC NO|Check #|ORDER NO|Order #|TRANS NO|Trans #
        REF NO|Slip No|Inv#|Receipt Number|TRN|Ticket No
        """),
    "cashier": words("""
        CASHIER|Cashier|SERVED BY|Server|Operator|Sales Person|SALESMAN|Clerk|Staff|User|Waiter|Attended by
        """),
    "table": words("TABLE|Table No|TBL|Table #|Pax|Seat|Covers|Guests"),
    "till": words("TILL|POS|Counter|Terminal|Register|POS No|Station|Reg|Lane|Terminal ID|Counter No"),
    "member": words("MEMBER|Member No|Customer|Card No|Loyalty No|Customer ID|Member Card|Cust No|Account No"),
    "phone": words("TEL|Tel|Phone|TEL NO|Ph|T|Telephone|Call us"),
    "fax": words("FAX|Fax|Fax No|F"),
    "tax_id": words("TAX ID|Tax No|Tax Reg No|TAX REG|Tax Registration No"),
    "company_id": words("CO. NO|Company No|Reg No|CO. REG. NO|Company Reg"),
    "item": words("ITEM|Item|DESCRIPTION|Description|Product|Particulars|Desc|Article"),
    "quantity": words("QTY|Qty|Quantity|QUANTITY|Pcs|Units|No"),
    "price": words("PRICE|Price|U/Price|Unit Price|UNIT PRICE|Rate|Each|@"),
    "amount": words("AMOUNT|Amount|AMT|Total|Amt|Value|Ext|Sub Total"),
    "subtotal": words("SUBTOTAL|SUB TOTAL|Sub-Total|Sub Total|SUB-TTL|Subtotal|Total Before Tax|Goods Total|SUBTTL"),
    "net": words("NET|Net Amount|Amount Before Tax|Total Excl. Tax|Taxable Amount|Net Sales|Net Value"),
    "tax": words("TAX|Tax|Sales Tax|Tax Total|Total Tax|Tax Amount"),
    "discount": words("DISCOUNT|Discount|DISC|Less Discount|Promo|Total Discount|Bill Disc|Voucher|Offer"),
    "service": words("SERVICE CHARGE|Svc Chg|Service|SERV CHARGE|Svc Charge 10%|Gratuity"),
    "rounding": words("ROUNDING|Rounding|ROUNDING ADJ|Round Off|Rounding Adjustment|Rnd"),
    "total": words("""
        TOTAL|GRAND TOTAL|TOTAL AMOUNT|AMOUNT DUE|TOTAL DUE|NET TOTAL|BALANCE DUE|TOTAL TO PAY|Total Payable
        TOTAL SALES|Bill Total|TOTAL INCL TAX|Amount Payable|Total|Grand Total|Order Total|Invoice Total|TTL
        """),
    "cash": words("CASH|Cash|CASH TENDERED|Cash Received|CASH PAID|Tendered Cash|Paid Cash"),
    "card": words("VISA|MASTERCARD|CREDIT CARD|DEBIT|CARD|Card Payment|Debit Card|CONTACTLESS|VISA CARD|AMEX"),
    "paid": words("PAID|Amount Paid|TENDERED|Payment|PAID AMOUNT|Tender|Amount Tendered|Total Paid|Received"),
    "change": words("CHANGE|Change|CHANGE DUE|Change Given|Balance|Your Change|CASH CHANGE"),
    "items_sold": words("ITEMS SOLD|Total Items|No. of Items|Item Count|TOTAL QTY|Total Qty|Items|Number of Items"),
    "saved": words("YOU SAVED|You Save|Total Savings|Your Savings|TOTAL SAVED|You have saved"),
    "points": words("POINTS|Points Earned|Points Balance|Bonus Points|Reward Points|Pts|Total Points"),
    "due_date": words("DUE DATE|Valid Until|Payment Due|Expiry Date|Exp|Return By|Valid Thru|Due On"),
    "thanks": words("""
        THANK YOU|Thank You, Please Come Again|THANK YOU FOR SHOPPING WITH US|Have a nice day|Please come again
        Thank you for your custom|THANKS FOR YOUR VISIT|See you again soon|We appreciate your business
        Thank you & enjoy
        """),
    "footer": words("""
        Goods sold are not returnable|Exchange within 7 days with receipt|Please keep this receipt
        Opening hours 10am - 10pm|No refund on sale items|Please check your change|Follow us online
        Tell us how we did|Computer generated receipt|This is not a tax invoice|Goods remain ours until paid
        Prices include tax where shown|Customer copy
        """),
}
