"""Spain. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, spanish
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="es-ES",
    labels=spanish.LABELS,
    currency=("€", "EUR", "Eur", "Euros"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1.234,50", "1234.50"),
    dates=spanish.DATES,
    months=spanish.MONTHS,
    short_months=spanish.SHORT_MONTHS,
    trades=words("""
        PANADERÍA|PASTELERÍA|CAFETERÍA|BAR|RESTAURANTE|MESÓN|TABERNA|MARISQUERÍA|ASADOR|SIDRERÍA|CHURRERÍA|HELADERÍA
        BODEGA|PIZZERÍA|FRUTERÍA|CARNICERÍA|PESCADERÍA|CHARCUTERÍA|ULTRAMARINOS|ALIMENTACIÓN|SUPERMERCADO
        AUTOSERVICIO|HERBOLARIO|FARMACIA|PERFUMERÍA|DROGUERÍA|ÓPTICA|LIBRERÍA|PAPELERÍA|ESTANCO|QUIOSCO|FERRETERÍA
        BRICOLAJE|PINTURAS|ELECTRICIDAD|JARDINERÍA|FLORISTERÍA|JUGUETERÍA|ZAPATERÍA|MODA|MERCERÍA|DEPORTES|JOYERÍA
        RELOJERÍA|PELUQUERÍA|TINTORERÍA|LAVANDERÍA|ESTACIÓN DE SERVICIO|TALLER|NEUMÁTICOS|HOSTAL|HOTEL|MUEBLES
        INFORMÁTICA|COPISTERÍA|BAZAR
        """),
    legal_forms=words("S.L.|SL|S.A.|S.L.U.|C.B.|E HIJOS S.L.|SLU|S.COOP.|Y CIA|HNOS."),
    given_names=spanish.GIVEN_NAMES,
    surnames=spanish.SURNAMES,
    streets=words("""
        C/ {name}, {n}|Calle {name}, {n}|Avda. {name}, {n}|Plaza {name}, {n}|Pza. {name} {n}, bajo
        Paseo de {name}, {n}|C.C. {name}, Local {n}|Ctra. {name} km {n}|Ronda {name} {n}|Pol. Ind. {name}, nave {n}
        """),
    places=words("""
        Madrid|Barcelona|Valencia|Sevilla|Zaragoza|Málaga|Murcia|Palma|Bilbao|Alicante|Córdoba|Valladolid|Vigo|Gijón
        Granada|Elche|Oviedo|Badalona|Cartagena|Jerez|Sabadell|Móstoles|Pamplona|Almería|San Sebastián|Burgos
        Albacete|Santander|Castellón|Logroño|Badajoz|Salamanca|Huelva|Lleida|Tarragona|León|Cádiz|Jaén|Ourense
        Girona|Lugo|Cáceres|Toledo|Ávila|Mayor|Real|Goya|Cervantes|Colón
        """),
    postcodes=words("##### {place}|##### - {place}|##### {place} (ESPAÑA)|{place} #####"),
    phones=words("9## ### ###|9## ## ## ##|9########|+34 9## ### ###|6## ### ###|900 ### ###|91 ### ## ##"),
    tax_ids=words("B########|A########|B-########|########@|ES B########"),
    items=goods("""
        0.60-3.90: BARRA PAN|BOLSA|CAFÉ SOLO|CAFÉ CON LECHE|CORTADO|CAÑA|AGUA 50CL|REFRESCO|CROISSANT|CHURROS
        0.60-3.90: TOSTADA TOMATE|ZUMO NARANJA
        0.90-7.50: LECHE ENTERA 1L|HUEVOS DOCENA|YOGUR NATURAL|TOMATE RAMA|PATATAS 3KG|CEBOLLA|PLÁTANO|MANZANA
        0.90-7.50: LECHUGA|GARBANZOS|ARROZ 1KG
        2.50-16.90: ACEITE OLIVA 1L|QUESO MANCHEGO|JAMÓN SERRANO|CHORIZO|POLLO ENTERO|MERLUZA|ATÚN LATA|VINO TINTO
        2.50-16.90: CAFÉ MOLIDO|TURRÓN
        3.50-14.00: TORTILLA|CROQUETAS|PATATAS BRAVAS|CALAMARES|ENSALADA MIXTA|BOCADILLO LOMO|GAZPACHO|PULPO
        3.50-14.00: BOQUERONES|FLAN|TARTA QUESO
        10.50-32.00: MENÚ DEL DÍA|PAELLA|ENTRECOT|COCHINILLO|BACALAO|FABADA|LUBINA|SECRETO IBÉRICO|PIZZA 4 QUESOS
        10.50-32.00: CHULETÓN
        1.00-19.90: PASTA DIENTES|CHAMPÚ|LAVAVAJILLAS|PAPEL HIGIÉNICO|PILAS AA|BOLÍGRAFO|LIBRETA|PEGAMENTO
        1.00-19.90: LIBRO BOLSILLO|IBUPROFENO
        5.90-99.00: PINTURA 4L|TORNILLOS|BOMBILLA LED|TALADRO|CAMISA|PANTALÓN|ZAPATILLAS|BUFANDA|RAMO|CORTE PELO
        5.90-99.00: SIN PLOMO 95|GASÓLEO A
        """),
    tax_rates=(21.0, 10.0, 4.0),
)
