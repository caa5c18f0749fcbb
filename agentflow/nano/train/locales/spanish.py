"""What tills say in Spanish on both sides of the ocean. A country replaces what it says differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agentflow.nano.train.locales import Role
from agentflow.nano.train.locales.words import words

MONTHS: Final = words("enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre")

SHORT_MONTHS: Final = words("ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic")

DATES: Final = words("""
    %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d-%m-%y|%d.%m.%Y|%-d/%-m/%Y|%d/%b/%Y|%d-%b-%Y|%d de %B de %Y|%-d %b %Y|%Y-%m-%d
    %d %b %y
    """)

LABELS: Final[Mapping[Role, tuple[str, ...]]] = {
    "title": words("""
        FACTURA SIMPLIFICADA|TICKET|RECIBO|FACTURA|Ticket de compra|NOTA|CUENTA|Fra. simplificada|Copia cliente
        """),
    "date": words("FECHA|Fecha|Fecha factura|Fecha de venta|Fecha/Hora|F. emisión|Fecha emisión|Fecha ticket|Día"),
    "time": words("HORA|Hora|H|Hora salida|Hr"),
    "number": words("""
        TICKET Nº|Nº Ticket|FACTURA Nº|Nº Factura|Ticket|Operación|Documento|Folio|Núm.|Pedido|Ref.|Nº recibo
        """),
    "cashier": words("CAJERO|Le atendió|Cajero/a|Vendedor|Camarero|Dependiente|Atendido por|Empleado|Operador"),
    "table": words("MESA|Mesa|Comensales|Mesa nº|Personas|Cubiertos"),
    "till": words("CAJA|Caja|TPV|Terminal|Tienda|Caja nº|Term."),
    "member": words("CLIENTE|Cliente nº|Tarjeta cliente|Socio|Nº socio|Cód. cliente|Tarjeta"),
    "phone": words("TEL|Tel.|Teléfono|Tfno.|TLF|Telf.|Atención al cliente"),
    "fax": words("FAX|Fax|Telefax"),
    "tax_id": words("CIF|NIF|C.I.F.|N.I.F.|CIF/NIF|NIF nº"),
    "company_id": words("Reg. Mercantil|Hoja|Nº registro|Inscripción|Tomo"),
    "item": words("ARTÍCULO|Descripción|Producto|Concepto|DESCRIPCION|Artículo"),
    "quantity": words("CANT|Cant.|Uds.|Unid.|Cantidad|CANTIDAD"),
    "price": words("PRECIO|Precio|P.Unit|Precio unit.|PVP|P.U."),
    "amount": words("IMPORTE|Importe|Total|IMP.|Valor|Subtotal"),
    "subtotal": words("SUBTOTAL|Subtotal|SUB TOTAL|Sub-total|Suma|TOTAL ARTÍCULOS|Suma parcial"),
    "net": words("BASE IMPONIBLE|Base imp.|Base|Neto|Importe neto|Total neto|BASE"),
    "tax": words("IVA|IVA 21%|I.V.A.|Cuota IVA|IVA 10%|Total IVA|Cuota|IVA incluido|Impuesto"),
    "discount": words("DESCUENTO|Descuento|DTO|Dto. 10%|Oferta|Promoción|Cupón|Rebaja|Vale"),
    "service": words("SERVICIO|Propina|Servicio 10%|Cubierto|Servicio de mesa|Envío"),
    "rounding": words("REDONDEO|Redondeo|Ajuste|Redondeo solidario"),
    "total": words("""
        TOTAL|TOTAL A PAGAR|TOTAL EUR|IMPORTE TOTAL|TOTAL FACTURA|Total|Total a pagar|TOTAL €|A PAGAR|TOTAL COMPRA
        Importe total|Total EUR|TOTAL IVA INCLUIDO|TOTAL (IVA INCL.)|Total factura|TOTAL TICKET|TOTAL CUENTA
        SUMA TOTAL|Total importe|TOTAL EUROS
        """),
    "cash": words("EFECTIVO|Efectivo|CONTADO|Metálico|Entregado efectivo|En efectivo"),
    "card": words("TARJETA|VISA|MASTERCARD|Tarjeta bancaria|T. crédito|T. débito|Contactless|Bizum|Pago con tarjeta"),
    "paid": words("ENTREGADO|Entregado|Pagado|Recibido|Entrega|Pago|Su pago|A cuenta"),
    "change": words("CAMBIO|Cambio|Devolución|Su cambio|A devolver|VUELTA"),
    "items_sold": words("Nº ARTÍCULOS|Total artículos|Artículos|Unidades|Nº de artículos|Total unidades"),
    "saved": words("HA AHORRADO|Ahorro|Usted ahorra|Total ahorro|Su ahorro|Ha ahorrado hoy"),
    "points": words("PUNTOS|Puntos|Saldo puntos|Puntos acumulados|Sus puntos|Monedero"),
    "due_date": words("VENCIMIENTO|Válido hasta|Fecha límite|Caduca|Vence|Devolución hasta"),
    "thanks": words("""
        GRACIAS|GRACIAS POR SU COMPRA|GRACIAS POR SU VISITA|Vuelva pronto|Muchas gracias|Hasta pronto
        Que tenga un buen día|Gracias por confiar en nosotros|Buen provecho|Le esperamos de nuevo
        """),
    "footer": words("""
        Cambios en 15 días con ticket|Conserve el ticket|No se admiten devoluciones|IVA incluido|Horario de 9 a 21 h
        Domingos cerrado|No se devuelve el dinero|Revise su cambio|Artículos rebajados sin cambio|Síganos en la red
        Copia para el cliente
        """),
}

GIVEN_NAMES: Final = words("""
    Antonio|Manuel|José|Francisco|Juan|David|Javier|Carlos|Daniel|Miguel|Rafael|Pedro|Ángel|Alejandro|Fernando|Pablo
    Sergio|Ramón|María|Carmen|Ana|Isabel|Laura|Cristina|Marta|Dolores|Lucía|Pilar|Elena|Raquel|Rosa|Sara|Paula
    Beatriz|Silvia|Teresa|Rocío|Mercedes
    """)

SURNAMES: Final = words("""
    García|Rodríguez|González|Fernández|López|Martínez|Sánchez|Pérez|Gómez|Martín|Jiménez|Ruiz|Hernández|Díaz|Moreno
    Muñoz|Álvarez|Romero|Alonso|Gutiérrez|Navarro|Torres|Domínguez|Vázquez|Ramos|Gil|Ramírez|Serrano|Blanco|Molina
    Morales|Suárez|Ortega|Delgado|Castro|Ortiz|Rubio|Marín|Sanz|Núñez|Iglesias|Medina|Garrido|Cortés|Castillo|Santos
    Lozano|Guerrero|Cano|Prieto|Méndez|Cruz
    """)
