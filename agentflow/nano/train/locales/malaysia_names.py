"""Malay, Chinese and Indian names as they stand in the names of Malaysian shops. None is of a known person or chain."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales.words import words

GIVEN_NAMES: Final = words("""
    Ahmad|Aisyah|Azlan|Azizah|Amirul|Aminah|Arif|Asmah|Badrul|Baharuddin|Daud|Ehsan|Faridah|Faizal|Farhan|Fatimah
    Fauziah|Hafiz|Hakim|Halimah|Hanif|Haziq|Hasnah|Hidayah|Idris|Ikhwan|Iskandar|Izzati|Jamilah|Kamal|Khadijah
    Khairul|Latifah|Mahani|Mariam|Mastura|Nabil|Nadia|Nazri|Noraini|Norhayati|Nurul|Rashid|Ridzuan|Rohana|Rosnah
    Rosli|Safiah|Salmah|Shahrul|Siti|Sulaiman|Suraya|Syafiq|Taufik|Wahida|Yusof|Zainab|Zaleha|Zulkifli|Ah Seng
    Ah Hock|Boon Keat|Chee Keong|Chin Huat|Choon Mei|Eng Soon|Guan Hin|Heng Lee|Hock Chuan|Hui Ling|Jia Wei|Kah Wai
    Kim Hoe|Kok Leong|Lai Fong|Li Ping|Mei Ling|Ming Fatt|Pei San|Poh Choo|Seng Huat|Siew Lan|Soon Hin|Swee Lian
    Teck Hin|Wai Kit|Wei Han|Yik Seng|Yoke Lin|Zhi Hao|Anand|Arumugam|Devi|Ganesan|Gopal|Indra|Jaya|Kamala|Kannan
    Kavitha|Lakshmi|Logan|Mani|Meena|Murali|Prakash|Puvan|Rajendran|Ramesh|Saravanan|Selvi|Shanti|Suresh|Thiru|Uma
    Vasanthi|Vimala
    """)

SURNAMES: Final = words("""
    Ang|Aw|Beh|Boey|Chai|Chan|Chang|Cheah|Chee|Cheng|Cheong|Chew|Chia|Chin|Chong|Choo|Chow|Choy|Chua|Chuah|Ee|Eng
    Fong|Foo|Gan|Goh|Gooi|Hee|Heng|Ho|Hoe|Hong|Hoo|Kang|Keh|Khaw|Kho|Khoo|Khor|Koay|Koh|Kok|Kong|Kua|Kuan|Kwan|Lai
    Lam|Lau|Law|Lee|Leong|Liau|Liew|Lim|Ling|Loh|Loke|Loo|Low|Lum|Mah|Mak|Mok|Neoh|Ng|Ngu|Oh|Ong|Ooi|Pang|Phang|Phua
    Poh|Pua|Quah|Saw|Seah|See|Seow|Sia|Siew|Sim|Soh|Soo|Soon|Tai|Tan|Tang|Tay|Tee|Teh|Teo|Teoh|Thong|Tiong|Toh|Ung
    Voon|Wan|Wee|Wong|Woo|Yap|Yau|Yee|Yeo|Yeoh|Yew|Yong|Yu|Yuen|Abdullah|Abu Bakar|Adnan|Alias|Arshad|Awang|Aziz
    Bakri|Basri|Daud|Ghani|Hamid|Hamzah|Harun|Hashim|Hassan|Hussein|Ibrahim|Ismail|Jaafar|Johari|Kadir|Kassim|Latif
    Mahmud|Mansor|Mohamad|Mokhtar|Nordin|Omar|Osman|Rahim|Rahman|Ramli|Razak|Sahak|Saidin|Salleh|Samad|Shafie|Sidek
    Talib|Wahab|Yaakob|Yahya|Yunus|Zainal|Zakaria|Annamalai|Balan|Chandran|Govindasamy|Kandasamy|Krishnan|Maniam
    Muthu|Nadarajah|Naidu|Nair|Perumal|Pillai|Raju|Raman|Samy|Sivalingam|Singh|Subramaniam|Thevar|Veloo|Gill|Sandhu
    """)
