"""Portugal. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="pt-PT",
    labels={
        "title": words("""
            FATURA SIMPLIFICADA|FATURA-RECIBO|FATURA|TALÃO|RECIBO|Fatura Simplificada|Venda a dinheiro
            CONSULTA DE MESA|Original
            """),
        "date": words("DATA|Data|Data de emissão|Data da fatura|Dt.|Data/Hora|Data venda|Emitido em"),
        "time": words("HORA|Hora|Às|H"),
        "number": words("FATURA Nº|FS Nº|Fatura-Recibo|Nº|Doc. Nº|Talão Nº|Documento|FS|Nº Doc.|Venda|Pedido|FT"),
        "cashier": words("OPERADOR|Atendido por|Empregado|Funcionário|Vendedor|Caixa|Operador(a)|Colaborador"),
        "table": words("MESA|Mesa|Mesa nº|Pessoas|Lugares"),
        "till": words("CAIXA|POS|Terminal|Loja|Posto|Caixa Nº"),
        "member": words("CLIENTE|Nº Cliente|Cartão cliente|NIF Cliente|Cartão|Contribuinte cliente|Sócio"),
        "phone": words("TEL|Tel.|Telefone|Telef.|Tlm.|Apoio ao cliente"),
        "fax": words("FAX|Fax|Telefax"),
        "tax_id": words("NIF|Contribuinte|NIPC|Contribuinte Nº|N.I.F.|Cont. Nº"),
        "company_id": words("Cons. Reg. Com.|Matrícula|Capital Social|C.R.C.|Reg. Nº"),
        "item": words("ARTIGO|Descrição|Artigo|Designação|Produto"),
        "quantity": words("QTD|Qtd.|Quant.|Qt.|Quantidade"),
        "price": words("PREÇO|Preço|P. Unit.|Preço un.|PVP"),
        "amount": words("VALOR|Valor|Total|Montante|Importância"),
        "subtotal": words("SUBTOTAL|Subtotal|Sub-total|SUB TOTAL|Total parcial|Total artigos"),
        "net": words("INCIDÊNCIA|Base|Total líquido|Valor líquido|Base tributável|Total s/ IVA"),
        "tax": words("IVA|IVA 23%|Total IVA|Valor IVA|IVA 13%|IVA incluído|Imposto|I.V.A."),
        "discount": words("DESCONTO|Desconto|Desc.|Promoção|Poupança imediata|Talão desconto|Vale"),
        "service": words("SERVIÇO|Gorjeta|Taxa de serviço|Couvert|Entrega"),
        "rounding": words("ARREDONDAMENTO|Arredondamento|Arred.|Acerto"),
        "total": words("""
            TOTAL|TOTAL A PAGAR|TOTAL EUR|A PAGAR|TOTAL €|Total|Total a pagar|TOTAL DA FATURA|VALOR A PAGAR
            Total EUR|Total (c/ IVA)|TOTAL GERAL|TOTAL C/ IVA|Total do documento|Valor total|TOTAL EUROS
            Total da conta|TOTAL ILÍQUIDO
            """),
        "cash": words("NUMERÁRIO|Numerário|DINHEIRO|Dinheiro|Em numerário"),
        "card": words("MULTIBANCO|CARTÃO|Cartão de crédito|VISA|MASTERCARD|Cartão débito|MB|MB WAY|Pag. cartão"),
        "paid": words("ENTREGUE|Entregue|Recebido|Pago|Pagamento|Valor entregue"),
        "change": words("TROCO|Troco|Troco EUR|Devolver|TROCO €"),
        "items_sold": words("Nº ARTIGOS|Total de artigos|Artigos|Unidades|Nº de artigos"),
        "saved": words("POUPOU|Poupança|Total poupado|Hoje poupou|A sua poupança"),
        "points": words("PONTOS|Pontos|Saldo de pontos|Saldo cartão|Pontos acumulados"),
        "due_date": words("VENCIMENTO|Válido até|Data limite|Validade|Trocas até|Vence em"),
        "thanks": words("""
            OBRIGADO|OBRIGADO PELA SUA VISITA|Volte sempre|Obrigado pela preferência|Agradecemos a sua visita
            Até breve|Bom apetite|Obrigado e até à próxima|Tenha um bom dia
            """),
        "footer": words("""
            Trocas no prazo de 15 dias com talão|Processado por programa certificado|Guarde este talão
            Não se aceitam devoluções em dinheiro|IVA incluído à taxa em vigor|Aberto das 9h às 20h
            Encerra ao domingo|Os artigos foram colocados à disposição|Livro de reclamações
            """),
    },
    currency=("€", "EUR", "Euros"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1.234,50", "1 234,50"),
    dates=words("""
        %d/%m/%Y|%d-%m-%Y|%Y-%m-%d|%d/%m/%y|%d-%m-%y|%Y/%m/%d|%d.%m.%Y|%d de %B de %Y|%-d de %B de %Y|%d %b %Y
        %d-%b-%Y|%d/%b/%Y
        """),
    months=words("janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"),
    short_months=words("jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez"),
    trades=words("""
        PADARIA|PASTELARIA|CAFÉ|SNACK-BAR|RESTAURANTE|TASCA|CERVEJARIA|MARISQUEIRA|CHURRASQUEIRA|ADEGA|GELATARIA
        PIZZARIA|TABERNA|CASA DE PASTO|MERCEARIA|MINIMERCADO|SUPERMERCADO|TALHO|PEIXARIA|FRUTARIA|CHARCUTARIA
        GARRAFEIRA|TABACARIA|QUIOSQUE|ERVANÁRIA|FARMÁCIA|PERFUMARIA|DROGARIA|ÓTICA|LIVRARIA|PAPELARIA|FERRAGENS
        MATERIAIS DE CONSTRUÇÃO|TINTAS|ELETRODOMÉSTICOS|HORTO|FLORISTA|BRINQUEDOS|SAPATARIA|PRONTO-A-VESTIR
        RETROSARIA|DESPORTO|OURIVESARIA|RELOJOARIA|CABELEIREIRO|LAVANDARIA|POSTO DE COMBUSTÍVEL|OFICINA|PNEUS
        BICICLETAS|PENSÃO|HOTEL|MÓVEIS|INFORMÁTICA|GRÁFICA|BAZAR|ARTESANATO
        """),
    legal_forms=words("LDA|LDA.|UNIPESSOAL LDA|S.A.|SA|& FILHOS, LDA|& IRMÃO|, LDA|CRL|SOC. UNIP. LDA"),
    given_names=words("""
        José|António|João|Manuel|Carlos|Luís|Paulo|Rui|Nuno|Tiago|Vasco|Duarte|Joaquim|Fernando|Jorge|Hélder|Gonçalo
        Afonso|Martim|Maria|Ana|Rosa|Graça|Fátima|Conceição|Teresa|Isabel|Catarina|Inês|Mariana|Leonor|Beatriz
        Matilde|Carolina|Sofia|Margarida|Célia
        """),
    surnames=words("""
        Silva|Santos|Ferreira|Pereira|Oliveira|Costa|Rodrigues|Martins|Jesus|Sousa|Fernandes|Gonçalves|Gomes|Lopes
        Marques|Alves|Almeida|Ribeiro|Pinto|Carvalho|Teixeira|Moreira|Correia|Mendes|Nunes|Soares|Vieira|Monteiro
        Cardoso|Rocha|Raposo|Neves|Coelho|Cruz|Cunha|Pires|Ramos|Reis|Simões|Antunes|Matos|Fonseca|Machado|Tavares
        Lourenço|Barros|Figueiredo|Quaresma
        """),
    streets=words("""
        Rua {name}, {n}|Rua de {name}, Nº {n}|Av. {name}, {n}|Praça {name}, {n}|Largo {name} {n}|R. {name} {n} R/C
        Travessa {name}, {n}|E.N. {n} {name}|C.C. {name}, Loja {n}|Lugar de {name}|Urb. {name}, Lote {n}
        """),
    places=words("""
        Lisboa|Porto|Braga|Coimbra|Aveiro|Faro|Setúbal|Évora|Leiria|Viseu|Guimarães|Viana do Castelo|Vila Real
        Bragança|Guarda|Covilhã|Castelo Branco|Santarém|Tomar|Torres Vedras|Caldas da Rainha|Sintra|Cascais|Oeiras
        Amadora|Almada|Barreiro|Portimão|Lagos|Tavira|Olhão|Beja|Elvas|Portalegre|Funchal|Ponta Delgada|Matosinhos
        Gondomar|Maia|Espinho|Ovar|Figueira da Foz|República|Liberdade|Camões
        """),
    postcodes=words("####-### {place}|####-### {place} PORTUGAL|####-###  {place}"),
    phones=words("2## ### ###|2########|+351 2## ### ###|9## ### ###|21 ### ## ##|800 ### ###|707 ### ###"),
    tax_ids=words("5########|PT5########|5## ### ###|PT 50#######"),
    items=goods("""
        0.60-3.50: BICA|GALÃO|MEIA DE LEITE|PASTEL DE NATA|PÃO DE DEUS|TORRADA|ÁGUA 33CL|IMPERIAL|RISSOL|PÃO SALOIO
        0.60-3.50: SACO|QUEQUE|SUMO NATURAL
        0.80-7.90: LEITE MEIO GORDO|OVOS 12|MANTEIGA|IOGURTE|MASSA ESPARGUETE|ARROZ AGULHA|BATATA 3KG|CEBOLA|TOMATE
        0.80-7.90: ALFACE|MAÇÃ|LARANJA|BANANA
        2.50-18.00: QUEIJO DA SERRA|PRESUNTO|CHOURIÇO|FRANGO|BACALHAU KG|ATUM|SARDINHA KG|AZEITE 75CL|VINHO TINTO
        2.50-18.00: VINHO VERDE|CAFÉ MOÍDO
        2.50-9.90: CALDO VERDE|SOPA DO DIA|TOSTA MISTA|PREGO NO PÃO|BIFANA|SALADA MISTA|MOUSSE|ARROZ DOCE|PUDIM
        2.50-9.90: SANGRIA COPO
        7.50-24.90: PRATO DO DIA|FRANCESINHA|BACALHAU À BRÁS|POLVO À LAGAREIRO|COZIDO|ARROZ DE MARISCO|BITOQUE
        7.50-24.90: SECRETOS|DOURADA|CATAPLANA
        0.90-17.00: PASTA DENTES|CHAMPÔ|DETERGENTE LOIÇA|PAPEL HIGIÉNICO|PILHAS AA|ESFEROGRÁFICA|CADERNO|COLA
        0.90-17.00: LIVRO BOLSO|REVISTA|PENSOS
        5.90-99.00: TINTA 5L|PARAFUSOS|LÂMPADA LED|BERBEQUIM|CAMISA|CALÇAS|SAPATILHAS|CACHECOL|RAMO FLORES
        5.90-99.00: CORTE CABELO|GASOLINA 95|GASÓLEO
        """),
    tax_rates=(23.0, 13.0, 6.0),
)
