"""Words that no country's list brings: brands from syllables, trades of many kinds, goods from parts, sentences of tills.

All of it was made up for this generator.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


SYLLABLES: Final = _words(
    """
    al an ar bel ben bri ca cel da del dex don el en fa fen fin fu gal gi gra ha hex ho il in jo ka kel ki ko la len li
    lo lux ma max mel mi mo na nex ni no nu o or pa pel pi pro qua ra ri ro sa sel si so su ta tec tel ti to tri u ul
    va vel vi vo wa wel xa ya yo za zen zi zo bay cor dra fex glo jin kru mar nor pex rin sky tron ur wex yum zel
    """
)
CHINESE: Final = _words(
    """
    ah bee beng boon chai chan cheng chiew chin ching choo chong chuan chun eng fatt fong foo guan hai heng hin ho hock
    hong hoe hua hup huat hwa jin joo kah kam kee keat keng khai khoon kian kim kin koon kwang lai lam lee leong lian
    liang lik lim ling loong mee meng mei ming moi nam onn peng phaik ping pin poh pow sang seng seong sheng shun siang
    sin siong soon swee tai teck teik thong thye tian tong tuck wah wai wan wei weng wing won woon yan yee yew yik ying
    yip yong yoon yuen yun zhen zhi
    """
)
MALAY_FIRST: Final = _words(
    """
    seri sri bintang cahaya maju jaya sinar mutiara warisan anggerik melur kasih murni setia damai impian indah permai
    perdana gemilang sentosa bestari harapan nusantara pelangi mawar teratai cemerlang berkat rezeki aman makmur bakti
    tuah wawasan puncak delima kenanga rimba purnama semarak suria
    """
)
ENGLISH_FIRST: Final = _words(
    """
    golden royal grand new happy lucky sunny super best prime star smart urban family fresh green blue red silver crystal
    diamond pearl union united global pacific eastern western northern southern orient asia city metro central garden
    valley river ocean island harbour bright modern classic premier perfect first one top mega mini max ultra power
    rainbow sunrise sunshine moon galaxy comet dragon phoenix tiger lion eagle swan dolphin elephant panda unicorn crown
    king queen prince imperial victory winner success fortune harmony unity evergreen summit alpha beta delta omega sigma
    neo next digital express quick easy daily village country corner little big old original famous
    """
)
TRADES: Final = _lines(
    """
    TRADING
    ENTERPRISE
    HARDWARE
    HARDWARE & MACHINERY
    HARDWARE TRADING
    ELECTRICAL & HARDWARE
    ELECTRICAL
    ELECTRICAL SUPPLIES
    ELECTRONICS
    LIGHTING
    STATIONERY
    STATIONERY & BOOKS
    BOOKSTORE
    BOOK CENTRE
    GIFT & STATIONERY
    PRINTING
    PRINT & COPY
    MINI MARKET
    MINIMARKET
    SUPERMARKET
    HYPERMARKET
    FRESH MART
    MART
    GROCERY
    GROCER
    PROVISION SHOP
    CONVENIENCE STORE
    DEPARTMENT STORE
    STORE
    STORES
    SUNDRY SHOP
    WHOLESALE
    WHOLESALE CENTRE
    FROZEN FOOD
    SEAFOOD
    SEAFOOD RESTAURANT
    RESTAURANT
    RESTAURANT & CAFE
    VEGETARIAN RESTAURANT
    CAFE
    CAFE & BAKERY
    COFFEE
    COFFEE HOUSE
    COFFEE SHOP
    KOPITIAM
    TEA HOUSE
    BUBBLE TEA
    BAKERY
    BAKERY & CONFECTIONERY
    CONFECTIONERY
    CAKE HOUSE
    CAKE SHOP
    DESSERT
    FOOD COURT
    FOODS
    FOOD INDUSTRIES
    F&B
    BISTRO
    GRILL
    STEAKHOUSE
    BBQ HOUSE
    NOODLE HOUSE
    DIM SUM
    CATERING
    CANTEEN
    BURGER
    FRIED CHICKEN
    PIZZA
    ICE CREAM
    BEVERAGES
    FRUITS
    FRUIT STALL
    PHARMACY
    MEDICAL HALL
    CLINIC
    DENTAL CLINIC
    HEALTHCARE
    OPTICAL
    BEAUTY
    COSMETICS
    HAIR SALON
    SPA
    TEXTILE
    FASHION
    BOUTIQUE
    TAILOR
    FOOTWEAR
    SHOES
    JEWELLERY
    GOLDSMITH
    WATCH
    FURNITURE
    HOME DECO
    HOUSEWARE
    KITCHENWARE
    PLASTIC
    PACKAGING
    PAINT
    PAINTS & HARDWARE
    TILES
    GLASS
    TIMBER
    STEEL
    BUILDING MATERIALS
    MACHINERY
    ENGINEERING
    TOOLS
    AUTO PARTS
    AUTO ACCESSORIES
    AUTO SERVICE
    MOTOR
    MOTORS
    TYRE
    TYRE & BATTERY
    CAR WASH
    SERVICE STATION
    PETROL STATION
    FILLING STATION
    PETROLEUM
    PARKING
    PARKING MANAGEMENT
    LAUNDRY
    PET SHOP
    PETS
    NURSERY
    FLORIST
    GARDEN CENTRE
    TOYS
    HOBBY
    SPORTS
    MUSIC
    PHOTO
    TELECOMMUNICATION
    MOBILE
    COMPUTER
    IT SOLUTIONS
    SYSTEMS
    TECHNOLOGY
    MARKETING
    DISTRIBUTION
    LOGISTICS
    COURIER
    TRAVEL
    HOTEL
    RESORT
    CINEMA
    EDUCATION
    VENTURES
    HOLDINGS
    INDUSTRIES
    RESOURCES
    GROUP
    RETAIL
    MANAGEMENT
    SERVICES
    SUPPLY
    SUPPLIES
    IMPORT & EXPORT
    """
)
MALAY_TRADES: Final = _lines(
    """
    KEDAI KOPI
    KEDAI MAKAN
    KEDAI RUNCIT
    KEDAI BUKU
    KEDAI UBAT
    KEDAI EMAS
    KEDAI ALAT GANTI
    KEDAI KEK
    KEDAI PAPAN
    KEDAI BESI
    KEDAI ELEKTRIK
    RESTORAN
    RESTORAN MAKANAN LAUT
    RESTORAN NASI KANDAR
    RESTORAN NASI AYAM
    WARUNG
    GERAI
    MEDAN SELERA
    FARMASI
    KLINIK
    PASAR MINI
    PASAR RAYA
    PASARAYA
    PERNIAGAAN
    PERUSAHAAN
    SYARIKAT
    STESEN MINYAK
    BENGKEL
    BUTIK
    PUSAT PERABOT
    PUSAT HIASAN
    PERCETAKAN
    """
)
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
    TERIMA KASIH
    TERIMA KASIH, SILA DATANG LAGI
    BARANG YANG DIJUAL TIDAK BOLEH DIKEMBALIKAN
    JOIN OUR MEMBERSHIP NOW
    SCAN TO PAY
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
PACKS: Final = _lines(
    """
    1KG
    2KG
    5KG
    10KG
    500G
    250G
    400G
    85G
    100GM
    1L
    1.5L
    500ML
    330ML
    250ML
    180ML
    6S
    10'S
    12'S
    24S
    3 IN 1
    4X100G
    10X30G
    1 BOX
    1 PKT
    1 SET
    (L)
    (M)
    (S)
    (XL)
    LARGE
    SMALL
    BIG
    HOT
    COLD
    ICED
    (H)
    (C)
    A4
    A3
    1/2"
    3/4"
    2"
    12MM
    25MM
    1M
    5M
    40W
    12V
    #8
    NO.2
    BLACK
    WHITE
    BLUE
    RED
    GREEN
    """
)
GOODS: Final = _words(
    """
    soap shampoo toothpaste tissue towel sponge brush bucket mop broom detergent bleach battery bulb plug socket cable wire
    switch adaptor screw bolt nut nail hook hinge lock key chain rope tape glue paint roller thinner sandpaper cement tile
    pipe elbow tee valve tap hose clamp drill blade hammer pliers spanner wrench ladder glove mask goggle helmet pen pencil
    eraser ruler marker highlighter notebook folder file envelope paper card sticker stapler scissors cutter calculator
    rice flour sugar salt oil sauce vinegar noodle pasta bread bun cake cookie biscuit cracker chocolate candy gum chips nuts
    milk yogurt cheese butter egg chicken beef mutton fish prawn squid crab tofu mushroom onion garlic ginger potato carrot
    cabbage spinach tomato cucumber lettuce corn apple orange banana mango papaya durian grape pear lemon melon pineapple
    coffee tea juice water soda cola beer wine soup salad burger sandwich pizza steak wings nuggets fries rendang satay
    curry laksa kueh pau dumpling porridge toast waffle pancake pudding shirt pants shorts skirt dress jacket socks shoes
    sandal belt wallet bag hat cap scarf umbrella plate bowl cup mug spoon fork knife pan pot kettle tray box basket
    diaper wipes lotion cream powder perfume comb razor plaster vitamin tablet syrup balm charger speaker mouse keyboard
    printer ink toner filter lamp fan timer clock frame vase candle toy ball puzzle doll
    """
)
DESCRIPTIONS: Final = _words(
    """
    premium classic original extra super mini jumbo fresh frozen dried smoked spicy sweet salted black white red green brown
    golden mixed special deluxe family value instant organic natural plain crispy roasted fried steamed grilled local imported
    heavy light thin thick long short soft hard round square plastic steel wooden rubber cotton leather paper glass electric
    """
)
BANKS: Final = _words("VISA MASTERCARD MASTER AMEX MYDEBIT DEBIT UNIONPAY JCB NETS DINERS")
