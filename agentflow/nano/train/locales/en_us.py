"""The United States: sales tax, tips, month before day. Every shop and brand is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.english import LABELS, MONTHS, SHORT_MONTHS
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="en-US",
    labels={
        **LABELS,
        "number": words("""
            Receipt #|Check #|Order #|Trans #|TRANS|INVOICE #|Ticket #|TC#|Order|REF #|Transaction|CHK|SALE #|Inv No
            """),
        "cashier": words("""
            Cashier|CASHIER|Server|SERVER|Your cashier was|CSHR|Associate|Op #|Clerk|SLS|Host|Employee|Barista
            """),
        "tax_id": words("TAX ID|FEDERAL ID|EIN|Fed Tax ID|State Tax ID"),
        "company_id": words("STORE #|Store|STORE NO|Unit #|ST#|Location"),
        "subtotal": words("SUBTOTAL|Subtotal|SUB TOTAL|Sub-total|SUBTTL|MERCHANDISE|Food Total|NET SALE|Pre-tax Total"),
        "tax": words("TAX|SALES TAX|Sales Tax|TAX 1|STATE TAX|Tax 8.25%|LOCAL TAX|TX|Total Tax|CITY TAX|Food Tax|TAX1"),
        "service": words("TIP|Gratuity|Tip|GRATUITY 18%|Service Charge|Suggested Tip|AUTO GRAT|Delivery Fee"),
        "total": words("""
            TOTAL|Total|GRAND TOTAL|AMOUNT DUE|BALANCE DUE|TOTAL DUE|ORDER TOTAL|TOTAL SALE|TOTAL AMOUNT|Amount
            BALANCE|**** BALANCE|Total Due|TOTAL PURCHASE|Check Total|USD TOTAL|TOTAL CHARGE|FUEL TOTAL|TOTAL USD$
            PURCHASE TOTAL
            """),
        "card": words("""
            VISA|VISA CREDIT|MASTERCARD|US DEBIT|DEBIT TEND|CREDIT|AMEX|DISCOVER|EBT|CHARGE|CARD|MCARD TEND
            GIFT CARD
            """),
        "change": words("CHANGE|CHANGE DUE|Change|Change Due|CASH BACK|CHNG|Your Change"),
    },
    currency=("$", "USD", "$", "US$"),
    currency_code="USD",
    decimals=2,
    numbers=("1,234.50", "1234.50"),
    dates=words("""
        %m/%d/%Y|%m/%d/%y|%m-%d-%Y|%m-%d-%y|%-m/%-d/%Y|%-m/%-d/%y|%b %d, %Y|%B %d, %Y|%b %d %Y|%d-%b-%Y|%d-%b-%y
        %Y-%m-%d|%d%b%y|%-d %b %Y|%b %-d, %Y|%B %-d, %Y|%m.%d.%Y|%b-%d-%Y|%b %d '%y
        """),
    months=MONTHS,
    short_months=SHORT_MONTHS,
    trades=words("""
        DINER|GRILL|DELI|BAKERY|COFFEE ROASTERS|PIZZERIA|TAQUERIA|BURGERS|BBQ|SMOKEHOUSE|STEAKHOUSE|CAFE|DONUTS
        BAGELS|CREAMERY|SUPERMARKET|FOODS|MARKET|FARMERS MARKET|GROCERY|LIQUORS|WINE & SPIRITS|PHARMACY|DRUGS
        HARDWARE|HOME CENTER|LUMBER|PAINT|AUTO PARTS|TIRE & AUTO|GAS & GO|FUEL STOP|CAR WASH|BOOKS|OFFICE SUPPLY
        CRAFTS|TOYS|PET SUPPLY|FEED & SEED|SPORTING GOODS|OUTFITTERS|APPAREL|SHOES|JEWELERS|OPTICAL|NAILS
        BARBER SHOP|CLEANERS|LAUNDROMAT|FLORIST|GIFTS|TRADING POST|DOLLAR STORE|THRIFT|VARIETY|INN|MOTEL|LANES
        CINEMA|BREWING CO.|TAVERN|PUB|SUSHI|NOODLE BAR|WINGS|SEAFOOD SHACK|GENERAL STORE
        """),
    legal_forms=words("INC|INC.|LLC|CORP|CO.|L.P.|& SONS|COMPANY|BROS|Inc.|LTD"),
    given_names=words("""
        James|Mary|Robert|Linda|Michael|Susan|David|Karen|William|Nancy|Joseph|Betty|Thomas|Sandra|Daniel|Ashley
        Mark|Emily|Steven|Donna|Paul|Carol|Kevin|Megan|Brian|Rachel|Jason|Diane|Jeff|Julie|Ryan|Joan|Jacob|Olivia
        Eric|Teresa|Scott|Gloria|Hector|Lupe|Tyrone|Keisha|Wade|Dolly|Hank|Mae
        """),
    surnames=words("""
        Smith|Johnson|Williams|Brown|Jones|Garcia|Miller|Davis|Martinez|Lopez|Wilson|Anderson|Taylor|Moore|Jackson
        Martin|Perez|Thompson|White|Harris|Sanchez|Clark|Ramirez|Lewis|Robinson|Walker|Young|Allen|King|Wright|Scott
        Torres|Nguyen|Hill|Flores|Green|Adams|Nelson|Baker|Hall|Rivera|Campbell|Mitchell|Carter|Roberts|Kowalski
        Schultz|O'Brien|Larsen|Novak|Tucker|Boone
        """),
    streets=words("""
        {n} {name} St|{n} {name} Street|{n} {name} Ave|{n} N {name} Ave|{n} {name} Blvd|{n} E {name} Rd
        {n} {name} Road|{n} {name} Dr|{n} {name} Hwy|{n} {name} Pkwy|{n} {name} Lane|{n} W {name} St Suite {n}
        {n} S {name} Way|{n} {name} Plaza|Hwy {n} & {name} Rd
        """),
    places=words("""
        Springfield|Fairview|Franklin|Greenville|Bristol|Clinton|Salem|Madison|Georgetown|Arlington|Ashland
        Burlington|Manchester|Oxford|Clayton|Jackson|Milton|Auburn|Dayton|Lexington|Milford|Riverside|Cleveland
        Dover|Hudson|Kingston|Mount Vernon|Newport|Oakland|Centerville|Winchester|Austin|Denver|Tucson|Boise|Omaha
        Reno|Tulsa|Mesa|Plano|Irvine|Eugene|Tacoma|Fargo|Duluth|Maple|Oak|Washington|Lincoln|Main|Elm|Sunset
        Lakeview|Park|Cedar|Walnut|Chestnut|Jefferson|Prairie|Mission|Lake Shore
        """),
    postcodes=words("""
        {place}, CA #####|{place}, TX #####|{place}, NY #####|{place}, OH #####|{place}, FL #####|{place} IL #####
        {place}, WA #####|{place}, PA #####-####|{place}, GA #####|{place}, CO #####|{place}, MI #####
        {place} NJ #####|{place}, AZ #####
        """),
    phones=words("""
        (###) ###-####|###-###-####|###.###.####|1-800-###-####|( ### ) ### - ####|+1 ###-###-####|(###)###-####
        """),
    tax_ids=words("##-#######|## #######|#########"),
    items=goods("""
        0.99-4.99: BANANAS|WHOLE MILK 1/2 GAL|LG EGGS DZ|WHEAT BREAD|BTL WATER|SODA 2L|ROMAINE|YELLOW ONION
        0.99-4.99: RUSSET POTATO|TOMATO ROMA
        2.49-9.99: GROUND BEEF LB|CHKN BREAST|BACON 12OZ|CHEDDAR SHRD|ORANGE JUICE|CEREAL|PEANUT BUTTER
        2.49-9.99: TORTILLA CHIPS
        2.49-9.99: SALSA|ICE CREAM PT
        1.99-7.99: COFFEE|LATTE GRANDE|ICED TEA|BAGEL CRM CHS|MUFFIN|DONUT|COOKIE|SMOOTHIE|LEMONADE|FOUNTAIN DRINK
        1.99-7.99: HASH BROWNS
        5.99-16.99: CHEESEBURGER|BLT SANDWICH|CAESAR SALAD|FISH TACOS|BURRITO BOWL|CLAM CHOWDER|WINGS 10PC
        5.99-16.99: PEPPERONI PIZZA|PAD THAI
        8.00-38.00: RIBS FULL RACK|NY STRIP 12OZ|SALMON FILET|LOBSTER ROLL|CHICKEN ALFREDO|SURF & TURF|FAJITAS
        8.00-38.00: MARGARITA
        8.00-38.00: DRAFT BEER|IPA
        3.00-29.99: PAPER TOWELS|TRASH BAGS|LAUNDRY DET|SHAMPOO|TOOTHPASTE|AA BATTERIES|LIGHT BULB 60W|DUCT TAPE
        3.00-29.99: WD SCREWS 1LB|SPRAY PAINT
        9.99-129.00: DRILL BIT SET|PAINT GAL SATIN|GARDEN HOSE 50|EXT CORD|TOOL BOX|DOG FOOD 30LB|MOTOR OIL 5QT
        9.99-129.00: WIPER BLADES|T-SHIRT|JEANS
        12.00-75.00: UNLEADED REG|PREMIUM FUEL|DIESEL|CAR WASH DLX|HAIRCUT|OIL CHANGE|SNEAKERS|HOODIE|PHONE CHARGER
        12.00-75.00: BOARD GAME
        """),
    tax_rates=(4.0, 5.5, 6.0, 6.25, 7.0, 7.25, 8.0, 8.25, 8.875, 9.5, 0.0),
)
