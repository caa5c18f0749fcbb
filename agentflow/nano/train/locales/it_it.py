"""Italy. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="it-IT",
    labels={
        "title": words("""
            DOCUMENTO COMMERCIALE|SCONTRINO FISCALE|RICEVUTA FISCALE|FATTURA|RICEVUTA|Scontrino|CONTO|PRECONTO
            Copia cliente
            """),
        "date": words("DATA|Data|Data documento|Data emissione|Data fattura|Del|Data acquisto|Stampato il"),
        "time": words("ORA|Ora|Ore|h|Orario"),
        "number": words("""
            DOCUMENTO N.|Doc. n.|SCONTRINO N.|N.|Numero|Ricevuta n.|SCONTRINO FISCALE N|Fattura n.|Ordine|Trans.
            Rif.
            """),
        "cashier": words("OPERATORE|Cassiere|Operatore|Cameriere|Servito da|Addetto|Cassiera|Op."),
        "table": words("TAVOLO|Tavolo|Coperti|Tav.|Tavolo n."),
        "till": words("CASSA|Cassa|Cassa n.|Terminale|Negozio|Punto vendita|POS"),
        "member": words("CLIENTE|Tessera|Cod. cliente|Carta fedeltà|N. tessera|Socio|Cliente n."),
        "phone": words("TEL|Tel.|Telefono|Tel|Servizio clienti|Cell."),
        "fax": words("FAX|Fax|Telefax"),
        "tax_id": words("P.IVA|P. IVA|Partita IVA|PARTITA IVA|P.I.|Cod. Fisc./P.IVA"),
        "company_id": words("C.F.|Cod. Fisc.|REA|Reg. Imprese|C.C.I.A.A."),
        "item": words("DESCRIZIONE|Descrizione|Articolo|Prodotto|Voce"),
        "quantity": words("Q.TA|Qtà|Quantità|Pz|Q.tà|N."),
        "price": words("PREZZO|Prezzo|Prezzo unit.|P.unit.|Prezzo un."),
        "amount": words("IMPORTO|Importo|Prezzo (€)|Totale|Euro|Imp."),
        "subtotal": words("SUBTOTALE|Subtotale|SUB-TOTALE|Totale parziale|Parziale|SUBTOT"),
        "net": words("IMPONIBILE|Imponibile|Totale imponibile|Netto|Importo netto"),
        "tax": words("IVA|di cui IVA|DI CUI IVA|IVA 22%|Imposta|Totale IVA|IVA 10%|Importo IVA"),
        "discount": words("SCONTO|Sconto|Sconto 10%|Promozione|Buono|Abbuono|Riduzione|OMAGGIO"),
        "service": words("SERVIZIO|Coperto|Servizio 10%|Mancia|COPERTO|Consegna"),
        "rounding": words("ARROTONDAMENTO|Arrotondamento|Arrot.|Arr. contante"),
        "total": words("""
            TOTALE COMPLESSIVO|TOTALE|TOTALE EURO|TOTALE EUR|IMPORTO TOTALE|TOTALE €|Totale|Totale complessivo
            TOTALE DA PAGARE|Da pagare|TOTALE DOCUMENTO|Importo dovuto|TOTALE CONTO|NETTO A PAGARE|Totale Euro
            Totale fattura|TOTALE DOVUTO|Totale da pagare
            """),
        "cash": words("CONTANTE|CONTANTI|Pagamento contante|Contanti|PAGAMENTO CONTANTE|In contanti"),
        "card": words("""
            PAGAMENTO ELETTRONICO|CARTA DI CREDITO|BANCOMAT|VISA|MASTERCARD|Carta|Pagamento elettronico|POS
            Carta di debito
            """),
        "paid": words("IMPORTO PAGATO|Importo pagato|Pagato|Ricevuto|Versato|INCASSATO|Corrisposto"),
        "change": words("RESTO|Resto|Resto contanti|RESTO EURO|Resto €"),
        "items_sold": words("N. ARTICOLI|Totale pezzi|Numero articoli|Articoli|Pezzi|N. pezzi"),
        "saved": words("HAI RISPARMIATO|Risparmio|Totale sconti|Hai risparmiato oggi|Il tuo risparmio"),
        "points": words("PUNTI|Punti|Saldo punti|Punti accumulati|Punti fedeltà|Punti spesa"),
        "due_date": words("SCADENZA|Valido fino al|Scade il|Data scadenza|Da pagare entro|Cambio entro"),
        "thanks": words("""
            GRAZIE|GRAZIE E ARRIVEDERCI|Arrivederci e grazie|Grazie per l'acquisto|GRAZIE PER LA VISITA|A presto
            Buona giornata|Vi aspettiamo|Grazie per averci scelto|Buon appetito
            """),
        "footer": words("""
            Cambi entro 15 giorni con scontrino|Conservare lo scontrino|Merce in saldo non si cambia
            Orario 9-13 15.30-19.30|Domenica chiuso|NON FISCALE|Si prega di controllare il resto
            Conservare per la garanzia|Chiuso il lunedì|Copia per il cliente
            """),
    },
    currency=("€", "EUR", "EURO", "Euro"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1.234,50", "1234.50"),
    dates=words("""
        %d/%m/%Y|%d-%m-%Y|%d/%m/%y|%d-%m-%y|%d.%m.%Y|%d %B %Y|%-d %B %Y|%d %b %Y|%Y-%m-%d|%d-%b-%y|%-d/%-m/%Y
        %d.%m.%y
        """),
    months=words("gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"),
    short_months=words("gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic"),
    trades=words("""
        PANIFICIO|FORNO|PASTICCERIA|GELATERIA|BAR|CAFFÈ|TRATTORIA|OSTERIA|RISTORANTE|PIZZERIA|ROSTICCERIA|ENOTECA
        TAVOLA CALDA|PANINOTECA|SALUMERIA|MACELLERIA|PESCHERIA|ORTOFRUTTA|ALIMENTARI|GASTRONOMIA|SUPERMERCATO
        MINIMARKET|ERBORISTERIA|FARMACIA|PROFUMERIA|OTTICA|LIBRERIA|CARTOLERIA|EDICOLA|TABACCHERIA|FERRAMENTA
        COLORIFICIO|BRICOLAGE|ELETTRODOMESTICI|CASALINGHI|VIVAIO|FIORI|GIOCATTOLI|CALZATURE|ABBIGLIAMENTO|MERCERIA
        SPORT|GIOIELLERIA|OROLOGERIA|PARRUCCHIERE|LAVANDERIA|TINTORIA|STAZIONE DI SERVIZIO|AUTORICAMBI|GOMMISTA
        OFFICINA|CICLI|ALBERGO|HOTEL|ARREDAMENTI|COPISTERIA|INFORMATICA
        """),
    legal_forms=words("S.R.L.|SRL|S.P.A.|S.N.C.|S.A.S.|SNC|& C. S.N.C.|& FIGLI|DI|S.R.L.S.|F.LLI"),
    given_names=words("""
        Giuseppe|Giovanni|Antonio|Mario|Luigi|Francesco|Angelo|Vincenzo|Pietro|Salvatore|Carlo|Franco|Paolo|Marco
        Luca|Matteo|Davide|Gino|Maria|Anna|Rosa|Angela|Giovanna|Teresa|Lucia|Carmela|Caterina|Francesca|Giulia
        Chiara|Sara|Elena|Paola|Silvia|Martina|Ornella
        """),
    surnames=words("""
        Rossi|Russo|Ferrari|Esposito|Bianchi|Romano|Colombo|Ricci|Marino|Greco|Bruno|Gallo|Conti|De Luca|Costa
        Giordano|Mancini|Rizzo|Lombardi|Moretti|Barbieri|Fontana|Santoro|Mariani|Rinaldi|Caruso|Ferrara|Galli
        Martini|Leone|Longo|Gentile|Martinelli|Vitale|Lombardo|Serra|Coppola|De Santis|D'Angelo|Marchetti|Parisi
        Villa|Conte|Ferraro|Fabbri|Bianco|Testa|Grassi|Pellegrini
        """),
    streets=words("""
        Via {name}, {n}|VIA {name} {n}|Corso {name}, {n}|Piazza {name}, {n}|P.zza {name} {n}|Viale {name}, {n}/{n}
        Largo {name} {n}|Vicolo {name}, {n}|C.so {name} {n}|Strada Statale {n} {name}|C.C. {name}
        """),
    places=words("""
        Roma|Milano|Napoli|Torino|Palermo|Genova|Bologna|Firenze|Bari|Catania|Venezia|Verona|Messina|Padova|Trieste
        Brescia|Parma|Prato|Taranto|Modena|Reggio Emilia|Perugia|Ravenna|Livorno|Cagliari|Foggia|Rimini|Salerno
        Ferrara|Sassari|Latina|Monza|Siracusa|Pescara|Bergamo|Trento|Vicenza|Terni|Bolzano|Novara|Piacenza|Ancona
        Lecce|Arezzo|Udine|Como|Garibaldi|Mazzini|Cavour|Dante|Verdi|Marconi
        """),
    postcodes=words("""
        ##### {place}|##### {place} (MI)|##### {place} (RM)|##### - {place}|##### {place} TO|I-##### {place}
        """),
    phones=words("0## #######|06 #######|02/########|+39 0## ######|0###-######|3## #######|0### ### ###|800 ### ###"),
    tax_ids=words("###########|IT###########|IT ###########|0##########"),
    items=goods("""
        0.50-3.50: CAFFÈ|CAPPUCCINO|CORNETTO|ACQUA 0,5L|SACCHETTO|PANE COMUNE|SPREMUTA|MACCHIATO|BRIOCHE|TRAMEZZINO
        0.50-3.50: GELATO 2 GUSTI
        0.90-7.90: LATTE FRESCO|UOVA 6PZ|BURRO|YOGURT|PASTA 500G|RISO ARBORIO|PASSATA|POMODORI|INSALATA|ZUCCHINE
        0.90-7.90: MELE|BANANE|PATATE 2KG
        2.50-18.90: PARMIGIANO|MOZZARELLA|PROSCIUTTO CRUDO|SALAME|PETTO POLLO|TONNO 3X80|OLIO EXTRAV. 1L|CAFFÈ 250G
        2.50-18.90: VINO ROSSO|PANETTONE
        3.50-12.00: BRUSCHETTA|SUPPLÌ|TAGLIERE|TIRAMISÙ|PANNA COTTA|CONTORNO|BIRRA MEDIA|SPRITZ|CALICE BIANCO
        3.50-12.00: LIMONCELLO|FRITTO MISTO
        7.00-28.00: MARGHERITA|CAPRICCIOSA|SPAGHETTI VONGOLE|LASAGNE|CARBONARA|RISOTTO|SALTIMBOCCA|TAGLIATA|ORATA
        7.00-28.00: COTOLETTA|MENÙ PRANZO
        1.00-18.00: DENTIFRICIO|SHAMPOO|DETERSIVO|CARTA IGIENICA|PILE AA|PENNA|QUADERNO|COLLA|TASCABILE|RIVISTA
        1.00-18.00: CEROTTI|ASPIRINA
        5.90-110.00: PITTURA 5L|VITI 100|LAMPADINA LED|TRAPANO|CAMICIA|PANTALONE|SCARPE|SCIARPA|MAZZO FIORI
        5.90-110.00: TAGLIO UOMO|BENZINA|DIESEL
        """),
    tax_rates=(22.0, 10.0, 4.0),
)
