"""Invented people for the benchmarks: names of several scripts, with surnames about as frequent as they are among authors.

The lists are small; what makes a corpus hard is how names repeat, not how many there are. Weights are rounded from common knowledge
of name frequencies: Wang, Li and Zhang are each some 7 % of Chinese names, Kim a fifth of Korean ones, Nguyễn more than a third of
Vietnamese ones.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from random import Random

Weighted = tuple[list[str], list[int]]


def words(text: str) -> list[str]:
    return text.split()


def weighted(text: str) -> Weighted:
    """ "Wang 72 Li 70 Zhang" as the names and their cumulative weights; a name without a figure weighs 10."""
    names: list[str] = []
    weights: list[int] = []
    for word in words(text):
        if word.isdecimal():
            weights[-1] = int(word)
        else:
            names.append(word)
            weights.append(10)
    return names, list(accumulate(weights))


CHINESE = weighted(
    "Wang 72 Li 70 Zhang 68 Liu 52 Chen 47 Yang 31 Huang 22 Zhao 21 Wu 20 Zhou 19 Xu 18 Sun 15 Ma 13 Zhu 12 Hu 12 Guo 11 He 11 Lin"
    " 11 Gao 10 Luo 9 Zheng 9 Liang 8 Xie 8 Song 7 Tang 7 Deng 6 Han 6 Feng 6 Cao 6 Peng 5 Zeng 5 Xiao 5 Tian 5 Dong 5 Pan 5 Yuan 5"
    " Cai 4 Jiang 4 Yu 4 Du 4 Ye 4 Cheng 4 Wei 4 Su 4 Lu 4 Ding 4 Ren 3 Lü 3 Yao 3 Shen 3 Zhong 3 Cui 3 Tan 3 Lu 3 Fan 2 Wan 2 Jin"
    " 2 Shi 2 Jia 2 Xia 2 Fu 2 Zou 2"
)
CHINESE_SYLLABLES = words(
    "ai an ao bai bei bin bing bo can chang chao chen cheng chi chong chu chuan chun dan de di dong du en fan fang fei feng fu"
    " gang ge guang gui guo hai han hang hao he heng hong hou hu hua huan hui ji jia jian jiang jiao jie jin jing jiu ju juan jun"
    " kai kang ke kun lan lei li lian liang lin ling long lu luo man mei meng mi miao min ming mo mu na nan ni nian ning pei peng"
    " ping qi qian qiang qiao qin qing qiu quan ran ren rong rou ru rui run sen shan shao sheng shi shu shuai shuang shun si song"
    " su tai tan tao teng tian ting tong wan wei wen xi xia xian xiang xiao xin xing xiong xiu xu xuan xue xun ya yan yang yao ye"
    " yi yin ying yong you yu yuan yue yun zan ze zeng zhan zhao zhe zhen zheng zhi zhong zhou zhu zi zong"
)
KOREAN = weighted(
    "Kim 215 Lee 147 Park 84 Choi 47 Jung 43 Kang 24 Cho 21 Yoon 20 Jang 19 Lim 16 Han 15 Oh 15 Seo 15 Shin 14 Kwon 14 Hwang 13"
)
KOREAN_SYLLABLES = words("Min Ji Seo Hyun Jun Woo Young Soo Jin Hee Eun Kyung Sung Tae Dong Ho Sang Won Jae Yoon Hye Mi Chan Gyu In")
VIETNAMESE = weighted("Nguyễn 384 Trần 121 Lê 95 Phạm 70 Huỳnh 51 Phan 45 Vũ 39 Đặng 21 Bùi 20 Đỗ 14")
VIETNAMESE_GIVEN = words("Anh Bình Đức Dũng Hải Hằng Hương Khánh Linh Long Minh Nam Ngọc Phúc Quân Sơn Thảo Tiến Trang Tú Việt Yến")
INDIAN = weighted(
    "Kumar 60 Singh 55 Sharma 40 Gupta 25 Patel 25 Das 20 Rao 20 Reddy 18 Roy 15 Verma 12 Iyer Nair Banerjee Chatterjee Mukherjee"
    " Joshi Mehta Jain Shah Mishra Pandey Desai Krishnan Srinivasan Bhattacharya Agarwal Chaudhary Menon"
)
INDIAN_GIVEN = words(
    "Aarav Aditi Akash Amit Ananya Anil Arjun Asha Deepak Divya Gaurav Ishaan Kavya Kiran Lakshmi Manish Meera Mohan Neha Nikhil"
    " Pooja Pranav Priya Rahul Rajesh Ravi Rohan Sanjay Shreya Sneha Sunita Suresh Tanvi Varun Vidya Vijay Vikram"
)
ENGLISH = weighted(
    "Smith 40 Johnson 30 Williams 25 Brown 23 Jones 22 Davis 17 Miller 17 Wilson 13 Anderson 13 Taylor 12 Thomas 12 Moore 11"
    " Martin 11 Lee 11 Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Green Baker Adams Nelson"
    " Hill Campbell Mitchell Roberts Carter Phillips Evans Turner Parker Edwards Collins Stewart Morris Murphy O'Brien O'Connor"
    " MacDonald Fraser Whitfield Ashworth Hargreaves"
)
ENGLISH_GIVEN = words(
    "Alice Andrew Anna Benjamin Caroline Charles Christopher Daniel David Edward Elizabeth Emily Emma George Grace Hannah Helen"
    " Henry Isaac Jack James Jane Jessica John Jonathan Joseph Julia Katherine Laura Lucy Margaret Mark Mary Matthew Michael"
    " Nicholas Oliver Paul Peter Rachel Rebecca Richard Robert Ruth Samuel Sarah Simon Sophie Stephen Susan Thomas Victoria William"
)
GERMAN = weighted(
    "Müller 60 Schmidt 45 Schneider 28 Fischer 25 Weber 23 Meyer 22 Wagner 20 Becker 19 Schulz 18 Hoffmann 18 Schäfer Koch Bauer"
    " Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Weiß Jäger Köhler Böhm Groß"
)
GERMAN_GIVEN = words(
    "Andreas Anja Björn Christian Claudia Dieter Eva Florian Franziska Günther Hans Heike Jan Johannes Jörg Jürgen Karin Katrin"
    " Klaus Lena Lukas Markus Martin Matthias Michael Nina Petra Ralf Sabine Sebastian Stefan Susanne Tobias Ulrike Uwe Wolfgang"
)
IBERIAN = weighted(
    "García 60 Rodríguez 38 González 37 Fernández 36 López 35 Martínez 34 Sánchez 33 Pérez 32 Gómez 20 Martín 20 Jiménez 16 Ruiz"
    " 15 Hernández 15 Díaz 13 Moreno 12 Muñoz 12 Álvarez 11 Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Araújo Gonçalves"
    " Magalhães Ibáñez Núñez"
)
IBERIAN_GIVEN = words(
    "Alejandro Ana Andrés Antonio Beatriz Carlos Carmen Cristina Daniel Diego Elena Fernando Francisco Inês Isabel Javier João"
    " Joaquín Jorge José Juan Laura Lucía Luis Manuel María Marta Miguel Pablo Paula Pedro Raquel Ricardo Rosa Sofía Teresa Víctor"
)
FRENCH_ITALIAN = weighted(
    "Martin 25 Bernard 15 Dubois 13 Durand 12 Moreau 11 Lefèvre Leroy Girard Fournier Mercier François Rossi 20 Russo 14 Ferrari"
    " 13 Esposito 11 Bianchi Romano Colombo Ricci Marino Greco Conti D'Angelo De_Luca Della_Valle Le_Gall"
)
FRENCH_ITALIAN_GIVEN = words(
    "Alessandro Alice André Aurélie Benoît Camille Chiara Claire Élise Émile Fabien Francesca François Frédéric Giulia Giuseppe"
    " Guillaume Hélène Jean Julien Luca Marc Marco Marie Mathieu Matteo Nicolas Noémie Paolo Pierre Raphaël Sandrine Simone"
    " Stéphane Thérèse Valentina"
)
SLAVIC = weighted(
    "Nowak 20 Kowalski 14 Wiśniewski 11 Wójcik Kamiński Lewandowski Zieliński Szymański Dąbrowski Kozłowski Novák 18 Svoboda"
    " Dvořák Černý Procházka Horváth Kovács Nagy Tóth Szabó Popović Jovanović Petrović Nikolić Ivanov 18 Petrov Sidorov Kuznetsov"
    " Popescu Ionescu Dumitru"
)
SLAVIC_GIVEN = words(
    "Agnieszka Andrzej Anna Bartłomiej Dragan Elena Eva Grzegorz Ivan Jakub Jan Jiří Katarzyna Łukasz Maciej Małgorzata Marek"
    " Milan Mirela Nikola Olga Paweł Petr Piotr Radu Sergey Stanisław Tomáš Tomasz Václav Vladimír Wojciech Zoltán Zuzana"
)
NORDIC = weighted(
    "Hansen 25 Johansen 18 Olsen 16 Larsen 15 Andersen 15 Nielsen 14 Johansson 14 Andersson 14 Karlsson Eriksson Lindström Sjöberg"
    " Åberg Øvergård Sørensen Mäkinen Korhonen Virtanen Jónsdóttir Guðmundsson"
)
NORDIC_GIVEN = words(
    "Anders Åsa Astrid Bjørn Erik Freja Guðrún Gunnar Håkan Ingrid Jens Kari Lars Liv Magnus Maja Mikkel Ole Pekka Sanna Søren"
    " Sven Tuula Þóra"
)
JAPANESE = weighted(
    "Sato 19 Suzuki 18 Takahashi 14 Tanaka 13 Watanabe 11 Ito 11 Yamamoto 11 Nakamura 11 Kobayashi Kato Yoshida Yamada Sasaki"
    " Matsumoto Inoue Kimura Hayashi Shimizu Saito Mori Ōno"
)
JAPANESE_GIVEN = words(
    "Akira Aya Daisuke Emi Haruka Hiroshi Ichiro Junko Kaori Kazuki Keiko Kenji Koichi Makoto Mari Masashi Naoko Naoki Satoshi"
    " Shota Takeshi Takumi Tomoko Yoko Yuki Yusuke"
)
MIDDLE_EASTERN = weighted(
    "Hosseini 15 Ahmadi 14 Mohammadi 14 Karimi 12 Khan 22 Ahmed 18 Hassan 16 Ali 20 Rahman 12 Malik Yılmaz 14 Kaya 11 Demir Şahin"
    " Çelik Öztürk Aydın Haddad El_Amrani Al-Farsi Ben_Salah Cohen Levi Mizrahi"
)
MIDDLE_EASTERN_GIVEN = words(
    "Ali Amir Ayşe Davood Elif Fatemeh Fatima Hamid Hassan Hossein İbrahim Khalid Layla Mahmoud Maryam Mehmet Mina Mohammad"
    " Mustafa Nadia Noa Omar Parisa Reza Sara Tariq Yael Yusuf Zahra Zeynep"
)
HAN = weighted("王 72 李 70 张 68 刘 52 陈 47 杨 31 黄 22 赵 21 吴 20 周 19 徐 18 孙 15 马 13 朱 12 林 11 佐藤 5 鈴木 5 高橋 4 田中 4")
HAN_CHARACTERS = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文华建国志海波宇浩然子轩美雪健太郎一翔"
HANGUL = weighted("김 215 이 147 박 84 최 47 정 43 강 24 조 21 윤 20 장 19 임 16")
HANGUL_SYLLABLES = "민지서현준우영수진희은경성태동호상원재윤혜미찬규인"
CYRILLIC = weighted(
    "Иванов 20 Смирнов 18 Кузнецов 15 Попов 13 Васильев 12 Петров 12 Соколов Михайлов Новиков Фёдоров Морозов Волков Шевченко Бойко"
)
CYRILLIC_GIVEN = words("Александр Алексей Андрей Дмитрий Евгений Иван Илья Максим Михаил Николай Олег Павел Пётр Сергей Юрий")
INITIALS = "ABCDEFGHIJKLMNOPRSTVW"
SINGLE = words("Mausam Budi Sutrisno Wahyudi Slamet Govind Mamta Suharto Purwanto Lestari Hartono Widodo Ramesh Tenzin Sonam")


def pick(rng: Random, names: Weighted) -> str:
    return rng.choices(names[0], cum_weights=names[1])[0].replace("_", " ")


def western(surnames: Weighted, given: list[str], *, middle: float, double: float = 0.0) -> Callable[[Random], str]:
    """Given name, sometimes something in the middle (an initial or two, or a second given name), family name, sometimes two of them."""

    def name(rng: Random) -> str:
        parts = [rng.choice(given)]
        if rng.random() < middle:
            what = rng.random()
            if what < 0.5:
                parts.append(f"{rng.choice(INITIALS)}.")
            elif what < 0.7:
                parts.append(f"{rng.choice(INITIALS)}. {rng.choice(INITIALS)}.")
            else:
                parts.append(rng.choice(given))
        parts.append(pick(rng, surnames))
        if rng.random() < double:
            parts[-1] += rng.choice("- ") + pick(rng, surnames)
        return " ".join(parts)

    return name


def chinese(rng: Random) -> str:
    given = rng.choice(CHINESE_SYLLABLES) + (rng.choice(CHINESE_SYLLABLES) if rng.random() < 0.8 else "")
    return f"{given.capitalize()} {pick(rng, CHINESE)}"


def korean(rng: Random) -> str:
    return f"{rng.choice(KOREAN_SYLLABLES)}{rng.choice('- ')}{rng.choice(KOREAN_SYLLABLES)} {pick(rng, KOREAN)}"


def vietnamese(rng: Random) -> str:
    return f"{pick(rng, VIETNAMESE)} {rng.choice(('Văn', 'Thị', 'Minh', 'Đình', 'Quang', 'Thanh'))} {rng.choice(VIETNAMESE_GIVEN)}"


def han(rng: Random) -> str:
    return pick(rng, HAN) + "".join(rng.choices(HAN_CHARACTERS, k=rng.choice((1, 2, 2))))


def hangul(rng: Random) -> str:
    return pick(rng, HANGUL) + "".join(rng.choices(HANGUL_SYLLABLES, k=2))


def single(rng: Random) -> str:
    return rng.choice(SINGLE)


# Who signs papers, roughly: kind of name and share in thousandths.
KINDS: list[tuple[Callable[[Random], str], int]] = [
    (chinese, 290),
    (western(ENGLISH, ENGLISH_GIVEN, middle=0.75, double=0.06), 200),
    (western(IBERIAN, IBERIAN_GIVEN, middle=0.3, double=0.6), 100),
    (western(INDIAN, INDIAN_GIVEN, middle=0.65, double=0.1), 90),
    (western(GERMAN, GERMAN_GIVEN, middle=0.6, double=0.15), 70),
    (western(FRENCH_ITALIAN, FRENCH_ITALIAN_GIVEN, middle=0.5, double=0.15), 60),
    (western(SLAVIC, SLAVIC_GIVEN, middle=0.5, double=0.15), 45),
    (western(MIDDLE_EASTERN, MIDDLE_EASTERN_GIVEN, middle=0.5, double=0.15), 40),
    (western(JAPANESE, JAPANESE_GIVEN, middle=0.3), 35),
    (korean, 30),
    (western(NORDIC, NORDIC_GIVEN, middle=0.5, double=0.2), 20),
    (vietnamese, 8),
    (han, 5),
    (western(CYRILLIC, CYRILLIC_GIVEN, middle=0.0), 3),
    (hangul, 2),
    (single, 2),
]
MAKERS = [maker for maker, _share in KINDS]
SHARES = list(accumulate(share for _maker, share in KINDS))


def invent(rng: Random) -> str:
    """One name; namesakes are as common as they are in life."""
    return rng.choices(MAKERS, cum_weights=SHARES)[0](rng)
