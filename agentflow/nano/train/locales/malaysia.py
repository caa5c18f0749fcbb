"""Addresses, telephones and numbers of Malaysia, whatever language its tills print. Months and labels are elsewhere."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales.words import words

PLACES: Final = words("""
    Kuala Lumpur|Petaling Jaya|Shah Alam|Subang Jaya|Puchong|Klang|Kajang|Cheras|Ampang|Gombak|Rawang|Sungai Buloh
    Kepong|Setapak|Bangsar|Seri Kembangan|Balakong|Semenyih|Bangi|Sepang|Cyberjaya|Putrajaya|Banting|Kuala Selangor
    Sekinchan|Johor Bahru|Skudai|Masai|Pasir Gudang|Kulai|Senai|Batu Pahat|Muar|Kluang|Segamat|Pontian|Kota Tinggi
    Gelang Patah|Ulu Tiram|Yong Peng|Tangkak|Simpang Renggam|Plentong|Tebrau|Ipoh|Taiping|Teluk Intan|Kampar
    Sitiawan|Batu Gajah|Lumut|Parit Buntar|Tapah|Bidor|Slim River|Kuala Kangsar|George Town|Butterworth
    Bukit Mertajam|Bayan Lepas|Nibong Tebal|Tanjung Tokong|Jelutong|Perai|Simpang Ampat|Kepala Batas|Alor Setar
    Sungai Petani|Kulim|Jitra|Langkawi|Kangar|Arau|Seremban|Nilai|Port Dickson|Bahau|Rembau|Melaka|Alor Gajah
    Ayer Keroh|Jasin|Kuantan|Temerloh|Bentong|Raub|Mentakab|Jerantut|Pekan|Kuala Terengganu|Kemaman|Dungun|Marang
    Kota Bharu|Pasir Mas|Tanah Merah|Gua Musang|Kota Kinabalu|Sandakan|Tawau|Penampang|Lahad Datu|Keningau|Kuching
    Sibu|Miri|Bintulu|Taman Sri Muda|Taman Seri Impian|Taman Molek|Taman Pelangi|Taman Daya|Taman Desa|Taman Maluri
    Taman Connaught|Taman Megah|Taman Mutiara Rini|Taman Universiti|Taman Sentosa|Taman Johor Jaya|Taman Bukit Indah
    Taman Cempaka|Taman Melawati|Taman Sri Rampai|Taman Perling|Taman Kinrara|Taman Segar|Taman Midah|Taman Putra
    Taman Ungku Tun Aminah|Bandar Baru Bangi|Bandar Sri Damansara|Bandar Puteri|Bandar Utama|Bandar Kinrara
    Bandar Sunway|Bandar Botanic|Bandar Mahkota Cheras|Bandar Baru Klang|Bandar Saujana Putra|Bandar Menjalara
    Kota Damansara|Damansara Utama|Mutiara|Damansara Jaya|Sri Petaling|Sri Hartamas|Mont Kiara|Desa Pandan
    Desa Petaling|Wangsa Maju|Pandan Indah|Pandan Jaya|Segambut|Sungai Besi|Salak Selatan|Kampung Baru
    Kampung Pandan|Batu Caves|Selayang|Jinjang|Ara Damansara|USJ Taipan|Setia Alam|Mawar|Melati|Kenanga|Cempaka
    Bunga Raya|Anggerik|Meranti|Cengal|Merbau|Perdana|Permai|Harmoni|Bahagia|Makmur|Sentosa|Jaya|Indah|Murni|Utama
    Ria|Setia|Gemilang|Kasturi|Kenari|Merpati|Helang|Nuri|Emas|Perak|Berlian|Delima|Nilam|Tun Razak
    Tuanku Abdul Rahman|Sultan Ismail|Raja Laut|Dato Onn|Wawasan|Industri|Perusahaan|Lapangan Terbang|Pasar|Besar
    Stesen
    """)

STREETS: Final = words("""
    NO. {n}, JALAN {name} {n}/{n}|NO {n}, JALAN {name} {n}|{n}, JALAN {name}|NO.{n}, JLN {name} {n}/{n}
    LOT {n}, JALAN {name}|NO. {n} & {n}, JALAN {name} {n}|{n}-{n}, JALAN {name} {n}|NO. {n}, LORONG {name} {n}
    {n}, LORONG {name}|NO {n}G, JALAN {name} {n}/{n}A|NO. {n}, GROUND FLOOR, JALAN {name}
    LOT {n}, GROUND FLOOR, {name} PLAZA|LOT G{n}, {name} MALL, JALAN {name}|{n}A, JALAN SS {n}/{n}
    NO. {n}, JALAN USJ {n}/{n}|NO. {n}, JALAN PJS {n}/{n}|NO. {n}, PERSIARAN {name}|LOT {n}, LEBUH {name}
    {n}, LEBUHRAYA {name}|NO. {n}, JALAN TAMAN {name} {n}|BATU {n}, JALAN {name}|UNIT {n}, BLOK {n}, JALAN {name}
    NO. {n}, KAMPUNG {name}|PT {n}, JALAN {name}|NO. {n}-{n}-{n}, WISMA {name}
    LOT {n} & {n}, TINGKAT BAWAH, JALAN {name}|{n} & {n}, JLN {name}|NO. {n}, MEDAN {name} {n}
    S-{n}, {name} SQUARE, JLN {name}|NO. {n}, SOLOK {name}|G{n} & G{n}, KOMPLEKS {name}|KM {n}, JALAN {name}
    SEKSYEN {n}, JALAN {name} {n}/{n}|NO. {n}, PUSAT {name}
    """)

POSTCODES: Final = words("""
    ##### {place}|#####, {place}|##### {place}.|##### {place}, SELANGOR|##### {place}, JOHOR
    ##### {place}, SELANGOR D.E.|##### {place}, PERAK|##### {place}, PULAU PINANG|##### {place}, NEGERI SEMBILAN
    ##### {place}, PAHANG|##### {place}, KEDAH|##### {place}, MELAKA|##### {place}, SABAH|##### {place}, SARAWAK
    ##### {place}, W.P.|##### {place}, SELANGOR DARUL EHSAN|{place}, 5#### KUALA LUMPUR|{place}, 8#### JOHOR BAHRU
    {place}, 4#### PETALING JAYA|4#### {place}, SELANGOR, MALAYSIA
    """)

PHONES: Final = words("""
    03-#### ####|03-########|03 #### ####|(03) ####-####|+603-#### ####|07-### ####|07-#######|04-### ####
    05-### ####|06-### ####|09-### ####|082-### ###|088-### ###|01#-### ####|01#-#######|01#-#### ####
    +601#-### ####|603-########|1-300-##-####|1-800-##-####
    """)

TAX_IDS: Final = words("00##########|000#########|0000########|001#########|00## #### ####|@##-####-########")
