"""HTML from strangers as Markdown: what is kept, what never comes through, and how long it takes at most."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.adapters.sources import html, html_cleaning


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<h2>A</h2><p>b <strong>c</strong> <em>d</em> <code>e</code>", "## A\n\nb **c** *d* `e`"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
        ("<ol start=7><li>a<li>b</ol>", "7. a\n8. b"),
        ("<blockquote>a</blockquote><hr>b", "> a\n\n---\n\nb"),
        ("<table><tr><th>a|b<th>c<tr><td>1<td>2</table>", "| a\\|b | c |\n| --- | --- |\n| 1 | 2 |"),
        ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
        ("<p>a<p>b", "a\n\nb"),
        ("<a href='https://example.org/(x)'>a</a>", "[a](<https://example.org/(x)>)"),
        ("<a href='javascript:alert(1)'>a</a> <a href='data:text/html,x'>b</a>", "a b"),
        ("<img src=x alt='a cat'>", "a cat"),
        ("<input type=checkbox checked> a <input type=text value=x>", "[x] a"),
        ("a_b https://example.org/a_b_c *c", "a_b https://example.org/a_b_c \\*c"),
        ("Grüße &amp; パン&nbsp;&lt;b&gt;", "Grüße & パン\xa0<b>"),
        ("<script>a()</script><style>b</style><noscript>c</noscript><svg><text>d</text></svg>e", "e"),
        ("a<!-- b -->c<!-- d", "ac"),
        ("a &lt;!-- b", "a &lt;!-- b"),
        ("<soup>a</soup><fn_cache>b</fn_cache><options>c</options>", "abc"),
        ("1 < 2 and <3 and <", "1 < 2 and <3 and <"),
        ("<script>never closed", ""),
        ("<![CDATA[told]]>", "told"),
    ],
)
def test_markdown_of_html(written: str, expected: str) -> None:
    assert html.read(written).body == expected


def test_titles_and_leads() -> None:
    page = html.read("<title>A &amp; b</title><a href='x.html#y'>x</a>", lambda address, shown: f"{address}|{shown}")
    assert page == ("A & b", "x.html#y|x")
    assert [html.local(one) for one in ("a%20b.md?x#y", "#a", "//host/x", "https://a/b", "mailto:x", "../a")] == [
        "a b.md", "", "", "", "", "../a"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 30_000 + "deep",
        "<table><tr><td>" * 1_000 + "deep",
        "<b>" * 20_000 + "</i>" * 20_000,
        "<ol>" + "<li>x" * 8_000,
        "<!--" * 100_000,
        "<a " * 60_000,
        '<a x="' * 60_000,
        "<script>" * 100_000,
        "&amp" * 50_000,
        "<" * 100_000,
    ],
    ids=["nested", "tables", "unclosed", "list", "comments", "tags", "quotes", "scripts", "entities", "signs"],
)
def test_hostile_pages_are_read_to_their_end(text: str) -> None:
    assert isinstance(html.read(text).body, str)


def test_a_page_with_more_text_than_anybody_reads_is_taken_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_CLEANED", 100)
    assert html.read("<p><b>a</b> &lt;" + "x" * 200).body == "a\n<" + "x" * 200


@given(
    st.text(alphabet="<>/!-=\"'&;[]ab td", max_size=200)
    | st.binary(max_size=100).map(lambda data: data.decode("latin-1"))
)
@settings(max_examples=300, deadline=None)
def test_what_is_cleaned_is_well_formed(text: str) -> None:
    cleaned = html_cleaning.clean(text)
    assert html_cleaning.clean(cleaned).count("<") == cleaned.count("<")
    assert isinstance(html.read(text).body, str)
