"""Names of the languages that speech recognition knows."""

from ui.translation import Translate

# Source: the languages of the multilingual Whisper models, under their ISO 639 codes.
_NAMES = """
af Afrikaans|am Amharic|ar Arabic|as Assamese|az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian
bn Bengali|bo Tibetan|br Breton|bs Bosnian|ca Catalan|cs Czech|cy Welsh|da Danish|de German
el Greek|en English|es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fo Faroese|fr French
gl Galician|gu Gujarati|ha Hausa|haw Hawaiian|he Hebrew|hi Hindi|hr Croatian|ht Haitian Creole
hu Hungarian|hy Armenian|id Indonesian|is Icelandic|it Italian|ja Japanese|jw Javanese|ka Georgian
kk Kazakh|km Khmer|kn Kannada|ko Korean|la Latin|lb Luxembourgish|ln Lingala|lo Lao|lt Lithuanian
lv Latvian|mg Malagasy|mi Maori|mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay
mt Maltese|my Burmese|ne Nepali|nl Dutch|nn Norwegian Nynorsk|no Norwegian|oc Occitan|pa Punjabi
pl Polish|ps Pashto|pt Portuguese|ro Romanian|ru Russian|sa Sanskrit|sd Sindhi|si Sinhala|sk Slovak
sl Slovenian|sn Shona|so Somali|sq Albanian|sr Serbian|su Sundanese|sv Swedish|sw Swahili|ta Tamil
te Telugu|tg Tajik|th Thai|tk Turkmen|tl Tagalog|tr Turkish|tt Tatar|uk Ukrainian|ur Urdu|uz Uzbek
vi Vietnamese|yi Yiddish|yo Yoruba|yue Cantonese|zh Chinese
"""
LANGUAGES: dict[str, str] = {
    code: name
    for code, _, name in (
        entry.strip().partition(" ") for line in _NAMES.split("\n") for entry in line.split("|")
    )
    if code
}


def language_name(code: str | None, t: Translate) -> str | None:
    """Name of a spoken language; an unknown code stays as it is, None stays None."""
    return None if code is None else t(LANGUAGES.get(code, code))


def language_names(t: Translate) -> tuple[tuple[str, str], ...]:
    """(code, name) of all spoken languages in the order in which a reader looks for them."""
    # GB 18030 has the common characters in the order of their pronunciation, as dictionaries do.
    encoding = "gb18030" if t.language == "zh" else "utf-8"
    named = ((code, t(name)) for code, name in LANGUAGES.items())
    return tuple(sorted(named, key=lambda item: item[1].encode(encoding)))
