"""Phrases that readers take for machine-made, by language and weight: 1 may stand by chance, 3 hardly ever does."""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """Phrases from a text that sets them apart by commas."""
    return tuple(phrase.strip() for phrase in " ".join(text.split()).split(",") if phrase.strip())


_ENGLISH_LIGHT = listed("""
delve, tapestry, seamlessly, seamless, robust, leverage, utilize, elevate, embark, unlock, unleash, harness, foster,
realm, beacon, testament, pivotal, crucial, vibrant, intricate, meticulous, meticulously, transformative, holistic,
cutting-edge, ever-changing, ever-evolving, game-changer, synergy, furthermore, moreover, empower, revolutionize,
supercharge, streamline, myriad, plethora, boasts, underscores, nestled, bustling, treasure trove, deep dive, at its
core, in conclusion, it is important to, effortlessly, resonate, multifaceted, paramount, indelible
""")
_ENGLISH_WORN = listed("""
look no further, whether you're a, in this article we will, let's dive in, let's explore, dive into the world of, the
world of, a wide range of, when it comes to, more than just a, not just a, it's not just about, take it to the next
level, to the next level, the key to success, imagine a world where, gone are the days, here's the thing, but here's
the kicker, buckle up, the possibilities are endless, a symphony of, stands as a, serves as a reminder, say goodbye
to, rich tapestry, ever-evolving landscape, without further ado, unlock the power of, a rollercoaster, it's worth
noting, it is worth noting, needless to say, at the end of the day, game changing
""")
_ENGLISH_HEAVY = listed("""
as an ai, as a language model, i hope this helps, in today's fast-paced world, in today's digital, in the
ever-evolving, in the ever-changing, a testament to, delve into the, unlock your full potential, unlock the full
potential, unlock the secrets, navigate the complexities, in an increasingly, in the realm of, embark on a journey,
it's important to note, it is important to note that, certainly! here, sure! here, here is a revised version, elevate
your, harness the power of
""")
_GERMAN_LIGHT = listed("""
nahtlos, ganzheitlich, maßgeschneidert, wegweisend, bahnbrechend, revolutionieren, entfesseln, synergie,
zukunftsweisend, facettenreich, vielschichtig, unverzichtbar, mühelos, darüber hinaus, zusammenfassend lässt sich
sagen, meilenstein, gamechanger, essenziell, eintauchen
""")
_GERMAN_WORN = listed("""
tauchen wir ein, lassen sie uns eintauchen, die welt der, auf das nächste level, mehr als nur ein, nicht nur ein, der
schlüssel zum erfolg, stellen sie sich vor, es ist wichtig zu beachten, am ende des tages, eine vielzahl von, ohne
weitere umschweife, die möglichkeiten sind endlos, egal ob anfänger oder, eine symphonie aus, das volle potenzial, in
diesem artikel erfahren sie
""")
_GERMAN_HEAVY = listed("""
in der heutigen schnelllebigen, in der heutigen digitalen, in einer welt in der, in einer zeit in der, als ki, als
sprachmodell, ich hoffe das hilft, ein zeugnis für, entfesseln sie, entdecken sie die welt, schöpfen sie das volle
potenzial, begeben sie sich auf eine reise, gerne! hier ist
""")
_FRENCH_LIGHT = listed("""
incontournable, révolutionner, révolutionnaire, sans effort, holistique, synergie, crucial, primordial, innovant, de
surcroît, en conclusion, foisonnant, sublimer, transformateur, indéniable
""")
_FRENCH_WORN = listed("""
plongeons dans, plongez dans l'univers, le monde de, bien plus qu'un, pas seulement un, la clé du succès, la clé de la
réussite, passer au niveau supérieur, il convient de noter, que vous soyez débutant ou, une multitude de, les
possibilités sont infinies, une symphonie de, imaginez un monde, sans plus attendre, force est de constater, dans cet
article nous allons
""")
_FRENCH_HEAVY = listed("""
dans le monde d'aujourd'hui, dans un monde en constante évolution, à l'ère du numérique, en tant qu'ia, en tant que
modèle de langage, j'espère que cela vous aide, un témoignage de, libérez tout le potentiel, libérez votre potentiel,
embarquez pour un voyage, bien sûr ! voici
""")
_SPANISH_LIGHT = listed("""
revolucionar, revolucionario, sin esfuerzo, holístico, sinergia, crucial, imprescindible, innovador, en conclusión,
transformador, potenciar, desbloquear, vibrante, robusto
""")
_SPANISH_WORN = listed("""
sumerjámonos en, sumérgete en el mundo, el mundo de, mucho más que un, no es solo un, la clave del éxito, al siguiente
nivel, cabe destacar, es importante tener en cuenta, ya seas principiante o, una amplia gama de, las posibilidades son
infinitas, una sinfonía de, imagina un mundo, sin más preámbulos, al final del día, en este artículo exploraremos
""")
_SPANISH_HEAVY = listed("""
en el mundo actual, en el vertiginoso mundo, en la era digital, en constante evolución, como ia, como modelo de
lenguaje, espero que esto te ayude, un testimonio de, libera todo el potencial, desbloquea tu potencial, embárcate en
un viaje, ¡claro! aquí
""")

WORN: dict[str, dict[int, tuple[str, ...]]] = {
    "en": {1: _ENGLISH_LIGHT, 2: _ENGLISH_WORN, 3: _ENGLISH_HEAVY},
    "de": {1: _GERMAN_LIGHT, 2: _GERMAN_WORN, 3: _GERMAN_HEAVY},
    "fr": {1: _FRENCH_LIGHT, 2: _FRENCH_WORN, 3: _FRENCH_HEAVY},
    "es": {1: _SPANISH_LIGHT, 2: _SPANISH_WORN, 3: _SPANISH_HEAVY},
}
