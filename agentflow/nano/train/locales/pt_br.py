"""Brazil. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="pt-BR",
    labels={
        "title": words("""
            CUPOM FISCAL|NOTA FISCAL|DANFE NFC-e|RECIBO|CUPOM NÃO FISCAL|Extrato|EXTRATO CF-e|PEDIDO
            CONFERÊNCIA DE MESA
            """),
        "date": words("DATA|Data|Emissão|Data de emissão|DT|Data da venda|Data/Hora|Data Emissão|EMISSAO"),
        "time": words("HORA|Hora|Hs|Horário|Hora saída"),
        "number": words("COO|Nº|CUPOM|NFC-e nº|Extrato No.|Pedido|Nota nº|Número|Venda|CCF|Senha|Protocolo|Doc"),
        "cashier": words("OPERADOR|Caixa|Atendente|Vendedor|Garçom|Operadora|Atendido por|Op|Vend."),
        "table": words("MESA|Mesa|Comanda|Pessoas|Mesa nº|Clientes"),
        "till": words("CAIXA|PDV|Loja|ECF|Terminal|Caixa nº|SAT No."),
        "member": words("CLIENTE|CPF|Cartão fidelidade|Cód. cliente|CPF/CNPJ do consumidor|Consumidor|Cadastro"),
        "phone": words("FONE|Tel|Telefone|Fone|TEL.|SAC|WhatsApp"),
        "fax": words("FAX|Fax|Fone/Fax"),
        "tax_id": words("CNPJ|CNPJ:|C.N.P.J.|CNPJ Nº"),
        "company_id": words("IE|I.E.|IM|Insc. Est.|Inscrição Estadual|Insc. Mun."),
        "item": words("ITEM|Descrição|DESCRICAO|Produto|Mercadoria|CÓDIGO DESCRIÇÃO"),
        "quantity": words("QTD|Qtd|Qtde|QTD.|QUANT|Qt"),
        "price": words("VL UNIT|Vl. Unit.|Preço|VL.UNIT(R$)|Unitário|Valor unit."),
        "amount": words("VL TOTAL|Valor|VL ITEM(R$)|Total|VALOR|Vl. Total"),
        "subtotal": words("SUBTOTAL|Subtotal|SUBTOTAL R$|Sub-total|Total dos itens|VALOR DOS PRODUTOS|Total bruto"),
        "net": words("BASE DE CÁLCULO|Valor líquido|Base ICMS|Líquido|Valor sem impostos"),
        "tax": words("ICMS|TRIBUTOS|Valor aprox. tributos|ISS|Impostos|Trib aprox R$|Tributos totais|Imposto"),
        "discount": words("DESCONTO|Desconto|DESC|Promoção|Desconto item|Cupom|Desc. clube"),
        "service": words("SERVIÇO|Taxa de serviço|Serviço 10%|Gorjeta|Taxa 10%|Couvert|Taxa de entrega"),
        "rounding": words("ARREDONDAMENTO|Arredondamento|Arred.|Acréscimo|Truncamento"),
        "total": words("""
            TOTAL R$|TOTAL|VALOR TOTAL|VALOR A PAGAR|TOTAL A PAGAR|VALOR TOTAL R$|VALOR A PAGAR R$|Total
            Total a pagar|Total geral|TOTAL GERAL|TOTAL DA NOTA|Valor total da nota|TOTAL DA CONTA|TOTAL LÍQUIDO
            Total do pedido|TOTAL DA VENDA|Total da compra
            """),
        "cash": words("DINHEIRO|Dinheiro|DINHEIRO R$|Espécie|Valor em dinheiro"),
        "card": words("CARTÃO DE CRÉDITO|CARTÃO DÉBITO|VISA|MASTERCARD|PIX|Cartão|Vale refeição|CARTAO|Crédito|TEF"),
        "paid": words("VALOR PAGO|Valor pago R$|Recebido|VALOR RECEBIDO|Pago|FORMA PAGAMENTO|Pagamento"),
        "change": words("TROCO|Troco|TROCO R$|Troco dinheiro|Devolução"),
        "items_sold": words("QTD. TOTAL DE ITENS|Qtde. itens|Itens|Total de itens|QTD ITENS|Volumes"),
        "saved": words("VOCÊ ECONOMIZOU|Economia|Você economizou hoje|Total economizado|Sua economia"),
        "points": words("PONTOS|Pontos|Saldo de pontos|Pontos acumulados|Seus pontos|Cashback"),
        "due_date": words("VENCIMENTO|Validade|Vencimento|Válido até|Data de vencimento|Troca até"),
        "thanks": words("""
            OBRIGADO|OBRIGADO PELA PREFERÊNCIA|Volte sempre|OBRIGADO, VOLTE SEMPRE!|Agradecemos a preferência
            Bom apetite|Até logo|Deus abençoe|Muito obrigado e volte sempre|Tenha um bom dia
            """),
        "footer": words("""
            Trocas em até 7 dias com este cupom|NÃO É DOCUMENTO FISCAL|Consulte pela chave de acesso
            Conferir troco no ato|Guarde este cupom|Não trocamos peças em promoção|Aberto de segunda a sábado
            Procon 151|Lei 12.741/2012|Via do consumidor
            """),
    },
    currency=("R$", "BRL", "R$ ", "R$"),
    currency_code="BRL",
    decimals=2,
    numbers=("1.234,50", "1234,50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d.%m.%Y|%d/%b/%Y|%d de %B de %Y|%-d de %B de %Y|%d %b %Y|%Y-%m-%d|%d.%m.%y
        %d-%b-%y
        """),
    months=words("janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"),
    short_months=words("jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez"),
    trades=words("""
        PADARIA|CONFEITARIA|LANCHONETE|RESTAURANTE|CHURRASCARIA|PIZZARIA|PASTELARIA|BOTECO|BAR E MERCEARIA|CAFETERIA
        SORVETERIA|TAPIOCARIA|AÇAÍ|HAMBURGUERIA|COMIDA POR QUILO|SUPERMERCADO|MERCADINHO|MERCEARIA|HORTIFRUTI
        SACOLÃO|QUITANDA|AÇOUGUE|PEIXARIA|ADEGA|EMPÓRIO|ATACADO|CONVENIÊNCIA|BANCA|DROGARIA|FARMÁCIA|ÓTICA|LIVRARIA
        PAPELARIA|FERRAGENS|MATERIAL DE CONSTRUÇÃO|TINTAS|ELÉTRICA|AUTO PEÇAS|AUTO POSTO|POSTO|BORRACHARIA
        LAVA RÁPIDO|OFICINA|BICICLETARIA|CALÇADOS|MODAS|ARMARINHO|BAZAR|BRINQUEDOS|PET SHOP|AGROPECUÁRIA
        FLORICULTURA|SALÃO DE BELEZA|BARBEARIA|RELOJOARIA|LAVANDERIA|MÓVEIS|INFORMÁTICA|CELULARES|GRÁFICA|POUSADA
        HOTEL|ESTACIONAMENTO
        """),
    legal_forms=words("LTDA|LTDA ME|ME|EIRELI|S.A.|S/A|EPP|LTDA - EPP|MEI|& FILHOS LTDA|& CIA LTDA"),
    given_names=words("""
        José|João|Antônio|Francisco|Carlos|Paulo|Pedro|Lucas|Luiz|Marcos|Gabriel|Rafael|Daniel|Marcelo|Bruno|Eduardo
        Felipe|Raimundo|Maria|Ana|Francisca|Antônia|Adriana|Juliana|Márcia|Fernanda|Patrícia|Aline|Sandra|Camila
        Amanda|Bruna|Jéssica|Letícia|Vera|Rita
        """),
    surnames=words("""
        Silva|Santos|Oliveira|Souza|Rodrigues|Ferreira|Alves|Pereira|Lima|Gomes|Costa|Ribeiro|Martins|Carvalho
        Almeida|Lopes|Soares|Fernandes|Vieira|Barbosa|Rocha|Dias|Nascimento|Andrade|Moreira|Nunes|Marques|Machado
        Mendes|Freitas|Cardoso|Ramos|Gonçalves|Santana|Teixeira|Araújo|Pinto|Cavalcanti|Moura|Campos|Batista
        Yamamoto|Bianchi|Schneider|Monteiro|Farias
        """),
    streets=words("""
        R. {name}, {n}|RUA {name}, {n}|Av. {name}, {n}|AV {name} {n} LOJA {n}|Rua {name}, Nº {n}|Praça {name}, {n}
        Rod. {name}, Km {n}|Travessa {name}, {n}|Alameda {name}, {n}|Shopping {name}, Loja {n}|Largo {name}, {n}
        """),
    places=words("""
        São Paulo|Campinas|Santos|Sorocaba|Osasco|Guarulhos|Ribeirão Preto|Bauru|Rio de Janeiro|Niterói|Petrópolis
        Belo Horizonte|Uberlândia|Contagem|Ouro Preto|Vitória|Salvador|Ilhéus|Feira de Santana|Recife|Olinda|Caruaru
        Fortaleza|Sobral|Natal|João Pessoa|Maceió|Aracaju|Teresina|São Luís|Belém|Manaus|Brasília|Goiânia|Cuiabá
        Campo Grande|Curitiba|Londrina|Maringá|Florianópolis|Joinville|Blumenau|Porto Alegre|Caxias do Sul|Pelotas
        Sete de Setembro|Tiradentes|Quinze de Novembro|Paulista|Getúlio Vargas|das Flores|Bela Vista
        """),
    postcodes=words("""
        {place} - SP|{place}/RJ|{place} - MG - CEP #####-###|CEP #####-### {place} PR|#####-### {place} - BA
        {place}, RS, #####-###
        """),
    phones=words("""
        (##) ####-####|(##) 9####-####|(11) 3###-####|+55 ## #####-####|## ####-####|0800 ### ####|(0##) ####-####
        """),
    tax_ids=words("##.###.###/0001-##|##.###.###/####-##|##############"),
    items=goods("""
        0.80-9.90: PÃO FRANCÊS KG|PÃO DE QUEIJO|COXINHA|PASTEL CARNE|CAFEZINHO|CAFÉ COM LEITE|ÁGUA S/GÁS
        0.80-9.90: GUARANÁ LATA|BRIGADEIRO|MISTO QUENTE
        3.00-22.00: SUCO LARANJA|AÇAÍ 500ML|TAPIOCA|CALDO DE CANA|CAIPIRINHA|CHOPP|BOLO FATIA|X-SALADA|HOT DOG|PUDIM
        3.00-22.00: SORVETE 2 BOLAS
        15.00-89.00: PRATO FEITO|FEIJOADA|PICANHA|MOQUECA|FILÉ PARMEGIANA|FRANGO À PASSARINHO|REFEIÇÃO KG|RODÍZIO
        15.00-89.00: BAIÃO DE DOIS|PIZZA GRANDE
        2.50-29.90: ARROZ 5KG|FEIJÃO CARIOCA|AÇÚCAR 1KG|ÓLEO SOJA|LEITE INTEGRAL|OVOS DZ|FARINHA MANDIOCA|CAFÉ 500G
        2.50-29.90: MACARRÃO|MOLHO TOMATE|QUEIJO MINAS
        1.99-19.90: BANANA PRATA|TOMATE KG|BATATA KG|CEBOLA KG|MAMÃO|ALFACE|CENOURA|MANGA|LIMÃO|ABACAXI|SABÃO EM PÓ
        1.99-19.90: DETERGENTE|PAPEL HIG
        1.50-45.00: CANETA|CADERNO 96F|BORRACHA|COLA|PILHA AA|CREME DENTAL|XAMPU|SABONETE|DIPIRONA|ESCOVA|RAÇÃO 1KG
        1.50-45.00: PROTETOR SOLAR
        12.00-299.00: TINTA 3,6L|PARAFUSO CX|LÂMPADA LED|FURADEIRA|CIMENTO 50KG|CAMISETA|CALÇA|SANDÁLIA|TÊNIS
        12.00-299.00: CORTE CABELO|GASOLINA|ETANOL|ÓLEO MOTOR
        """),
    tax_rates=(18.0, 12.0, 5.0, 0.0),
)
