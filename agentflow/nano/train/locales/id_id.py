"""Indonesia. Rupiah, no cents. Every shop is made up."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.words import goods, words

LOCALE: Final = Locale(
    code="id-ID",
    labels={
        "title": words("""
            STRUK|NOTA|FAKTUR|KWITANSI|STRUK BELANJA|BON|Struk Pembayaran|FAKTUR PENJUALAN|NOTA TUNAI
            Bukti Pembayaran
            """),
        "date": words("TANGGAL|Tanggal|TGL|Tgl.|Tgl Transaksi|Tgl Nota|Tanggal Cetak|Tgl/Jam|TGL."),
        "time": words("JAM|Jam|Waktu|Pukul|WAKTU|Jam Cetak"),
        "number": words("""
            NO. NOTA|No. Struk|NO STRUK|No. Faktur|No. Transaksi|NO BON|No. Bill|Nomor|No. Order|Kode Transaksi
            No Ref|No. Antrian
            """),
        "cashier": words("KASIR|Kasir|Pelayan|Operator|Pramuniaga|Dilayani oleh|Kasir/Opr|Petugas|Pramusaji"),
        "table": words("MEJA|Meja|No. Meja|Tamu|Jumlah Tamu|Pax"),
        "till": words("KASSA|Terminal|POS|Kassa|Toko|Counter|Mesin|Cabang"),
        "member": words("MEMBER|No. Member|Pelanggan|Kode Pelanggan|No. Anggota|Kartu Anggota|Pembeli"),
        "phone": words("TELP|Telp.|Telp|TLP|HP|WA|Telepon|Hubungi|Layanan Konsumen"),
        "fax": words("FAX|Fax|Faks|Fax."),
        "tax_id": words("NPWP|NPWP:|No. NPWP|NPWPD|NPWP/PKP"),
        "company_id": words("NIB|SIUP|TDP|No. PKP|Izin Usaha|No. Izin"),
        "item": words("BARANG|Nama Barang|Menu|Produk|Keterangan|Uraian|Item"),
        "quantity": words("QTY|Jml|JML|Banyak|Banyaknya|Kuantitas|Qty"),
        "price": words("HARGA|Harga|Harga Satuan|HRG SAT|@Harga|Hrg"),
        "amount": words("JUMLAH|Jumlah|Subtotal|Total|Jumlah (Rp)|JML HARGA"),
        "subtotal": words("SUBTOTAL|Sub Total|SUB TOTAL|Subtotal|Total Belanja|HARGA JUAL|Jumlah Harga"),
        "net": words("DPP|Dasar Pengenaan Pajak|Harga Sebelum Pajak|NETTO|Total DPP|Belum PPN"),
        "tax": words("PPN|PPN 10%|PAJAK|PB1|Pajak 10%|PB1 10%|PPN 11%|Pajak Resto|PAJAK RESTO 10%|Total PPN"),
        "discount": words("DISKON|Diskon|Potongan|DISC|Promo|Voucher|Hemat Member|POTONGAN HARGA"),
        "service": words("SERVICE|Biaya Layanan|Service Charge 5%|Layanan|Ongkos Kirim|Service 5%"),
        "rounding": words("PEMBULATAN|Pembulatan|Donasi Pembulatan|Bulat|PEMBULATAN RP"),
        "total": words("""
            TOTAL|TOTAL BAYAR|GRAND TOTAL|TOTAL RP|TOTAL BELANJA|TOTAL HARGA|JUMLAH BAYAR|Total Tagihan
            TOTAL PEMBAYARAN|Total Bayar|Total|JUMLAH TOTAL|Total Rp|TAGIHAN|TOTAL AKHIR|YANG HARUS DIBAYAR
            Total Akhir|Jumlah Tagihan|TOTAL NETTO|Total Pembelian
            """),
        "cash": words("TUNAI|Tunai|CASH|Bayar Tunai|TUNAI RP|Uang Tunai"),
        "card": words("KARTU DEBIT|KARTU KREDIT|DEBIT|VISA|QRIS|KARTU|Kartu Kredit|E-MONEY|NON TUNAI|Transfer"),
        "paid": words("BAYAR|Bayar|Dibayar|DIBAYAR|Uang Diterima|Pembayaran|Diterima"),
        "change": words("KEMBALI|Kembali|KEMBALIAN|Kembalian|Uang Kembali|SISA"),
        "items_sold": words("TOTAL ITEM|Total Item|Jumlah Item|Jml Barang|TOTAL QTY|Item"),
        "saved": words("ANDA HEMAT|Hemat|Total Hemat|Anda Menghemat|Penghematan"),
        "points": words("POIN|Poin|Poin Anda|Total Poin|Saldo Poin|Poin Didapat"),
        "due_date": words("JATUH TEMPO|Jatuh Tempo|Berlaku s/d|Berlaku Hingga|Tgl Jatuh Tempo|Kedaluwarsa"),
        "thanks": words("""
            TERIMA KASIH|Terima kasih atas kunjungan Anda|TERIMA KASIH SELAMAT BELANJA KEMBALI|Sampai jumpa kembali
            Selamat menikmati|Terima kasih telah berbelanja|MATUR NUWUN|Kami tunggu kedatangan Anda kembali
            Hatur nuhun
            """),
        "footer": words("""
            Barang yang sudah dibeli tidak dapat dikembalikan|Harga sudah termasuk PPN
            Simpan struk ini sebagai bukti|Kritik dan saran hubungi|Penukaran barang maksimal 3 hari dengan struk
            Buka setiap hari 09.00 - 21.00|Periksa uang kembali Anda|Struk ini bukti sah
            """),
    },
    currency=("Rp", "Rp.", "IDR", "RP"),
    currency_code="IDR",
    decimals=0,
    numbers=("1.234,50", "1,234.50", "1234,50"),
    dates=words("""
        %d/%m/%Y|%d-%m-%Y|%d.%m.%y|%d/%m/%y|%d-%m-%y|%d %b %Y|%d %B %Y|%Y-%m-%d|%d-%b-%Y|%d.%m.%Y|%d-%b-%y|%-d %B %Y
        %d %b %y|%Y/%m/%d
        """),
    months=words("Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember"),
    short_months=words("Jan|Feb|Mar|Apr|Mei|Jun|Jul|Agu|Sep|Okt|Nov|Des"),
    trades=words("""
        TOKO|TOKO BUKU|TOKO BANGUNAN|TOKO KUE|TOKO ROTI|TOKO EMAS|TOKO LISTRIK|TOKO OBAT|TOKO SEPATU|TOKO KAIN
        TOKO MAINAN|TOKO BESI|TOKO KELONTONG|TOKO OLEH-OLEH|WARUNG|WARUNG MAKAN|WARUNG NASI|WARUNG KOPI|RUMAH MAKAN
        RM PADANG|RESTORAN|DEPOT|KEDAI|KAFE|BAKSO|SOTO|SATE|AYAM GEPREK|BAKMI|MARTABAK|SEAFOOD|ANGKRINGAN|MINIMARKET
        SWALAYAN|GROSIR|UD|APOTEK|KLINIK|OPTIK|FOTOKOPI|PERCETAKAN|SALON|PANGKAS RAMBUT|BUTIK|BATIK|KONVEKSI|LAUNDRY
        BENGKEL|ONDERDIL|CUCI MOBIL|SPBU|HOTEL|PENGINAPAN|MEBEL|ELEKTRONIK|PONSEL
        """),
    legal_forms=words("PT|CV|PT.|CV.|UD|Tbk|PD|FA|& PUTRA|KOPERASI"),
    given_names=words("""
        Budi|Agus|Joko|Bambang|Slamet|Dwi|Tri|Eko|Hendra|Andi|Rudi|Dedi|Asep|Ujang|Wayan|Made|Nyoman|Ketut|Yanto
        Fajar|Rizky|Galih|Siti|Sri|Dewi|Ratna|Wati|Ningsih|Rina|Yuni|Lestari|Indah|Putri|Ayu|Kartika|Endang|Tuti
        Mega|Fitri|Wulan|Intan|Melati
        """),
    surnames=words("""
        Santoso|Wijaya|Setiawan|Hidayat|Saputra|Gunawan|Kurniawan|Susanto|Nugroho|Prasetyo|Wibowo|Hartono|Suharto
        Sudirman|Purnama|Siregar|Nasution|Lubis|Harahap|Simanjuntak|Sitompul|Hutapea|Ginting|Sembiring|Tarigan
        Manurung|Pangaribuan|Rangkuti|Chaniago|Halim|Salim|Tanuwijaya|Lim|Tan|Hartanto|Kusuma|Pratama|Permana
        Suryadi|Mulyadi|Sutrisno|Handoko|Utomo|Wardana|Pohan|Tambunan
        """),
    streets=words("""
        Jl. {name} No. {n}|JL. {name} NO.{n}|Jl. Raya {name} Km. {n}|Ruko {name} Blok A{n} No. {n}
        Jl. {name} {n}-{n}|Gg. {name} No. {n}|Jl. {name} Raya No. {n}|Plaza {name} Lt. {n}|Komp. {name} Blok {n}/{n}
        Pasar {name} Los {n}
        """),
    places=words("""
        Jakarta|Bekasi|Depok|Tangerang|Bogor|Bandung|Cimahi|Garut|Cirebon|Sukabumi|Serang|Semarang|Solo|Magelang
        Purwokerto|Tegal|Yogyakarta|Sleman|Bantul|Surabaya|Sidoarjo|Malang|Kediri|Madiun|Jember|Denpasar|Ubud
        Mataram|Kupang|Medan|Binjai|Padang|Bukittinggi|Pekanbaru|Batam|Jambi|Palembang|Lampung|Pontianak|Banjarmasin
        Balikpapan|Samarinda|Makassar|Manado|Ambon|Jayapura|Merdeka|Diponegoro|Gajah Mada|Kartini|Pahlawan|Pemuda
        Veteran
        """),
    postcodes=words("""
        {place} #####|{place} - #####|{place}, JAWA BARAT #####|{place} 1####, INDONESIA|KOTA {place} #####
        """),
    phones=words("""
        (021) ########|021-#######|(0##) ######|08##-####-####|+62 8## #### ####|08##########|(0###) ######
        0##-#######
        """),
    tax_ids=words("##.###.###.#-###.###|##.###.###.#-###.000|###############"),
    items=goods("""
        2000-12000: TEH BOTOL|ES TEH MANIS|AIR MINERAL 600|KERUPUK|NASI PUTIH|TEMPE GORENG|TAHU ISI|KANTONG PLASTIK
        2000-12000: KOPI TUBRUK|MI INSTAN
        8000-35000: NASI UDUK|BAKSO URAT|MIE AYAM|SOTO BETAWI|GADO-GADO|PECEL LELE|KETOPRAK|LONTONG SAYUR
        8000-35000: BUBUR KACANG|ES CAMPUR|ES TELER
        18000-95000: RENDANG|AYAM BAKAR|AYAM POP|IKAN GURAME|SATE KAMBING|SOP BUNTUT|NASI LIWET|UDANG SAUS PADANG
        18000-95000: CUMI GORENG|IGA BAKAR
        15000-65000: KOPI SUSU AREN|CAPPUCCINO|MATCHA LATTE|ROTI BAKAR|PISANG KEJU|JUS ALPUKAT|MARTABAK MANIS
        15000-65000: DONAT 6|KENTANG GORENG
        5000-90000: BERAS 5KG|MINYAK GORENG 2L|GULA 1KG|TELUR 1KG|SUSU UHT 1L|KECAP MANIS|SABUN MANDI|SAMPO|DETERJEN
        5000-90000: TISU|SIKAT GIGI
        3000-60000: BUKU TULIS|PULPEN|PENGHAPUS|KERTAS A4|LEM|FOTOKOPI|JILID|MAP PLASTIK|BATERAI AA|LAMPU LED
        3000-60000: STOP KONTAK
        20000-450000: CAT TEMBOK 5KG|PAKU 1KG|SEMEN 50KG|KUAS|PIPA PVC|OLI MESIN|BAN DALAM|KEMEJA BATIK|SARUNG
        20000-450000: SANDAL|PERTAMAX|SOLAR
        """),
    tax_rates=(10.0, 11.0, 0.0),
)
