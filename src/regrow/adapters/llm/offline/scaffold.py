"""The words around the quoted ones, per language, tone and person; they point and invite, and state nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from regrow.domain.writing import Voice

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything a draft says that no note says. `{topic}` is filled in; tuples go by angle."""

    titles: tuple[str, str, str, str]
    angles: tuple[str, str, str, str]
    closings: tuple[str, str, str, str]
    invitations: tuple[str, str]
    questions: tuple[str, ...]
    calls: tuple[str, str]
    preheaders: tuple[str, str, str, str]
    brief: str
    sources: str


_TITLES = {
    "en": {
        "first": ("{topic}: how I go about it", "{topic}: my story in numbers"),
        "first_plural": ("{topic}: how we go about it", "{topic}: our story in numbers"),
        "second": ("{topic}: your working guide", "{topic}: the story and the numbers"),
        "third": ("{topic}: a working guide", "{topic}: the story and the numbers"),
    },
    "de": {
        "first": ("{topic}: wie ich vorgehe", "{topic}: meine Geschichte in Zahlen"),
        "first_plural": ("{topic}: wie wir vorgehen", "{topic}: unsere Geschichte in Zahlen"),
        "second": ("{topic}: dein Leitfaden", "{topic}: Geschichte und Zahlen"),
        "third": ("{topic}: ein Leitfaden", "{topic}: Geschichte und Zahlen"),
    },
    "fr": {"third": ("{topic} : guide pratique", "{topic} : récit et chiffres")},
    "es": {"third": ("{topic}: guía práctica", "{topic}: historia y cifras")},
}
_MORE_TITLES = {
    "en": ("{topic}: the reasons behind it", "{topic}: what to watch out for"),
    "de": ("{topic}: die Gründe dahinter", "{topic}: worauf zu achten ist"),
    "fr": ("{topic} : les raisons", "{topic} : points de vigilance"),
    "es": ("{topic}: las razones", "{topic}: a qué prestar atención"),
}
_ANGLES = {
    "en": ("what to do, step by step", "what happened, with the numbers", "why it works", "what can go wrong"),
    "de": ("was zu tun ist", "was geschah, mit den Zahlen", "warum es so ist", "was schiefgehen kann"),
    "fr": ("quoi faire", "ce qui s'est passé, avec les chiffres", "pourquoi", "ce qui peut mal tourner"),
    "es": ("qué hacer", "qué ocurrió, con las cifras", "por qué", "qué puede salir mal"),
}
_CLOSINGS = {
    "en": ("Where to start", "What to take away", "The point of it", "Before you begin"),
    "de": ("Womit anfangen", "Was bleibt", "Worum es geht", "Bevor es losgeht"),
    "fr": ("Par où commencer", "À retenir", "L'essentiel", "Avant de commencer"),
    "es": ("Por dónde empezar", "Qué recordar", "Lo esencial", "Antes de empezar"),
}
_SMALL = {
    "en": ("In brief", "Sources"),
    "de": ("Kurz gesagt", "Quellen"),
    "fr": ("En bref", "Sources"),
    "es": ("En breve", "Fuentes"),
}
_INVITATIONS: dict[str, dict[str, dict[str, str]]] = {
    "en": {
        "plain": {
            "first": "Tell me what you would do differently.",
            "first_plural": "Tell us what you would do differently.",
            "second": "Pick one point from above and try it this week.",
            "third": "The notes behind each point are listed below.",
        },
        "warm": {
            "first": "I would love to hear how it goes for you.",
            "first_plural": "We would love to hear how it goes for you.",
            "second": "Try one thing, see how it feels, and let us know.",
            "third": "Questions and stories are always welcome.",
        },
        "formal": {
            "first": "I welcome corrections and further evidence.",
            "first_plural": "We welcome corrections and further evidence.",
            "second": "You are invited to consult the sources below before acting on any point.",
            "third": "The sources below give the full context of each point.",
        },
        "bold": {
            "first": "Your move. Tell me how it goes.",
            "first_plural": "Your move. Tell us how it goes.",
            "second": "Your move: pick one point and do it today.",
            "third": "One point is enough to begin.",
        },
    },
    "de": {
        "plain": {
            "first": "Sagt mir, was ihr anders machen würdet.",
            "first_plural": "Sagt uns, was ihr anders machen würdet.",
            "second": "Such dir einen Punkt aus und probiere ihn diese Woche.",
            "third": "Die Notizen zu jedem Punkt stehen unten.",
        },
        "warm": {
            "first": "Ich freue mich, von euch zu hören.",
            "first_plural": "Wir freuen uns, von euch zu hören.",
            "second": "Probier etwas aus und erzähl uns davon.",
            "third": "Fragen und Geschichten sind immer willkommen.",
        },
    },
    "fr": {"plain": {"third": "Les notes à l'origine de chaque point figurent ci-dessous."}},
    "es": {"plain": {"third": "Las notas de cada punto figuran abajo."}},
}
_QUESTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "first": ("What would you tell me to change?", "How do you handle this?", "What am I missing?"),
        "first_plural": ("What would you tell us to change?", "How do you handle this?", "What are we missing?"),
        "second": ("What would you try first?", "How do you handle this?", "What has worked for you?"),
        "third": ("What is missing here?", "How do others handle this?", "Which point matters most?"),
    },
    "de": {
        "first": ("Was würdet ihr mir raten?", "Wie macht ihr das?", "Was übersehe ich?"),
        "first_plural": ("Was würdet ihr uns raten?", "Wie macht ihr das?", "Was übersehen wir?"),
        "second": ("Was würdest du zuerst probieren?", "Wie machst du das?", "Was klappt bei dir?"),
        "third": ("Was fehlt hier?", "Wie machen es andere?", "Welcher Punkt zählt am meisten?"),
    },
    "fr": {"third": ("Qu'est-ce qui manque ici ?", "Comment faites-vous ?", "Quel point compte le plus ?")},
    "es": {"third": ("¿Qué falta aquí?", "¿Cómo lo hacen otros?", "¿Qué punto importa más?")},
}
_CALLS: dict[str, dict[str, dict[str, tuple[str, str]]]] = {
    "en": {
        "plain": {
            "first": ("Reply and tell me what you would change", "Send me your own numbers"),
            "first_plural": ("Reply and tell us what you would change", "Send us your own numbers"),
            "second": ("Pick one point and try it this week", "Forward this to someone who needs it"),
            "third": ("Try one point this week", "Forward this to someone who needs it"),
        },
        "warm": {
            "first": ("Reply and tell me how it goes", "Share your own story with me"),
            "first_plural": ("Reply and tell us how it goes", "Share your own story with us"),
            "second": ("Try one thing and see how it feels", "Pass this on to a friend"),
            "third": ("Share a story of your own", "Pass this on to a friend"),
        },
        "formal": {
            "first": ("Reply with corrections or further evidence", "Reply with your own findings"),
            "first_plural": ("Reply with corrections or further evidence", "Reply with your own findings"),
            "second": ("Consider which point applies to your work", "Reply with your own findings"),
            "third": ("Compare each point with your own records", "Reply with your own findings"),
        },
        "bold": {
            "first": ("Do one of these today and tell me", "Prove me wrong: reply with your numbers"),
            "first_plural": ("Do one of these today and tell us", "Prove us wrong: reply with your numbers"),
            "second": ("Pick one point and do it today", "Put your own numbers next to these"),
            "third": ("Do one of these today", "Put your own numbers next to these"),
        },
    },
    "de": {
        "plain": {
            "first": ("Schreib mir, was du anders machst", "Schick mir deine eigenen Zahlen"),
            "first_plural": ("Schreib uns, was du anders machst", "Schick uns deine eigenen Zahlen"),
            "second": ("Probier diese Woche einen Punkt aus", "Leite diese Mail weiter"),
            "third": ("Einen Punkt ausprobieren", "Diese Mail weiterleiten"),
        },
        "warm": {
            "first": ("Erzähl mir, wie es dir damit geht", "Schreib mir deine Geschichte"),
            "first_plural": ("Erzähl uns, wie es dir damit geht", "Schreib uns deine Geschichte"),
            "second": ("Probier etwas davon aus", "Schick das einer Freundin weiter"),
            "third": ("Etwas davon ausprobieren", "Diese Mail weiterschicken"),
        },
    },
    "fr": {"plain": {"third": ("Essayez un point cette semaine", "Transférez ce message")}},
    "es": {"plain": {"third": ("Prueba un punto esta semana", "Reenvía este mensaje")}},
}
_PREHEADERS = {
    "en": (
        "What to do, step by step, from the notes on {topic}",
        "What happened, with the numbers, from the notes on {topic}",
        "The reasons behind it, from the notes on {topic}",
        "What to watch out for, from the notes on {topic}",
    ),
    "de": (
        "Was zu tun ist, aus den Notizen zu {topic}",
        "Was geschah, mit den Zahlen, aus den Notizen zu {topic}",
        "Die Gründe dahinter, aus den Notizen zu {topic}",
        "Worauf zu achten ist, aus den Notizen zu {topic}",
    ),
    "fr": (
        "Quoi faire, d'après les notes sur {topic}",
        "Ce qui s'est passé, avec les chiffres, d'après les notes sur {topic}",
        "Les raisons, d'après les notes sur {topic}",
        "Points de vigilance, d'après les notes sur {topic}",
    ),
    "es": (
        "Qué hacer, según las notas sobre {topic}",
        "Qué ocurrió, con las cifras, según las notas sobre {topic}",
        "Las razones, según las notas sobre {topic}",
        "A qué prestar atención, según las notas sobre {topic}",
    ),
}
_TONES = {
    "warm": (
        "warm",
        "friendly",
        "casual",
        "conversational",
        "playful",
        "kind",
        "funny",
        "herzlich",
        "freundlich",
        "locker",
    ),
    "formal": ("formal", "professional", "authoritative", "expert", "academic", "serious", "sachlich", "förmlich"),
    "bold": ("bold", "punchy", "direct", "confident", "provocative", "energetic", "mutig", "frech"),
}


