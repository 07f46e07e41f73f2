"""Words that look like names and are none, and surnames by which a Chinese name is known."""

from pipelines.wording import words_set

NOT_NAMES = words_set(
    "user interface project product industrial marketing manager designer design expert leader "
    "engineer director president chairman doctor professor mr mrs ms dr prof team group company "
    "department university institute sales finance research market "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december christmas easter "
    "english american british scottish irish welsh french german dutch belgian swiss italian "
    "spanish portuguese greek turkish russian polish czech hungarian romanian bulgarian serbian "
    "croatian ukrainian swedish norwegian danish finnish european african asian indian pakistani "
    "chinese japanese korean taiwanese vietnamese thai canadian mexican brazilian argentinian "
    "australian israeli arab arabic persian iranian egyptian moroccan latin catholic christian "
    "muslim jewish buddhist protestant canadien français française allemand allemande anglais "
    "anglaise italien italienne español española "
    "god lord jesus everyone everybody guys folks team sir madam internet google microsoft "
    "apple windows linux powerpoint excel tv dvd alrighty nope yup hey haha wow damn shit "
    "student ingenieur ingenieurin entwickler entwicklerin projektleiter projektleiterin chef "
    "chefin leiter leiterin meinung mitarbeiter mitarbeiterin kollege kollegin direktor neue "
    "letzte erste zweite dritte einzige nächste"
)
"""Lower-case words that are written with a capital and name nobody."""

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗郑梁谢宋唐许韩冯邓曹彭曾肖蔡潘袁董余苏叶吕魏蒋杜"
    "沈姜范傅钟卢汪戴崔任陆廖姚邱夏谭韦贾邹熊孟秦阎薛侯雷龙段郝孔邵史毛尹贺赖龚"
    "張劉陳楊趙黃吳孫羅鄭謝許韓馮鄧蕭葉呂蔣瀋鐘盧陸譚韋賈鄒閻龍賀賴龔"
)
"""Single characters that are hardly anything but a surname before a given name."""

AMBIGUOUS_SURNAMES = "高马方石金万白程丁江田于丘顾武常康文施洪汤黎易乔温庄路安管左成严馬萬顧"
"""Surnames that are also the beginning of everyday words; they count after "my name is" only."""

COMPOUND_SURNAMES = ("欧阳", "司马", "诸葛", "上官", "司徒", "东方", "皇甫", "歐陽", "司馬")

CHINESE_ROLES = words_set(
    "经理 老师 总监 主任 同学 工程 设计 先生 女士 小姐 医生 助理 部长 校长 律师 教授 什么 "
    "经常 任何 许多 何时 何必 曾经 任务 余下 史上 段时 龙头 雷同 孔子"
)
"""What makes of a surname a title or another word."""
