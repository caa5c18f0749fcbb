"""Malaysia in Malay, with the English that its tills keep. None of it comes from a real receipt."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, malaysia, malaysia_goods, malaysia_names
from agentflow.nano.train.locales.words import goods, words

TRADES: Final = words("""
    RESTORAN|RESTORAN TOMYAM|RESTORAN NASI KANDAR|RESTORAN MAKANAN LAUT|RESTORAN IKAN BAKAR|WARUNG|WARUNG SUP
    GERAI MAKAN|KEDAI MAKAN|KEDAI KOPI|KEDAI MINUMAN|KEDAI ROTI|KEDAI KEK|KEDAI BUKU|KEDAI ALAT TULIS|KEDAI RUNCIT
    KEDAI SERBANEKA|KEDAI PERABOT|KEDAI ELEKTRIK|KEDAI EMAS|KEDAI UBAT|KEDAI KAIN|KEDAI JAHIT|KEDAI GUNTING RAMBUT
    KEDAI CERMIN MATA|KEDAI KASUT|KEDAI TAYAR|KEDAI MOTOSIKAL|KEDAI BASIKAL|KEDAI BESI|KEDAI PAIP|KEDAI CAT
    KEDAI HARDWARE|KEDAI BUNGA|KEDAI HAIWAN|KEDAI AYAM|KEDAI DAGING|KEDAI SAYUR|KEDAI BUAH-BUAHAN|KEDAI TELEFON
    KEDAI KOMPUTER|KEDAI GAMBAR|KEDAI MAINAN|KEDAI HADIAH|KEDAI PAKAIAN|KEDAI TUDUNG|KEDAI SUKAN
    KEDAI PINGGAN MANGKUK|BUTIK|BUTIK PENGANTIN|SPA|PASAR MINI|PASAR RAYA|PASARAYA|PASARAYA BORONG|PEMBORONG
    PEMBEKAL|PERNIAGAAN|PERNIAGAAN HARDWARE|PERNIAGAAN ELEKTRIK|PERUSAHAAN|PERUSAHAAN ROTI|SYARIKAT
    SYARIKAT PERNIAGAAN|SYARIKAT KAYU|ENTERPRISE|TRADING|FARMASI|KLINIK|KLINIK PERGIGIAN|PUSAT OPTIK|OPTIK
    STESEN MINYAK|BENGKEL KERETA|ALAT GANTI KERETA|CUCI KERETA|DOBI|DOBI LAYAN DIRI|PERCETAKAN|STUDIO GAMBAR
    KATERING|KEK & ROTI|BAKERI|KAFE|AYAM GORENG|BURGER|SATAY|NASI AYAM|NASI LEMAK|MEE KARI|CENDOL|AISKRIM|KOPITIAM
    PUSAT TUISYEN|KOPERASI|TEMPAT LETAK KERETA|HOTEL|RUMAH TUMPANGAN|AKUARIUM|NURSERI|MINI MARKET|SERBANEKA|HARTA
    JAYA|BERSAUDARA|MAJU
    """)

LOCALE: Final = Locale(
    code="ms-MY",
    labels={
        "title": words("""
            RESIT|RESIT RASMI|RESIT JUALAN|INVOIS|INVOIS CUKAI|INVOIS CUKAI RINGKAS|BIL TUNAI|JUALAN TUNAI|BIL
            INVOICE|CASH BILL|RESIT BAYARAN|SALINAN RESIT|TAX INVOICE|Resit|Bil Tunai|INVOIS/BIL TUNAI
            SALINAN PELANGGAN|RESIT / INVOIS CUKAI
            """),
        "date": words("""
            TARIKH|Tarikh|TKH|Tarikh Invois|TARIKH BIL|TARIKH JUALAN|Tarikh Urusniaga|DATE|Tarikh/Masa|TARIKH RESIT
            Tarikh Cetak|DICETAK PADA|Tarikh & Masa|Dicetak|TARIKH / DATE|Date|Trkh|Tarikh Pesanan|Tarikh Bayaran
            Tarikh Transaksi
            """),
        "time": words("MASA|Masa|WAKTU|TIME|Masa Masuk|Masa Keluar|Masa Cetak|Jam"),
        "number": words("""
            NO. RESIT|NO RESIT|No. Resit|RESIT NO|NO. INVOIS|NO INVOIS|No. Invois|NO. BIL|No Bil|Bil#|NO. RUJUKAN
            RUJ|NO. PESANAN|NO. TRANSAKSI|No. Dokumen|INV NO|BILL NO|NO. SIRI|Resit #|NO. URUSNIAGA|Order No
            NO. JUALAN|No. Tiket|DOC NO
            """),
        "cashier": words("""
            JURUWANG|Juruwang|CASHIER|JURUJUAL|Kakitangan|PELAYAN|Dilayan oleh|Pengguna|OPERATOR|STAF|Diterima Oleh
            """),
        "table": words("MEJA|No. Meja|MEJA NO|TABLE|Bil. Tetamu|PAX|Makan Sini|Bungkus|NO MEJA"),
        "till": words("""
            KAUNTER|Kaunter No|TERMINAL|POS|MESIN|No. Mesin|Daftar Tunai|TILL|Stesen|POS NO|ID Terminal|KAUNTER #
            """),
        "member": words("""
            AHLI|No. Ahli|KAD AHLI|PELANGGAN|Kod Pelanggan|NO. KAD|No. Akaun|Kepada|MEMBER|Nama Ahli|ID Ahli
            NO KAD AHLI
            """),
        "phone": words("TEL|Tel|TELEFON|No. Tel|NO TELEFON|H/P|HP|Hubungi|TALIAN|TEL/HP|Talian Khidmat|Whatsapp|Tel."),
        "fax": words("FAKS|Faks|FAX|No. Faks|F"),
        "tax_id": words("""
            NO. GST|NO GST|GST ID|ID GST|No. Pendaftaran GST|NO. CBP|GST NO|NO. SST|ID SST|NO. CUKAI|No. Pend. GST
            GST REG NO|NO. CUKAI PERKHIDMATAN|No. SST
            """),
        "company_id": words("""
            NO. SYARIKAT|NO SYARIKAT|No. Pendaftaran|NO. SSM|SSM|ROC|CO. NO|NO. PEND|Pendaftaran Perniagaan
            No. Pend. Syarikat|NO. DAFTAR|REG NO
            """),
        "item": words("""
            BARANG|Barang|PERKARA|Butiran|KETERANGAN|Keterangan|PRODUK|ITEM|NAMA BARANG|Kod/Barang|DESC|Perihal|Menu
            """),
        "quantity": words("KUANTITI|Kuantiti|KTT|QTY|BIL|Bil.|UNIT|Unit|Kty|KUANT|Bilangan"),
        "price": words("HARGA|Harga|HARGA SEUNIT|Harga Unit|HRG|Harga (RM)|H/UNIT|RM/UNIT|PRICE|HARGA JUAL|Seunit|@"),
        "amount": words("JUMLAH|Jumlah|AMAUN|Amaun (RM)|JUMLAH (RM)|JUM|RM|AMOUNT|Amaun|JUM (RM)|Nilai|AMT"),
        "subtotal": words("""
            JUMLAH KECIL|Jumlah Kecil|SUBJUMLAH|SUB JUMLAH|Sub-Jumlah|SUBTOTAL|SUB TOTAL|JUMLAH SEBELUM CUKAI
            Jumlah Barang|JUMLAH SEBELUM GST|JUM KECIL|JUMLAH SEBELUM PELARASAN|Sub Jumlah (RM)|JUMLAH KASAR
            Jumlah Jualan
            """),
        "net": words("""
            JUMLAH TANPA GST|AMAUN BERCUKAI|Jumlah Tidak Termasuk GST|AMAUN SEBELUM CUKAI|Nilai Barang|JUALAN BERSIH
            AMAUN (RM)|Jumlah Tanpa Cukai|JUALAN (TANPA GST)
            """),
        "tax": words("""
            CUKAI|GST 6%|GST|CBP 6%|CUKAI GST 6%|SST 6%|CUKAI PERKHIDMATAN|Cukai 6%|JUMLAH GST|JUMLAH CUKAI
            CUKAI JUALAN|GST @ 6%|Cukai Perkhidmatan 6%|CUKAI (RM)|SR 6%|GST (6%)|Amaun GST|Termasuk GST 6%
            """),
        "discount": words("""
            DISKAUN|Diskaun|POTONGAN|Diskaun Ahli|DISK|JUMLAH DISKAUN|DISCOUNT|Rebat|REBAT|Baucar|DISKAUN 10%|Tolak
            """),
        "service": words("""
            CAJ PERKHIDMATAN|Caj Perkhidmatan 10%|CAJ SERVIS|CAJ 10%|SVC CHG|Caj Servis 5%|CAJ LAYANAN|CAJ TAMBAHAN
            """),
        "rounding": words("""
            PENGGENAPAN|Penggenapan|PELARASAN PENGGENAPAN|PELARASAN|PEMBUNDARAN|ROUNDING|GENAP|PENGGENAPAN (RM)
            ROUNDING ADJ|Pelarasan 5 Sen|BUNDAR|PELARASAN SEN|Jumlah Penggenapan
            """),
        "total": words("""
            JUMLAH|JUMLAH BESAR|JUMLAH KESELURUHAN|JUMLAH BAYARAN|JUMLAH PERLU DIBAYAR|JUMLAH RM|JUMLAH (RM)
            JUMLAH TERMASUK GST|JUMLAH TERMASUK GST 6%|JUMLAH BERSIH|JUMLAH AKHIR|AMAUN PERLU DIBAYAR|AMAUN DIBAYAR
            JUMLAH SELEPAS PENGGENAPAN|JUMLAH DIGENAPKAN|JUMLAH (TERMASUK GST)|JUMLAH JUALAN
            JUMLAH JUALAN (TERMASUK GST)|JUMLAH BIL|JUMLAH INVOIS|TOTAL|Jumlah|Jumlah Besar|Jumlah Bayaran
            Jumlah Keseluruhan|Jumlah (RM)|Jumlah Perlu Dibayar|Jumlah Termasuk Cukai|JUM|Jumlah Bersih|TOTAL RM
            JUMLAH AMAUN|GRAND TOTAL|JUM BESAR|AMAUN BERSIH|JUMLAH PEMBAYARAN|JUMLAH SELURUH|JUM. BAYARAN
            JUMLAH TERMASUK SST|JUMLAH SELEPAS PELARASAN|JUMLAH KENA BAYAR|TOTAL (RM)|JUMLAH PATUT DIBAYAR
            Baki Perlu Dibayar
            """),
        "cash": words("""
            TUNAI|Tunai|BAYARAN TUNAI|TUNAI DITERIMA|WANG TUNAI|CASH|Tunai (RM)|TUNAI RM|BAYAR TUNAI|Terima Tunai
            """),
        "card": words("KAD KREDIT|KAD DEBIT|VISA|MASTERCARD|KAD|Kad Bank|E-DOMPET|KAD ATM|DEBIT|Bayaran Kad|KREDIT"),
        "paid": words("""
            BAYARAN|DIBAYAR|Bayaran|AMAUN DITERIMA|TERIMA|Diterima|BAYAR|JUMLAH DITERIMA|Amaun Bayar|JUMLAH TERIMA
            """),
        "change": words("BAKI|Baki|BAKI TUNAI|BAKI (RM)|WANG BAKI|CHANGE|BAKI RM|Baki Wang|PULANGAN|BAKI DIPULANGKAN"),
        "items_sold": words("""
            JUMLAH BARANG|BIL. BARANG|Bilangan Item|JUMLAH KUANTITI|JUM ITEM|Jumlah Item|BIL ITEM|TOTAL QTY
            """),
        "saved": words("""
            ANDA JIMAT|JIMAT|Jumlah Jimat|Penjimatan Anda|PENJIMATAN|Anda Telah Jimat|JIMAT RM|JUMLAH PENJIMATAN
            """),
        "points": words("""
            MATA|MATA GANJARAN|Mata Terkumpul|MATA AHLI|Baki Mata|POINT|MATA BONUS|Jumlah Mata|MATA DIPEROLEHI
            """),
        "due_date": words("""
            TARIKH AKHIR|SAH SEHINGGA|Tarikh Luput|TARIKH TAMAT|Sah Hingga|Bayar Sebelum|TEMPOH|Tarikh Hantar|LUPUT
            """),
        "thanks": words("""
            TERIMA KASIH|TERIMA KASIH SILA DATANG LAGI|TERIMA KASIH, DATANG LAGI|SILA DATANG LAGI
            TERIMA KASIH KERANA MEMBELI-BELAH|JUMPA LAGI|SELAMAT DATANG|TERIMA KASIH ATAS SOKONGAN ANDA
            SELAMAT MENJAMU SELERA|SEMOGA BERJUMPA LAGI|SELAMAT HARI RAYA|TERIMA KASIH ATAS KUNJUNGAN ANDA
            ** TERIMA KASIH **|THANK YOU PLEASE COME AGAIN|SELAMAT JALAN|Terima kasih, semoga sihat
            """),
        "footer": words("""
            BARANG YANG DIJUAL TIDAK BOLEH DITUKAR|BARANG TIDAK BOLEH DIPULANGKAN|SILA SIMPAN RESIT INI
            SEMAK WANG BAKI ANDA|TUKAR BARANG DALAM MASA 7 HARI DENGAN RESIT|TIADA BAYARAN BALIK
            HARGA TERMASUK GST 6%|BUKA SETIAP HARI 8 PAGI - 10 MALAM|INI ADALAH CETAKAN KOMPUTER|RINGKASAN GST
            ADUAN SILA HUBUNGI|TUTUP HARI JUMAAT|SALINAN PELANGGAN|HALAL DAN SUCI|WANG TIDAK DIKEMBALIKAN
            TANDATANGAN JURUWANG|TEMPAHAN DITERIMA UNTUK SEMUA MAJLIS|BARANG DIJUAL TIDAK BOLEH DIKEMBALIKAN
            """),
    },
    currency=("RM", "MYR"),
    currency_code="MYR",
    decimals=2,
    numbers=("1234.50", "1,234.50"),
    dates=words("""
        %d/%m/%Y|%d/%m/%y|%d-%m-%Y|%d-%m-%y|%d.%m.%Y|%d.%m.%y|%Y-%m-%d|%Y/%m/%d|%d %b %Y|%d-%b-%Y|%d-%b-%y|%d/%b/%Y
        %d %b %y|%d%b%Y|%d%b%y|%d %B %Y|%-d/%-m/%Y|%-d/%-m/%y|%-d-%-m-%Y|%-d %b %Y|%-d %B %Y|%-d.%-m.%Y|%Y%m%d
        %d%m%Y|%b %d, %Y|%d/ %m/ %Y
        """),
    months=words("Januari|Februari|Mac|April|Mei|Jun|Julai|Ogos|September|Oktober|November|Disember"),
    short_months=words("Jan|Feb|Mac|Apr|Mei|Jun|Jul|Ogos|Sep|Okt|Nov|Dis"),
    trades=TRADES,
    legal_forms=words("""
        SDN BHD|SDN. BHD.|ENTERPRISE|TRADING|(M) SDN BHD|BERHAD|BHD|PLT|DAN ANAK-ANAK|& RAKAN|BERSAUDARA|SDN.BHD.
        """),
    given_names=malaysia_names.GIVEN_NAMES,
    surnames=malaysia_names.SURNAMES,
    streets=malaysia.STREETS,
    places=malaysia.PLACES,
    postcodes=malaysia.POSTCODES,
    phones=malaysia.PHONES,
    tax_ids=malaysia.TAX_IDS,
    items=goods("""
        0.50-3.50: NASI PUTIH|AIR KOSONG|TELUR DADAR|SAMBAL BELACAN|ULAM|KEROPOK|KUIH LAPIS|ROTI BAKAR|AIR PANAS
        0.50-3.50: CUCUR UDANG
        1.50-7.00: TEH TARIK MADU|KOPI SUSU|SIRAP LIMAU|JUS TEMBIKAI|CENDOL|AIR BATU CAMPUR|ROTI SARDIN|SUP TULANG
        1.50-7.00: BUBUR AYAM|LEMANG
        4.00-15.00: NASI GORENG AYAM|NASI GORENG USA|MEE BANDUNG|MEE REBUS|KUEY TEOW GORENG|NASI KERABU|NASI DAGANG
        4.00-15.00: NASI AYAM PENYET
        6.00-38.00: IKAN PARI BAKAR|SOTONG GORENG TEPUNG|AYAM MASAK MERAH|DAGING MASAK KICAP|SIAKAP STIM LIMAU
        6.00-38.00: TOMYAM SEAFOOD|UDANG MASAK LEMAK
        1.00-20.00: GULA PASIR 1KG|TEPUNG GANDUM|MINYAK MASAK 1KG|SUSU PEKAT|IKAN BILIS 200G|TELUR AYAM 10
        1.00-20.00: KICAP MANIS|BIHUN|SABUN BASUH
        1.00-60.00: KERTAS A4|PEMADAM|PENSEL|BUKU TULIS|PAKU 1KG|CAT PUTIH 5L|PAIP PVC|BERUS CAT|SIMEN|LAMPU LED
        1.00-60.00: KABEL|ENGSEL|MANGGA KUNCI
        15.00-180.00: KAIN PASANG|BAJU MELAYU|SONGKOK|KASUT SEKOLAH|TELEKUNG|SELUAR|BEG SEKOLAH|MINYAK ENJIN
        15.00-180.00: BATERI KERETA|TAYAR
        """)
    + malaysia_goods.FOOD
    + malaysia_goods.GROCERIES
    + malaysia_goods.WARES,
    tax_rates=(6.0, 6.0, 0.0, 10.0, 8.0),
)
