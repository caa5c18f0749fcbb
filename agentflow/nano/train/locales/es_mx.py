"""Mexico. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, spanish
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="es-MX",
    labels={
        **spanish.LABELS,
        "title": words("""
            TICKET DE VENTA|NOTA DE VENTA|RECIBO|TICKET|NOTA|COMPROBANTE|FACTURA|Ticket de compra|CUENTA|REMISIÓN
            """),
        "number": words("""
            FOLIO|Folio|TICKET|Ticket #|No. Ticket|TR#|Orden|Nota No.|Transacción|No. Venta|Pedido|TDA/TKT
            """),
        "cashier": words("CAJERO|Le atendió|Cajera|Mesero|Vendedor|Atendió|Op#|Cajero(a)"),
        "tax_id": words("RFC|R.F.C.|RFC:|Reg. Fed. Caus."),
        "company_id": words("SUC|Sucursal|Régimen Fiscal|Reg.|Suc. No."),
        "tax": words("IVA|IVA 16%|I.V.A.|IEPS|I.V.A. 16%|Impuesto|Total IVA|IVA Trasladado|IVA incluido"),
        "total": words("""
            TOTAL|TOTAL A PAGAR|TOTAL M.N.|TOTAL $|IMPORTE TOTAL|Total|Total a pagar|TOTAL MXN|GRAN TOTAL
            Total de la cuenta|TOTAL NETO|TOTAL VENTA|SU TOTAL|Total M.N.|Importe total|TOTAL PESOS
            """),
        "change": words("CAMBIO|Cambio|Su cambio|CAMBIO $|FERIA|Cambio M.N."),
    },
    currency=("$", "MXN", "$", "M.N."),
    currency_code="MXN",
    decimals=2,
    numbers=("1,234.50", "1234.50"),
    dates=spanish.DATES,
    months=spanish.MONTHS,
    short_months=spanish.SHORT_MONTHS,
    trades=words("""
        TAQUERÍA|FONDA|CENADURÍA|TORTILLERÍA|PANADERÍA|PASTELERÍA|LONCHERÍA|MARISCOS|POLLERÍA|ROSTICERÍA|BIRRIERÍA
        ANTOJITOS|TORTAS|RESTAURANTE|CANTINA|CAFÉ|NEVERÍA|PALETERÍA|JUGOS Y LICUADOS|ABARROTES|MISCELÁNEA|SUPER
        MINISÚPER|CARNICERÍA|CREMERÍA|FRUTERÍA|RECAUDERÍA|VINOS Y LICORES|DULCERÍA|FARMACIA|ÓPTICA|LIBRERÍA
        PAPELERÍA|FERRETERÍA|TLAPALERÍA|MATERIALES|PINTURAS|REFACCIONARIA|LLANTERA|TALLER|GASOLINERA|AUTOLAVADO
        ZAPATERÍA|BOUTIQUE|MERCERÍA|JOYERÍA|ESTÉTICA|BARBERÍA|LAVANDERÍA|TINTORERÍA|FLORERÍA|JUGUETERÍA|VETERINARIA
        MUEBLERÍA|ELECTRÓNICA|IMPRENTA|HOTEL|POSADA|ESTACIONAMIENTO
        """),
    legal_forms=words("S.A. DE C.V.|SA DE CV|S. DE R.L.|S. de R.L. de C.V.|S.A.|S.C.|E HIJOS|Y CÍA|S.A.P.I. DE C.V."),
    given_names=spanish.GIVEN_NAMES
    + words("""
        Guadalupe|Jesús|Lupita|Refugio|Ximena|Itzel|Emiliano|Cuauhtémoc|Citlali|Concepción
        """),
    surnames=spanish.SURNAMES
    + words("""
        Flores|Reyes|Mendoza|Aguilar|Vargas|Guzmán|Salazar|Rojas|Ávila|Juárez|Ibarra|Zúñiga|Tepox
        """),
    streets=words("""
        Av. {name} No. {n}|AV. {name} #{n}|Calle {name} {n}|{name} #{n} Col. Centro|Blvd. {name} {n}
        Calz. {name} No. {n}|Plaza {name} Local {n}|Carr. {name} Km {n}|Privada {name} {n}|{name} {n}-A, Col. {name}
        """),
    places=words("""
        Ciudad de México|Guadalajara|Monterrey|Puebla|Toluca|Tijuana|León|Ciudad Juárez|Torreón|Querétaro
        San Luis Potosí|Mérida|Mexicali|Aguascalientes|Cuernavaca|Tampico|Chihuahua|Culiacán|Saltillo|Acapulco
        Hermosillo|Morelia|Veracruz|Xalapa|Villahermosa|Cancún|Reynosa|Oaxaca|Durango|Mazatlán|Tepic|Pachuca|Celaya
        Irapuato|Tuxtla|Zacatecas|Colima|La Paz|Campeche|Coyoacán|Iztapalapa|Tlalpan|Juárez|Hidalgo|Morelos|Reforma
        Insurgentes|Zaragoza|Madero|Allende
        """),
    postcodes=words("""
        C.P. ##### {place}|{place}, C.P. #####|{place}, Jal. #####|{place}, N.L. C.P. #####
        CP #####, {place}, MÉXICO
        """),
    phones=words("""
        (##) ####-####|## #### ####|01 800 ### ####|(###) ###-####|55 #### ####|+52 ## #### ####|###-###-##-##
        """),
    tax_ids=words("@@@######@@#|@@@-######-@@#|@@@@######@@#|@@@######@##"),
    items=goods("""
        5-45: TACO PASTOR|TACO SUADERO|QUESADILLA|TAMAL|ELOTE|AGUA JAMAICA|HORCHATA|REFRESCO 600ML|BOLILLO|CONCHA
        5-45: CAFÉ OLLA|PALETA|NIEVE
        35-190: TORTA AHOGADA|ENCHILADAS|CHILAQUILES|POZOLE|MOLE CON POLLO|BURRITO|SOPA AZTECA|FLAUTAS|CEVICHE
        35-190: COCTEL CAMARÓN|GUACAMOLE
        90-420: ARRACHERA|MOLCAJETE|CABRITO|MICHELADA LT|PARRILLADA|PESCADO ZARANDEADO|HUACHINANGO|BUFFET
        12-150: TORTILLA KG|FRIJOL 1KG|ARROZ 1KG|LECHE 1L|HUEVO 18PZ|ACEITE 1L|AZÚCAR 1KG|JITOMATE KG|AGUACATE KG
        12-150: CHILE SERRANO|LIMÓN KG
        15-180: QUESO OAXACA|POLLO KG|BISTEC KG|JAMÓN|CAFÉ SOLUBLE|ATÚN|GALLETAS|PAPEL HIG 4R|DETERGENTE|JABÓN
        15-180: SHAMPOO|PASTA DENTAL
        4-120: PLUMA|LÁPIZ|CUADERNO|GOMA|COPIAS|CARTULINA|TIJERAS|PEGAMENTO|PILAS AA|FOCO LED|CINTA|CLAVO KG|LIJA
        4-120: BROCHA
        80-1500: PINTURA 4L|CEMENTO 50KG|TALADRO|PLAYERA|PANTALÓN|HUARACHES|BOTAS|CORTE CABELLO|MAGNA|PREMIUM
        80-1500: ACEITE MOTOR|LLANTA
        """),
    tax_rates=(16.0, 8.0, 0.0),
)