def frame(voice: Voice) -> Frame:
    """The frame for a voice; an unknown language gets English, an unknown tone the plain one."""
    language = voice.language[:2].lower()
    language = language if language in _SMALL else "en"
    tone = tone_of(voice.tone)
    small = _SMALL[language]
    first_titles = _person(_TITLES[language], voice.person)
    reasons, limits = _MORE_TITLES[language]
    invitations = _INVITATIONS[language]
    invited = invitations.get(tone, invitations["plain"])
    return Frame(
        titles=(first_titles[0], first_titles[1], reasons, limits),
        angles=_ANGLES[language],
        closings=_CLOSINGS[language],
        invitations=(_person(invited, voice.person), invited["third"]),
        questions=_person(_QUESTIONS[language], voice.person),
        calls=_person(_CALLS[language].get(tone, _CALLS[language]["plain"]), voice.person),
        preheaders=_PREHEADERS[language],
        brief=small[0],
        sources=small[1],
    )


def tone_of(tone: str) -> str:
    """`plain`, `warm`, `formal` or `bold`, by the words a person used for the tone."""
    said = tone.lower()
    return next((name for name, words in _TONES.items() if any(word in said for word in words)), "plain")


def _person(by_person: dict[str, _T], person: str) -> _T:
    return by_person.get(person, by_person["third"])
