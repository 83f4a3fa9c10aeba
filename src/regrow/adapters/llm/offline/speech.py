"""What a sentence gives away by its wording: pointers backwards, caveats, orders to a model, numbers, steps."""

from __future__ import annotations

import re

from regrow.domain.prose import orders

_DEPENDENT_WORDS = """
it its it's this that that's these those they their them they're he his him she her such both neither another then so
thus therefore instead also and or nor otherwise here next finally second third fourth similarly likewise meanwhile
moreover furthermore hence consequently accordingly conversely afterwards either same
es dies diese dieser dieses er dann dort damit dadurch dabei deshalb daher danach außerdem auch so solche denn und oder
sonst dazu davon daran darum zudem
il ils elle elles ce cela ceci cette ces ça c'est puis ensuite donc ainsi et lui
esto eso este esta estos estas esa ese ella él ellos ellas también además así y entonces luego
"""
_PRONOUN = r"(?:it|its|they|their|this|that|these|those|he|she|him|her|them)"
_DEPENDENT = re.compile(
    r"(?:"
    rf"(?:if|when|while|because|once|after|before|since|as|for|with|in|on|at|by|to|of|from|until)\s+{_PRONOUN}\b"
    r"|(?:the|one|some|most|all|none|each|many|a few|half|two|three)\s+(?:of\s+(?:them|these|those|it|that|this))\b"
    r"|the\s+(?:other|others|same|latter|former|second|third|result|rest|difference|answer|reason)\b"
    r"|(?:in addition|in other words|for example|for instance|as a result|after that|on the other hand|"
    r"in return|by contrast)\b"
    r"|(?:mine|ours|hers|theirs|nobody did|not so|not that)\b"
    r"|(?:das|die)\s+(?:ist|war|hat|hatte|heißt|bedeutet|zeigt|macht|sind|waren|andere[nr]?)\b"
    r"|(?:zum beispiel|par exemple|por ejemplo)\b"
    r")",
    re.IGNORECASE,
)
_EARLY_POINTER = re.compile(
    r"(?:[\w\u2019'-]+ ){1,5}(?:it|they|them|he|she|him|this|these|those|therefore|also|instead|too|however)\b"
    r"|(?:[\w-]+ ){1,4}(?:ihn|ihm|sie|es|deshalb|dadurch|damit|dabei|daher|auch|diese[mnrs]?|dies)\b"
    r"|.*\b(?:on|in|at|for|from|of|by|with|to|after|before|during|until|since) (?:this|these|those|that) "
    r"(?!(?:who|which|that|are|is|were|was|can|do|have|we|they|you|the|a)\b)[a-z]+"
    r"|.*\b(?:therefore|thus|hence|likewise|consequently)\b"
    r"|.*\bsuch an?\b|(?:[\w\u2019'-]+ ){1,6}there\b(?! (?:is|are|was|were|has|will|may|can)\b)",
    re.IGNORECASE,
)
_CAVEAT_OPENER = re.compile(
    r"(?:however|but|yet|still|though|although|except|unless|only|not|nevertheless|nonetheless|even so|that said|"
    r"mind you|then again|caveat|one caveat|the caveat|limitation|beware|note that|admittedly|granted|of course|"
    r"aber|allerdings|jedoch|doch|nur|trotzdem|dennoch|einschränkung|vorbehalt|"
    r"mais|cependant|toutefois|pourtant|sauf|néanmoins|pero|sin embargo|aunque|salvo|no obstante)\b",
    re.IGNORECASE,
)
_CAVEAT_WITHIN = re.compile(
    r"\b(?:caveat|caveats|limitation|but only|only (?:one|two|three|a few|a handful|in|when|if|for|on|\d+)|anecdotal|"
    r"exception|too (?:small|few|early)|small sample|sample of|not (?:a )?(?:random\w*|controlled|proof|prove|proven|"
    r"evidence|certain|measured|tested|representative|always|necessarily|everywhere|every|hold|apply|sure|independent|"
    r"known|clear|significant)|(?:does|did|do|was|were|is|has)(?:n't|n\u2019t) (?:prove|random\w*|hold|apply|measured|"
    r"tested|proof)|cannot (?:say|tell|know|prove)|can't (?:say|tell|know|prove)|may not|might not|"
    r"nicht (?:randomisiert|repräsentativ|bewiesen|immer|gemessen|sicher)|stichprobe|einschränkung|ausnahme)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|never|only|except|unless|nobody|none|nicht|kein\w*|nie|nur|außer)\b|n['\u2019]t\b", re.I
)
_POINTS_ELSEWHERE = re.compile(
    r"^(?:see|cf|sources?|ref|related|links?|also see|to ?do|fixme|via|siehe|quelle|vgl|voir)\b[ :.,]"
    r"|\b(?:see (?:above|below|also)|(?:the|table|list|figure|chart|as) (?:above|below)|this (?:note|page|section|"
    r"vault|file|draft|list|table)|these notes|following|mentioned earlier|next section|previous (?:note|section)|"
    r"link(?:ed)? (?:above|below)|siehe (?:oben|unten)|diese notiz|fix this|look up|to be written)\b",
    re.IGNORECASE,
)
_NAMES_NOTES = re.compile(
    r"\b(?:(?:the|our|my|a|separate) notes? (?:on|about)|(?:covered|described|explained|noted|listed|set out) "
    r"(?:in|under)|sets? out|says otherwise|as [A-Z][\w ]{2,40} (?:says|shows|explains))\b"
)
_LINK = re.compile(r"\[\[([^\[\]|#\n]{2,80})(?:#[^\[\]|\n]*)?\]\]")
_UNFIT = re.compile(
    r"https?:|\b[a-z][\w+.-]*://|www\.|[\w.+-]+@[\w-]+\.\w|[<>\[\]{}|\\`*\ufffd]|::|__|~~|==|\$\$|^[#+=~-]|^\d{1,9}[.)]\s|\bTODO\b|\?\?"
    r"|^\w+:\s|^\d{4}-\d{2}-\d{2}"
)
_STORY = re.compile(
    r"\b(?:percent|average|median|survey|study|measured|counted|doubled|halved|tripled|grew|fell|rose|dropped|"
    r"sold|started|found|learned|asked|told|threw|lost|won|tried|changed|opened|stopped|yesterday|last (?:year|week|"
    r"month|winter|summer)|years? ago|im jahr|prozent|durchschnitt|verkauft\w*|gemessen)\b",
    re.IGNORECASE,
)
_PRACTICE = re.compile(
    r"^(?:start|keep|use|try|put|add|mix|bake|make|write|ask|count|check|let|give|take|plan|set|do|avoid|never|always|"
    r"choose|pick|begin|buy|sell|build|cut|fold|hold|leave|mark|measure|move|note|order|read|rest|save|show|split|stop|"
    r"tell|test|turn|wait|warm|wash|weigh|work|pour|feed|clean|store|freeze|offer|print|name|send|talk|bring|first)\b"
    r"|\b(?:you|your|should|steps?|when you|if you|how to|rule of thumb|the trick|the rule|works best|is enough)\b"
    r"|\b(?:sollte\w*|man|am besten|zuerst|schritt\w*|du|dein\w*)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|why|reason|reasons|so that|due to|leads? to|causes?|means|therefore|which is why|explains?|depends|"
    r"weil|deshalb|warum|grund|bedeutet|parce que|car|porque)\b",
    re.IGNORECASE,
)
_RISK = re.compile(
    r"\b(?:mistake|problem|risk|avoid|never|wrong|fail\w*|trap|lose|loss|waste|too much|too little|cost|costs|however|"
    r"but|not|fehler|risiko|problem|vermeide\w*|nie)\b",
    re.IGNORECASE,
)
EMOJI = re.compile("[\u2600-\u27bf\U0001f1e6-\U0001faff\ufe0f]")
_FIRST_WORD = re.compile(r"[\w'\u2019]+")
_DEPENDENT_SET = frozenset(_DEPENDENT_WORDS.split())
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_FIRST_PERSON = re.compile(
    r"\b(?:i|my|mine|me|i'm|i've|we|our|us|ich|mein\w*|wir|unser\w*|je|nous|yo|nosotros)\b", re.I
)
_THIRD_PERSON = re.compile(r"\b(?:it|they|them|their|he|she|him|her|his|es|ihn|ihm|il|elle|ello)\b", re.I)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|du|dein\w*|ihr|vous|votre|tu|tus|usted)\b", re.I)

ANGLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("practice", _PRACTICE),
    ("story", _STORY),
    ("reasons", _REASON),
    ("limits", _RISK),
)


def is_dependent(sentence: str) -> bool:
    """Whether the sentence needs the one before it, by its opening words."""
    bare = sentence.lstrip("\"'\u201c\u2018\u00ab\u201e(")
    first = _FIRST_WORD.match(bare)
    if first is not None and first[0].lower().replace("\u2019", "'") in _DEPENDENT_SET:
        return True
    return any(pattern.match(bare) for pattern in (_DEPENDENT, _CAVEAT_OPENER, _EARLY_POINTER))


def is_caveat(sentence: str, after_claim: bool) -> bool:
    """Whether the sentence limits what was said before it; `after_claim` when a number was just claimed."""
    bare = sentence.lstrip("\"'\u201c(")
    if _CAVEAT_OPENER.match(bare) or _CAVEAT_WITHIN.search(bare):
        return True
    return after_claim and _DENIAL.search(bare) is not None


def is_order_to_model(text: str) -> bool:
    """Whether the text speaks to a model instead of to a reader."""
    return orders.is_order_to_model(text)


def is_fit(sentence: str) -> bool:
    """Whether a sentence can stand in a published text: no addresses, marks, pointers or loose ends."""
    if _UNFIT.search(sentence) or _POINTS_ELSEWHERE.search(sentence):
        return False
    has_pairs = sentence.count("(") == sentence.count(")") and sentence.count("\u201c") == sentence.count("\u201d")
    return has_pairs and sentence.count('"') % 2 == 0


def link_names(markdown: str) -> frozenset[str]:
    """Capitalised note names shown as they are by links without other words."""
    names = (name.rsplit("/", 1)[-1].strip() for name in _LINK.findall(markdown))
    return frozenset(name for name in names if name[:1].isupper())


def leans_on_notes(sentence: str) -> bool:
    """Whether the sentence sends its reader to another note."""
    return _NAMES_NOTES.search(sentence) is not None


def has_pronoun(sentence: str) -> bool:
    """Whether a pronoun of the third person stands anywhere, so that the sentence may need its neighbours."""
    return _THIRD_PERSON.search(sentence) is not None


def numbers(text: str) -> frozenset[str]:
    """Every number written in digits, with its decimals."""
    return frozenset(_NUMBER.findall(text))


def affinity(text: str, angle: int) -> float:
    """How much a passage suits an angle (an index into ANGLES), 0..1."""
    hits = len(ANGLES[angle % len(ANGLES)][1].findall(text))
    if ANGLES[angle % len(ANGLES)][0] == "story":
        hits += len(numbers(text))
    return min(1.0, hits / 2)


def person_of(text: str) -> str:
    """`first`, `second` or `third`, by the pronouns in the text."""
    if _FIRST_PERSON.search(text):
        return "first"
    return "second" if _SECOND_PERSON.search(text) else "third"
