"""The words that documents add to what was said, in the languages a reader may choose."""

from dataclasses import dataclass
from datetime import datetime

LANGUAGES = ("en", "zh")
_TAGS = {"en": "en-US", "zh": "zh-CN"}  # as documents name languages: BCP 47

# Months are written out because the names that Python knows depend on the machine's locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_CHINESE = {
    "Meeting": "会议",
    "Chapter": "章节",
    "Whole recording": "整段录音",
    "Summary": "摘要",
    "Minutes": "会议纪要",
    "Decisions": "决定",
    "Action items": "待办事项",
    "Transcript": "文字记录",
    "Contents": "目录",
    "Chapters": "章节",
    "Speakers": "发言人",
    "Speaker": "发言人",
    "Talk time": "发言时长",
    "Share": "占比",
    "Task": "事项",
    "Owner": "负责人",
    "Due": "期限",
    "Time": "时间",
    "Date": "日期",
    "Duration": "时长",
    "Language": "语言",
    "Unknown": "未知",
    "Speaker {number}": "发言人 {number}",
    "{count} speaker": "{count} 位发言人",
    "{count} speakers": "{count} 位发言人",
    "Page {page} of {pages}": "第 {page} 页，共 {pages} 页",
    "{seconds} s": "{seconds} 秒",
    "{minutes} min {seconds:02} s": "{minutes} 分 {seconds:02} 秒",
    "{hours} h {minutes:02} min": "{hours} 小时 {minutes:02} 分",
    "{name}: {value}": "{name}：{value}",
    ", ": "、",
    "No speech was found in this recording.": "这段录音中没有找到语音。",
    "No summary, decision or action item was found.": "没有找到摘要、决定或待办事项。",
    "A box (□) stands for a character that the font of this document does not have; "
    "the Word document and the text formats have it.": (
        "方框（□）表示本文档的字体缺少的字符；Word 文档和文本格式中有这些字符。"
    ),
    "Click a word to hear it.": "点击任意词语即可从该处播放。",
    "Without scripts the sound cannot be played; everything else is here.": (
        "禁用脚本时无法播放声音，其余内容均可阅读。"
    ),
    "The sound of the meeting": "会议录音",
    "Arabic": "阿拉伯语",
    "Cantonese": "粤语",
    "Chinese": "中文",
    "Czech": "捷克语",
    "Danish": "丹麦语",
    "Dutch": "荷兰语",
    "English": "英语",
    "Finnish": "芬兰语",
    "French": "法语",
    "German": "德语",
    "Greek": "希腊语",
    "Hebrew": "希伯来语",
    "Hindi": "印地语",
    "Indonesian": "印尼语",
    "Italian": "意大利语",
    "Japanese": "日语",
    "Korean": "韩语",
    "Norwegian": "挪威语",
    "Polish": "波兰语",
    "Portuguese": "葡萄牙语",
    "Russian": "俄语",
    "Spanish": "西班牙语",
    "Swedish": "瑞典语",
    "Thai": "泰语",
    "Turkish": "土耳其语",
    "Ukrainian": "乌克兰语",
    "Vietnamese": "越南语",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """Headings and numbers in one language; the English text is the key."""

    language: str = "en"

    def __call__(self, text: str, **values: object) -> str:
        """``text`` in this language, with ``values`` in its places.

        Raises:
            KeyError: nobody has translated the text.
        """
        return (_CHINESE[text] if self.language == "zh" else text).format(**values)

    @property
    def tag(self) -> str:
        """The language as documents name it, such as zh-CN."""
        return _TAGS[self.language]

    def date(self, moment: datetime) -> str:
        """The day where this program runs: 25 November 2026, 2026年11月25日."""
        day = moment.astimezone()
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def length(self, seconds: float) -> str:
        """A duration in words, to the nearest second: 45 s, 3 min 05 s, 1 h 02 min."""
        minutes, rest = divmod(round(max(0.0, seconds)), 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            return self("{hours} h {minutes:02} min", hours=hours, minutes=minutes)
        if minutes:
            return self("{minutes} min {seconds:02} s", minutes=minutes, seconds=rest)
        return self("{seconds} s", seconds=rest)
