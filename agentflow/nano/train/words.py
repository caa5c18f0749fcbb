"""Words of companies' names that no country's list brings: syllables of brands, trades of many kinds.

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
    al an ar bel ben bri ca cel da del dex don el en fa fen fin fu gal gi gra ha hex ho il in jo ka kel ki ko la len
    li
    lo lux ma max mel mi mo na nex ni no nu o or pa pel pi pro qua ra ri ro sa sel si so su ta tec tel ti to tri u ul
    va vel vi vo wa wel xa ya yo za zen zi zo bay cor dra fex glo jin kru mar nor pex rin sky tron ur wex yum zel
    """
)
CHINESE: Final = _words(
    """
    ah bee beng boon chai chan cheng chiew chin ching choo chong chuan chun eng fatt fong foo guan hai heng hin ho
    hock
    hong hoe hua hup huat hwa jin joo kah kam kee keat keng khai khoon kian kim kin koon kwang lai lam lee leong lian
    liang lik lim ling loong mee meng mei ming moi nam onn peng phaik ping pin poh pow sang seng seong sheng shun
    siang
    sin siong soon swee tai teck teik thong thye tian tong tuck wah wai wan wei weng wing won woon yan yee yew yik
    ying
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
    golden royal grand new happy lucky sunny super best prime star smart urban family fresh green blue red silver
    crystal
    diamond pearl union united global pacific eastern western northern southern orient asia city metro central garden
    valley river ocean island harbour bright modern classic premier perfect first one top mega mini max ultra power
    rainbow sunrise sunshine moon galaxy comet dragon phoenix tiger lion eagle swan dolphin elephant panda unicorn
    crown
    king queen prince imperial victory winner success fortune harmony unity evergreen summit alpha beta delta omega
    sigma
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
