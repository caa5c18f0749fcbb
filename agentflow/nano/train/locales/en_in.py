"""India in English: GST in two halves, rupees. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.english_goods import GOODS, TRADES
from agentflow.nano.train.locales.words import goods, priced, words

LOCALE: Final = Locale(
    code="en-IN",
    labels={
        **LABELS,
        "title": words("""
            TAX INVOICE|RETAIL INVOICE|CASH MEMO|BILL OF SUPPLY|BILL|CASH BILL|INVOICE|Estimate|GST INVOICE|RECEIPT
            """),
        "number": words("""
            BILL NO|Bill No.|INV NO|Invoice No|MEMO NO|KOT NO|Token No|Bill#|Receipt No|Vch No|Order No|Sl. No
            Txn ID
            """),
        "tax_id": words("GSTIN|GSTIN NO|GST NO|TIN|VAT TIN|GST IN|TIN NO|GSTIN/UIN|GST Reg No"),
        "company_id": words("CIN|FSSAI NO|FSSAI Lic No|PAN|DL NO|FSSAI|Lic No"),
        "quantity": words("QTY|Qty|Qty.|QUANTITY|Nos|Pcs|QNTY|Qnty"),
        "price": words("RATE|Rate|MRP|PRICE|Price|Unit Rate|S.Rate|Rs./Unit"),
        "subtotal": words("""
            SUB TOTAL|Sub Total|SUBTOTAL|Gross Amount|GROSS AMT|Basic Amount|Total Value|Item Total|Bill Amount
            """),
        "net": words("TAXABLE VALUE|Taxable Amt|TAXABLE AMOUNT|Net Value|Assessable Value|Amount Before Tax"),
        "tax": words("""
            GST|CGST 2.5%|SGST 2.5%|CGST|SGST|IGST|VAT|TOTAL GST|Total Tax|CGST @ 9%|GST AMT|Tax Amt|VAT 14.5%
            """),
        "rounding": words("ROUND OFF|Round Off|R/OFF|ROUNDED OFF|Rounding|Rnd Off|RoundOff"),
        "total": words("""
            TOTAL|GRAND TOTAL|NET AMOUNT|NET PAYABLE|NET TOTAL|TOTAL AMOUNT|AMOUNT PAYABLE|BILL TOTAL|NET AMT
            TOTAL RS|Total (Rs.)|NET BILL AMOUNT|Total Payable|INVOICE VALUE|Net Amt Payable|Grand Total|G.TOTAL
            TOTAL INR|Amount to Pay|Net Bill
            """),
        "card": words("CARD|UPI|VISA|MASTERCARD|CREDIT CARD|DEBIT CARD|WALLET|Paid by UPI|NET BANKING|Card/UPI"),
    },
    currency=("Rs.", "Rs", "₹", "INR"),
    currency_code="INR",
    decimals=2,
    numbers=("1,234.50", "1234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d-%m-%y|%d-%b-%Y|%d-%b-%y|%d.%m.%Y|%d %b %Y|%d/%b/%Y|%d %b %y|%Y-%m-%d|%d %B %Y
        %-d/%-m/%Y|%b %d, %Y|%d.%m.%y|%d%b%Y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=TRADES
    + words("""
        SWEETS|SWEET HOUSE|MITHAI|BHAVAN|SAGAR|DHABA|TIFFIN ROOM|UDUPI HOTEL|VEG RESTAURANT|BIRYANI|KIRANA STORE
        PROVISION STORE|MEDICALS|TEXTILES|SILKS|SAREES|JEWELLERS|EMPORIUM|BAZAAR|AGENCIES|FILLING STATION
        ELECTRICALS|STEEL CENTRE|BOOK DEPOT|MOBILES
        """),
    legal_forms=words("PVT LTD|PVT. LTD.|PRIVATE LIMITED|LTD|LLP|& SONS|& CO|BROTHERS|ENTERPRISES|AND SONS"),
    given_names=words("""
        Aarav|Arjun|Vivek|Rahul|Amit|Sanjay|Rajesh|Suresh|Ramesh|Mahesh|Ganesh|Kiran|Vijay|Ajay|Anil|Sunil|Deepak
        Manoj|Rakesh|Imran|Priya|Anjali|Pooja|Neha|Kavita|Sunita|Lakshmi|Radha|Meera|Divya|Asha|Usha|Rekha|Geeta
        Nisha|Fatima|Ananya|Shanti|Padma|Leela
        """),
    surnames=words("""
        Sharma|Verma|Gupta|Agarwal|Jain|Mehta|Shah|Patel|Desai|Joshi|Kulkarni|Patil|Deshmukh|Pawar|Singh|Kaur|Gill
        Bhatia|Kapoor|Khanna|Malhotra|Chopra|Arora|Banerjee|Chatterjee|Mukherjee|Das|Ghosh|Bose|Roy|Sen|Reddy|Rao
        Naidu|Iyer|Iyengar|Menon|Nair|Pillai|Kurian|Thomas|Varghese|Fernandes|D'Souza|Khan|Ansari|Sheikh|Qureshi
        Mishra|Pandey|Tiwari|Yadav|Chauhan|Rathore|Gowda|Hegde|Shetty
        """),
    streets=words("""
        No. {n}, {name} Road|{n}/{n}, {name} Main Road|Shop No. {n}, {name} Market|{n}, {n}th Cross, {name}
        Plot {n}, Sector {n}, {name}|#{n}, {name} Street|G-{n}, {name} Complex, M.G. Road|{n}, {name} Nagar
        Opp. Bus Stand, {name}|{n}-{n}-{n}, {name}|Near {name} Circle
        """),
    places=words("""
        Mumbai|Andheri|Bandra|Dadar|Thane|Pune|Nashik|Nagpur|Delhi|Karol Bagh|Rohini|Dwarka|Noida|Gurgaon|Jaipur
        Udaipur|Jodhpur|Agra|Lucknow|Kanpur|Varanasi|Patna|Ranchi|Kolkata|Howrah|Salt Lake|Guwahati|Bhubaneswar
        Hyderabad|Secunderabad|Vijayawada|Guntur|Visakhapatnam|Bengaluru|Jayanagar|Indiranagar|Koramangala|Mysuru
        Mangaluru|Hubli|Chennai|T. Nagar|Adyar|Madurai|Coimbatore|Salem|Kochi|Thrissur|Kozhikode|Ahmedabad|Surat
        Vadodara|Rajkot|Indore|Bhopal|Chandigarh|Ludhiana|Amritsar|Gandhi|Nehru|Shivaji|Tilak
        """),
    postcodes=words("""
        {place} - ######|{place}-######|{place} ######|{place} - ### ###|{place}, PIN ######|{place} - ######, INDIA
        """),
    phones=words("""
        +91 ##########|98########|9#### #####|022-########|080-########|044-#### ####|0###-#######|011-########
        1800 ### ####
        """),
    tax_ids=words("##@@@@@####@#Z#|##@@@@@####@#Z@|###########|##@@@@@####@1Z#"),
    items=goods("""
        10-60: MASALA CHAI|FILTER COFFEE|SAMOSA|VADA PAV|IDLI 2PC|BUTTERMILK|ROTI|BUTTER NAAN|PAPAD|LIME SODA|CURD
        10-60: MINERAL WATER
        60-320: MASALA DOSA|PANEER BUTTER MASALA|DAL MAKHANI|VEG BIRYANI|CHICKEN BIRYANI|CHOLE BHATURE
        60-320: GOBI MANCHURIAN|FISH CURRY|THALI
        40-900: TOOR DAL 1KG|BASMATI RICE 5KG|ATTA 10KG|GHEE 500ML|TURMERIC 200G|SUGAR 1KG|GROUNDNUT OIL 1L
        40-900: KAJU KATLI 500G|LADDOO KG
        300-6500: COTTON SAREE|KURTA|DUPATTA|SILK SAREE|SCHOOL UNIFORM|PRESSURE COOKER|MIXER GRINDER|STEEL TIFFIN
        300-6500: BEDSHEET
        """)
    + priced(GOODS, 60),
    tax_rates=(5.0, 12.0, 18.0, 28.0, 14.5, 0.0),
)
