"""France. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="fr-FR",
    labels={
        "title": words("""
            TICKET|FACTURE|Ticket de caisse|REÇU|NOTE|Facture|ADDITION|TICKET CLIENT|Justificatif|Duplicata
            """),
        "date": words("DATE|Date|Le|Date facture|Date d'achat|Date de vente|Date/Heure|Edité le|Imprimé le|Du"),
        "time": words("HEURE|Heure|A|H|à|Hre"),
        "number": words("""
            TICKET N°|Ticket|FACTURE N°|N° Facture|No Ticket|N° Ticket|Note N°|Trans|N° Commande|Réf|REÇU N°
            N° transaction
            """),
        "cashier": words("""
            CAISSIER|Hôte|Vendeur|Serveur|Caissière|Hôtesse|Servi par|Op.|Vous avez été servi par|Employé
            """),
        "table": words("TABLE|Table|Couverts|Couv.|Tbl|Table n°|Salle"),
        "till": words("CAISSE|Caisse|Caisse n°|TPE|Poste|Magasin|Terminal|Cais"),
        "member": words("CARTE FIDÉLITÉ|Client|N° client|Carte n°|Adhérent|Compte|Code client|Carte de fidélité"),
        "phone": words("TEL|Tél|Tél.|Téléphone|TÉL|Tel|T.|Service client"),
        "fax": words("FAX|Fax|Télécopie|Fax."),
        "tax_id": words("TVA|N° TVA|TVA intra|N° TVA Intracom|TVA INTRACOM|Id TVA|N° TVA FR"),
        "company_id": words("SIRET|Siret|RCS|SIREN|N° Siret|APE|NAF|R.C.S."),
        "item": words("ARTICLE|Article|Désignation|DÉSIGNATION|Libellé|Produit|Description|Prestation"),
        "quantity": words("QTE|Qté|Quantité|QTÉ|Nb|Q"),
        "price": words("PRIX|PU|P.U.|Prix unitaire|P.U. TTC|Prix|PU TTC"),
        "amount": words("MONTANT|Montant|Total|EUR|Mt TTC|MONTANT TTC|Prix total|Mnt"),
        "subtotal": words("SOUS-TOTAL|Sous-total|SOUS TOTAL|S/TOTAL|Sous Total|Total articles|S-TOTAL"),
        "net": words("TOTAL HT|Total HT|HT|Montant HT|Base HT|Hors taxes|Net HT"),
        "tax": words("TVA|TVA 20%|TVA 5,5%|T.V.A.|Dont TVA|TVA 10%|Montant TVA|Total TVA|dont T.V.A. 20%|TVA 20,00%"),
        "discount": words("REMISE|Remise|Réduction|Promo|Bon d'achat|Avantage|Rabais|REMISE 10%|Remise immédiate"),
        "service": words("SERVICE|Pourboire|Service 15%|Service compris|Frais de service|Livraison"),
        "rounding": words("ARRONDI|Arrondi|Ecart d'arrondi|Arr.|Arrondi solidaire"),
        "total": words("""
            TOTAL|TOTAL TTC|NET A PAYER|MONTANT DU|TOTAL EUR|TOTAL A PAYER|À PAYER|Total TTC|Net à payer
            MONTANT TOTAL|A PAYER|Total|Total à payer|MONTANT A PAYER|TOTAL EUROS|Total dû|TOTAL GENERAL|Montant TTC
            Reste à payer|TOTAL ACHATS|Net TTC|TOTAL NET
            """),
        "cash": words("ESPECES|Espèces|ESPÈCES|Especes EUR|Liquide|Esp.|Règlement espèces"),
        "card": words("CB|CARTE BANCAIRE|Carte bleue|CB EMV|VISA|MASTERCARD|Carte|SANS CONTACT|C.B.|Titre restaurant"),
        "paid": words("REGLEMENT|Réglé|Payé|Reçu|Paiement|Donné|Versé|RENDU SUR|Encaissé"),
        "change": words("RENDU|Rendu|Monnaie|A rendre|MONNAIE RENDUE|Rendu monnaie|Rendu espèces"),
        "items_sold": words("NB ARTICLES|Nombre d'articles|Articles|Nb art.|Nbre articles|Total articles|ARTICLE(S)"),
        "saved": words("VOUS ÉCONOMISEZ|Vos économies|Économie|Vous avez économisé|Total économies|Gain"),
        "points": words("POINTS|Points|Points fidélité|Solde points|Vos points|Points acquis|Cagnotte"),
        "due_date": words("ÉCHÉANCE|Valable jusqu'au|Date limite|Échéance|Date d'échéance|A régler avant le|Expire le"),
        "thanks": words("""
            MERCI|Merci de votre visite|Merci et à bientôt|A BIENTOT|Merci de votre confiance|Au revoir et à bientôt
            Bonne journée|Merci de votre fidélité|Toute l'équipe vous remercie|Bonne dégustation|À très vite
            """),
        "footer": words("""
            Ni repris ni échangé|Echange sous 15 jours avec ticket|Ticket à conserver|Prix nets, service compris
            Ouvert du lundi au samedi|Conservez ce ticket|Aucun remboursement en espèces
            Articles soldés non échangés|TVA acquittée sur les débits|Fermé le lundi|Retrouvez-nous en ligne
            Garantie 2 ans|Exemplaire client
            """),
    },
    currency=("€", "EUR", "Euros", "E"),
    currency_code="EUR",
    decimals=2,
    numbers=("1234,50", "1 234,50", "1234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d.%m.%Y|%d.%m.%y|%d-%m-%y|%d %B %Y|%-d %B %Y|%d %b %Y|%-d %b %Y|%Y-%m-%d
        %d/%b/%Y|%-d/%m/%Y
        """),
    months=words("janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"),
    short_months=words("janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc"),
    trades=words("""
        BOULANGERIE|PATISSERIE|BOUCHERIE|CHARCUTERIE|FROMAGERIE|POISSONNERIE|EPICERIE|PRIMEUR|TRAITEUR|CAVE A VINS
        BRASSERIE|BISTROT|RESTAURANT|CREPERIE|PIZZERIA|CAFE|SALON DE THE|BAR TABAC|TABAC PRESSE|KEBAB|GLACIER
        ROTISSERIE|SUPERMARCHE|SUPERETTE|MARCHE|PHARMACIE|PARAPHARMACIE|OPTIQUE|LIBRAIRIE|PAPETERIE|QUINCAILLERIE
        BRICOLAGE|DROGUERIE|JARDINERIE|FLEURISTE|ANIMALERIE|JOUETS|CHAUSSURES|PRET A PORTER|MERCERIE|PRESSING
        LAVERIE|COIFFURE|INSTITUT DE BEAUTE|BIJOUTERIE|HORLOGERIE|GARAGE|STATION SERVICE|PNEUS|CYCLES|HOTEL|AUBERGE
        CAMPING|ELECTROMENAGER|INFORMATIQUE|IMPRIMERIE|MEUBLES|CORDONNERIE|SERRURERIE
        """),
    legal_forms=words("SARL|SAS|SA|EURL|SASU|SNC|ET FILS|& Cie|S.A.R.L.|EI|SCOP"),
    given_names=words("""
        Jean|Pierre|Michel|André|Philippe|Alain|Bernard|Jacques|Gérard|Luc|Thierry|Olivier|Nicolas|Julien|Hugo|Lucas
        Mathis|Yves|Karim|Marie|Nathalie|Isabelle|Sylvie|Catherine|Françoise|Martine|Christine|Camille|Léa|Manon
        Chloé|Inès|Élodie|Aurélie|Hélène|Odile
        """),
    surnames=words("""
        Martin|Bernard|Dubois|Thomas|Robert|Richard|Petit|Durand|Leroy|Moreau|Simon|Laurent|Lefebvre|Michel|Garcia
        David|Bertrand|Roux|Vincent|Fournier|Morel|Girard|André|Lefèvre|Mercier|Dupont|Lambert|Bonnet|François
        Martinez|Legrand|Garnier|Faure|Rousseau|Blanc|Guérin|Muller|Henry|Roussel|Nicolas|Perrin|Morin|Mathieu
        Clément|Gauthier|Dumont|Lopez|Fontaine|Chevalier|Robin|Le Goff|Benali
        """),
    streets=words("""
        {n} rue de {name}|{n}, rue {name}|{n} avenue de {name}|{n} bd {name}|{n} boulevard {name}|{n} bis rue {name}
        {n} place {name}|ZA {name}|{n} chemin de {name}|Centre commercial {name}|{n} impasse {name}
        {n} quai de {name}|{n} route de {name}|{n} cours {name}
        """),
    places=words("""
        Paris|Lyon|Marseille|Toulouse|Nice|Nantes|Strasbourg|Montpellier|Bordeaux|Lille|Rennes|Reims|Toulon|Grenoble
        Dijon|Angers|Nîmes|Brest|Le Mans|Tours|Amiens|Limoges|Annecy|Metz|Besançon|Perpignan|Orléans|Rouen|Mulhouse
        Caen|Nancy|Avignon|Poitiers|Pau|Calais|La Rochelle|Colmar|Quimper|Vannes|Bayonne|Niort|Chartres|Beauvais
        Albi|Verdun|Victor Hugo|Jean Jaurès|Gambetta|Pasteur
        """),
    postcodes=words("##### {place}|##### {place} CEDEX|F-##### {place}|##### {place}, FRANCE"),
    phones=words("""
        0# ## ## ## ##|0#.##.##.##.##|+33 # ## ## ## ##|01.##.##.##.##|0#########|08 ## ## ## ##|04-##-##-##-##
        """),
    tax_ids=words("FR###########|FR ## ### ### ###|FR## #########|FR ## #########"),
    items=goods("""
        0.90-3.50: BAGUETTE TRADITION|CROISSANT|PAIN AU CHOCOLAT|CHAUSSON POMMES|CAFE|EXPRESSO|ALLONGE|EAU 50CL
        0.90-3.50: SAC CAISSE|BRIOCHE
        1.20-6.50: LAIT DEMI ECREME|OEUFS X6|BEURRE DOUX|YAOURT NATURE X4|PATES 500G|RIZ LONG|POMMES GOLDEN
        1.20-6.50: TOMATES GRAPPE|SALADE|COURGETTES
        2.50-14.90: CAMEMBERT|COMTE 24 MOIS|JAMBON BLANC|POULET FERMIER|STEAK HACHE|SAUMON FUME|VIN ROUGE 75CL
        2.50-14.90: CIDRE BRUT|HUILE OLIVE|CAFE MOULU
        4.50-9.50: CREME BRULEE|MOUSSE CHOCOLAT|TARTE TATIN|KIR|PRESSION 50CL|DIABOLO|SALADE VERTE|SOUPE OIGNON
        4.50-9.50: CREPE SUCRE|GALETTE
        11.50-29.00: PLAT DU JOUR|FORMULE MIDI|STEAK FRITES|CONFIT CANARD|MOULES FRITES|PAVE SAUMON|BLANQUETTE
        11.50-29.00: TARTARE|MENU ENFANT|MAGRET
        1.50-18.00: DENTIFRICE|GEL DOUCHE|LESSIVE|ESSUIE TOUT|PILES LR6|STYLO BILLE|CAHIER 96P|COLLE|ROMAN POCHE
        1.50-18.00: JOURNAL|PARACETAMOL
        5.90-95.00: PEINTURE 2,5L|VIS X100|AMPOULE LED|TERREAU 40L|CHEMISE|PANTALON|BASKETS|ECHARPE|BOUQUET
        5.90-95.00: COUPE HOMME|SP95|GAZOLE
        """),
    tax_rates=(20.0, 10.0, 5.5),
)
