"""The few words of the site's own pages, in the languages that sites are written in; English where we have none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from regrow.services import footnotes

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Words:
    """`date` orders day, month and year. `language` is that of these words, which may differ from the site's."""

    language: str = "en"
    months: tuple[str, ...] = (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
    date: str = "{day} {month} {year}"
    skip: str = "Skip to the text"
    minutes: str = "{number} min read"
    sources: str = "Sources"
    newer: str = "Newer"
    older: str = "Older"
    next: str = "Next"
    previous: str = "Previous"
    more: str = "More to read"
    pages: str = "Pages"
    page: str = "Page {number}"
    articles: str = "Articles"
    feeds: str = "Subscribe"
    home: str = "All articles"
    untitled: str = "Untitled"
    empty_title: str = "Nothing here yet"
    empty: str = "The first article is still being written. Come back soon, or subscribe and it comes to you."
    beyond: str = "There is no page {number}: the list ends before it."
    missing_title: str = "Page not found"
    missing: str = "There is nothing at this address. It may have been mistyped."
    gone_title: str = "This article was taken back"
    gone: str = "It stood here once, and whoever published it has removed it for good."
    away_title: str = "Back in a moment"
    away: str = "The page cannot be read right now. Please try again in a minute."
    footnotes: footnotes.Words = field(default_factory=footnotes.Words)

    def day(self, at: datetime) -> str:
        return self.date.format(day=at.day, month=self.months[at.month - 1], year=at.year)

    def read_in(self, minutes: int) -> str:
        return self.minutes.format(number=minutes)


ENGLISH = Words()
GERMAN = Words(
    language="de",
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    date="{day}. {month} {year}",
    skip="Zum Text springen",
    minutes="{number} Min. Lesezeit",
    sources="Quellen",
    newer="Neuere",
    older="Ältere",
    next="Weiter",
    previous="Zurück",
    more="Mehr zu lesen",
    pages="Seiten",
    page="Seite {number}",
    articles="Artikel",
    feeds="Abonnieren",
    home="Alle Artikel",
    untitled="Ohne Titel",
    empty_title="Hier steht noch nichts",
    empty="Der erste Artikel wird gerade geschrieben. Schauen Sie bald wieder vorbei, oder abonnieren Sie ihn.",
    beyond="Eine Seite {number} gibt es nicht: Die Liste endet vorher.",
    missing_title="Seite nicht gefunden",
    missing="Unter dieser Adresse steht nichts. Vielleicht hat sich ein Tippfehler eingeschlichen.",
    gone_title="Dieser Artikel wurde zurückgezogen",
    gone="Er stand einmal hier und wurde endgültig entfernt.",
    away_title="Gleich wieder da",
    away="Die Seite lässt sich gerade nicht lesen. Bitte versuchen Sie es in einer Minute noch einmal.",
    footnotes=footnotes.Words("Quelle {number}", "Quellen", "Zurück zu der Stelle mit Quelle {number}"),
)
FRENCH = Words(
    language="fr",
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    skip="Aller au texte",
    minutes="{number} min de lecture",
    sources="Sources",
    newer="Plus récents",
    older="Plus anciens",
    next="Suivant",
    previous="Précédent",
    more="À lire aussi",
    pages="Pages",
    page="Page {number}",
    articles="Articles",
    feeds="S’abonner",
    home="Tous les articles",
    untitled="Sans titre",
    empty_title="Rien ici pour l’instant",
    empty="Le premier article est en cours d’écriture. Revenez bientôt, ou abonnez-vous.",
    beyond="Il n’y a pas de page {number} : la liste s’arrête avant.",
    missing_title="Page introuvable",
    missing="Il n’y a rien à cette adresse. Elle contient peut-être une faute de frappe.",
    gone_title="Cet article a été retiré",
    gone="Il était publié ici et a été retiré définitivement.",
    away_title="De retour dans un instant",
    away="La page ne peut pas être lue pour le moment. Réessayez dans une minute.",
    footnotes=footnotes.Words("Source {number}", "Sources", "Retour à l’endroit qui cite la source {number}"),
)
SPANISH = Words(
    language="es",
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    date="{day} de {month} de {year}",
    skip="Saltar al texto",
    minutes="{number} min de lectura",
    sources="Fuentes",
    newer="Más recientes",
    older="Más antiguos",
    next="Siguiente",
    previous="Anterior",
    more="Más para leer",
    pages="Páginas",
    page="Página {number}",
    articles="Artículos",
    feeds="Suscribirse",
    home="Todos los artículos",
    untitled="Sin título",
    empty_title="Todavía no hay nada aquí",
    empty="El primer artículo se está escribiendo. Vuelva pronto o suscríbase.",
    beyond="No hay página {number}: la lista termina antes.",
    missing_title="Página no encontrada",
    missing="No hay nada en esta dirección. Quizá esté mal escrita.",
    gone_title="Este artículo fue retirado",
    gone="Estuvo publicado aquí y se retiró para siempre.",
    away_title="Volvemos en un momento",
    away="La página no se puede leer ahora mismo. Inténtelo de nuevo en un minuto.",
    footnotes=footnotes.Words("Fuente {number}", "Fuentes", "Volver al lugar que cita la fuente {number}"),
)
KNOWN = {words.language: words for words in (ENGLISH, GERMAN, FRENCH, SPANISH)}


def of(language: str) -> Words:
    """The words for a site's language."""
    return KNOWN.get(base(language), ENGLISH)


def base(language: str) -> str:
    return language.partition("-")[0].lower()


def direction(language: str) -> str:
    return "rtl" if base(language) in RIGHT_TO_LEFT else "ltr"
