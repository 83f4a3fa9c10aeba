"""Words too common to say what a text is about, per language."""

from __future__ import annotations

_ENGLISH = """
a about above across actually after again against all almost already also although always am among an and another any
anyone anything are aren't around as at away back be became because become been before being below between both but by
came can can't cannot come could couldn't did didn't do does doesn't doing don't done down during each either else
enough etc even ever every everyone everything far few first for from further gave get gets getting give given go goes
going gone got had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself him himself
his how how's however i i'd i'll i'm i've if in instead into is isn't it it'd it'll it's its itself just keep kept kind
last least less let let's like likely little look lot lots made make makes making many may maybe me mean might mine
more most mostly much must my myself near nearly need needs neither never next no nobody none nor not nothing now of
off often oh on once one ones only onto or other others otherwise our ours ourselves out over own per perhaps put
quite rather really said same saw say says second see seem seems seen several shall she she'd she'll she's should
shouldn't since so some someone something sometimes soon still such take taken takes taking tell than that that's the
their theirs them themselves then there there's therefore these they they'd they'll they're they've thing things think
this those though three through throughout thus to today together told too took toward towards tried try two under
until up upon us use used uses using usually very via want wants was wasn't way ways we we'd we'll we're we've well
went were weren't what what's when when's where where's whether which while who who's whole whom whose why why's will
with within without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself yourselves
"""

_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin bis bist da
dabei dadurch dafür dagegen daher damit danach dann daran darauf daraus darf darin darüber das dass dazu dein deine dem
den denen denn der deren des deshalb dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine
einem einen einer eines einige einmal er erst es etwa etwas euch euer eure für gar gegen gibt ganz habe haben hat hatte
hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in ins ist ja jede jedem jeden jeder
jedes jedoch jetzt kann kannst kein keine keinem keinen keiner können könnte man manche mehr mein meine meist mich mir
mit muss müssen nach nein nicht nichts noch nun nur ob oder ohne schon sehr sei sein seine seinem seinen seiner seit
sich sie sind so sogar soll sollen sollte sondern sonst sowie über um und uns unser unsere unter viel viele vom von vor
wann war waren warum was weil weiter welche welchem welchen welcher welches wenn wer werden werde wie wieder will wir
wird wo wurde wurden würde zu zum zur zwar zwischen
"""

_FRENCH = """
à afin ai ainsi alors après as au aucun aussi autre autres aux avant avec avoir avons avez beaucoup bien c'est ça car ce
cela celle celles celui ces cet cette ceux chaque chez comme comment d'un d'une dans de depuis des dès deux dont donc du
elle elles en encore entre est et étaient était été être eu eux fait faire fois font ici il ils j'ai je jusqu la là le
les leur leurs lors lui ma mais me même mêmes mes moi moins mon ne ni nos notre nous on ont ou où par parce pas pendant
peu peut plus plusieurs pour pourquoi qu'il qu'elle qu'on quand que quel quelle quelles quels qui quoi sa sans se selon
ses si sinon son sont sous soit sur ta te tes toi ton tous tout toute toutes très trop tu un une vers voici vos votre
vous y
"""

_SPANISH = """
a al algo algunas algunos alguna alguno ante antes así aún aunque bien cada casi como cómo con contra cual cuál cuales
cuando cuándo de del desde después donde dónde dos e el él ella ellas ellos en entre era eran es esa esas ese eso esos
esta está están estas este esto estos estoy fue fueron ha había hace hacer hacia han has hasta hay he la las le les lo
los luego mas más me mi mí mientras mis mismo misma mucho muchos muy nada ni no nos nosotros nuestra nuestro o os otra
otras otro otros para pero poco por porque pues que qué quien quién se sea según ser si sí sido sin sino sobre solo
sólo son su sus también tan tanto te tiene tienen todo toda todos todas tu tus un una unas uno unos usted ustedes va
vez y ya yo
"""

STOPWORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
    "es": frozenset(_SPANISH.split()),
}

LANGUAGES = tuple(STOPWORDS)


def stopwords(language: str = "en") -> frozenset[str]:
    """Stopwords of a language given as `de` or `de-AT`; of an unknown language none."""
    return STOPWORDS.get(language[:2].lower(), frozenset())
