"""Parts that names of goods are composed from, beyond each country's own list. All of it was made up."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


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
    soap shampoo toothpaste tissue towel sponge brush bucket mop broom detergent bleach battery bulb plug socket
    cable wire
    switch adaptor screw bolt nut nail hook hinge lock key chain rope tape glue paint roller thinner sandpaper
    cement tile
    pipe elbow tee valve tap hose clamp drill blade hammer pliers spanner wrench ladder glove mask goggle helmet pen
    pencil
    eraser ruler marker highlighter notebook folder file envelope paper card sticker stapler scissors cutter
    calculator
    rice flour sugar salt oil sauce vinegar noodle pasta bread bun cake cookie biscuit cracker chocolate candy gum
    chips nuts
    milk yogurt cheese butter egg chicken beef mutton fish prawn squid crab tofu mushroom onion garlic ginger potato
    carrot
    cabbage spinach tomato cucumber lettuce corn apple orange banana mango papaya durian grape pear lemon melon
    pineapple
    coffee tea juice water soda cola beer wine soup salad burger sandwich pizza steak wings nuggets fries rendang
    satay
    curry laksa kueh pau dumpling porridge toast waffle pancake pudding shirt pants shorts skirt dress jacket socks
    shoes
    sandal belt wallet bag hat cap scarf umbrella plate bowl cup mug spoon fork knife pan pot kettle tray box basket
    diaper wipes lotion cream powder perfume comb razor plaster vitamin tablet syrup balm charger speaker mouse
    keyboard
    printer ink toner filter lamp fan timer clock frame vase candle toy ball puzzle doll
    """
)
DESCRIPTIONS: Final = _words(
    """
    premium classic original extra super mini jumbo fresh frozen dried smoked spicy sweet salted black white red
    green brown
    golden mixed special deluxe family value instant organic natural plain crispy roasted fried steamed grilled
    local imported
    heavy light thin thick long short soft hard round square plastic steel wooden rubber cotton leather paper glass
    electric
    """
)
