"""Small exports of every program, written for tests: the same few notes in several scripts."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

TASK = "TO" + "DO"
"""The word that marks an open task; the house keeps it out of its own files."""

RYE, HERB = "152bb52ee2b580179846fd78b2b60ea9", "2a889dba369b48709ec62508d5020d93"
TABLE = "c86dcb5c74ae4e5399086dd0b8272e87"
BLOCK = "64ac1f2e-4b7d-4c66-9d3c-0a1b2c3d4e5f"
SECRET = "74ac1f2e-4b7d-4c66-9d3c-0a1b2c3d4e5f"

LOGSEQ = {
    "logseq/config.edn": "{}",
    "logseq/bak/pages/Rye/old.md": "- an old copy",
    "pages/Rye.md": f"alias:: Roggen, ライ麦\ntags:: flour\nfacts:: [[Bread]]\n\n- ## Keeping\n\tcollapsed:: true\n"
    f"\t- Rye keeps well.\n\t  id:: {BLOCK}\n\t\t- It needs a dry place.\n\t- {TASK} buy more #bread\n",
    "pages/Bread___Хлеб.md": f"- A block: (({BLOCK}))\n- {{{{embed (({BLOCK}))}}}}\n"
    "- See [[Roggen]] and [[May 14th, 2020]].\n"
    f"- Hidden: (({SECRET})). Shown: yes.\n",
    "pages/What is it%3F.md": "- A question.\n",
    "pages/Diary.md": f"private:: true\n\n- The safe is behind the clock.\n  id:: {SECRET}\n",
    "journals/2020_05_14.md": "- Baked today.\n",
    "pages/Old.org": "#+TITLE: Old notes\n* Above\n** [[https://example.org][a site]] and *bold*\n"
    "#+BEGIN_SRC python\nx = 1\n#+END_SRC\n",
}  # fmt: skip


def notion(extra: dict[str, str] | None = None, rye: str = "Rye") -> dict[str, str]:
    """The pages of a Notion export by their names."""
    return {
        f"Export-1/{rye} {RYE}.md": f"# {rye}\n\nSee [herbs](Herbs%20{HERB}.md), [all](Tasks%20{TABLE}.csv) and "
        f"[this](https://www.notion.so/Herbs-{HERB}?pvs=4).\n",
        f"Export-1/Herbs {HERB}.md": "# Herbs\n\n薬草とハーブ。\n",
        f"Export-1/Tasks {TABLE}.md": "# Tasks\n",
        f"Export-1/Tasks {TABLE}.csv": "Name,Status\nWater,Open\n",
        f"Export-1/Tasks {TABLE}_all.csv": "\ufeffName,Status,Tags\nWater,Open,garden\nBöden,Done,\n",
        f"Export-1/Tasks {TABLE}/Water 25592a85546546a48b02dfa4fb545e1d.md": "# Water\n\nStatus: Open\n"
        "Tags: garden, private lane\n\nNote: every morning.\n",
        "Export-1/index.html": "<html><body>list</body></html>",
        **(extra or {}),
    }


def roam(title: str = "Rye") -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "uid": "rye-page",
            "create-time": 1600000000000,
            "edit-time": 1600000100000,
            "children": [
                {"string": "Author:: [[Ann]]", "uid": "a1"},
                {"string": "tags:: flour, мука", "uid": "a2"},
                {"string": "Keeping", "heading": 2, "uid": "a3", "children": [
                    {"string": "Rye __keeps__ ^^well^^.", "uid": "blk-well", "children": [
                        {"string": "In a dry place.", "uid": "blk-dry"}]}]},
                {"string": "{{[[" + TASK + "]]}} buy more", "uid": "a4"},
            ],
        },
        {
            "title": "May 14th, 2020",
            "uid": "05-14-2020",
            "children": [
                {"string": "Said ((blk-well)), and [so](((blk-well))).", "uid": "b1"},
                {"string": "{{embed: ((blk-well))}}", "uid": "b2"},
                {"string": "Hidden: ((blk-safe)). Shown: yes.", "uid": "b3"},
                {"string": "{{[[query]]: {and: [[a]] {not: [[b]]}}}}", "uid": "b4"},
            ],
        },
        {
            "title": "Diary",
            "uid": "diary",
            "children": [{"string": "The safe is behind the clock. #private", "uid": "blk-safe"}],
        },
    ]  # fmt: skip


def enex(*notes: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/'
        f'evernote-export4.dtd">\n<en-export application="Evernote" version="10">{"".join(notes)}</en-export>'
    )


def enex_note(
    title: str, content: str, created: str = "20200514T080000Z", tags: tuple[str, ...] = (), more: str = ""
) -> str:
    body = f'<?xml version="1.0"?><!DOCTYPE en-note SYSTEM "http://x/enml2.dtd"><en-note>{content}</en-note>'
    named = "".join(f"<tag>{tag}</tag>" for tag in tags)
    return (
        f"<note><title>{title}</title><content><![CDATA[{body}]]></content><created>{created}</created>"
        f"<updated>20200515T080000Z</updated>{named}{more}</note>"
    )


EVERNOTE = enex(
    enex_note(
        "Rye",
        '<div>Rye <b>keeps</b> well.</div><ul style="--en-todo:true;"><li style="--en-checked:true;">bought</li></ul>'
        '<div><en-todo checked="false"/>grind</div><div>See <a href="evernote:///view/1/s1/x/x/">Kräuter</a>.</div>'
        '<div style="-en-codeblock:true;"><div>x = 1</div><div>y = 2</div></div>',
        tags=("flour", "мука"),
        more="<resource><data encoding='base64'>aGVsbG8=</data><mime>image/png</mime></resource>",
    ),
    enex_note("Kräuter", "<div>ハーブ &amp; Kräuter&nbsp;im Topf.</div>", "20200514T080001Z"),
    enex_note("Diary", "<div>The safe is behind the clock.</div>", "20200514T080002Z", ("Private",)),
)


def keep(title: str = "Rye") -> dict[str, str]:
    """Keep as Takeout gives it; the file is named after the title."""
    made = {
        f"{title}.json": {"title": title, "textContent": "Rye keeps well. #bread",
                          "createdTimestampUsec": 1589443200000001,
                          "userEditedTimestampUsec": 1589443300000000, "labels": [{"name": "мука"}], "isTrashed": False,
                          "annotations": [{"url": "https://example.org/rye", "title": "On [rye]"}]},
        "List.json": {"title": "", "listContent": [{"text": "水をやる", "isChecked": True}, {"text": "grind"}],
                      "createdTimestampUsec": 1589443200000002, "isArchived": True},
        "Gone.json": {"title": "Gone", "textContent": "away", "isTrashed": True, "createdTimestampUsec": 3},
    }  # fmt: skip
    files = {f"Takeout/Keep/{name}": json.dumps(note, ensure_ascii=False) for name, note in made.items()}
    return {**files, f"Takeout/Keep/{title}.html": "<html></html>", "Takeout/Keep/Labels.txt": "мука"}


def bear(title: str = "Rye", **known: Any) -> dict[str, str]:
    said = {"uniqueIdentifier": "C4FFAFCB-F102-4FDE", "creationDate": "2020-05-14T08:00:00Z", "trashed": 0, **known}
    info = {"creatorIdentifier": "net.shinyfrog.bear", "net.shinyfrog.bear": said}
    return {
        f"Bear Notes/{title}.textbundle/text.md": f"# {title}\n\nRye keeps well. #two words# #мука/ржаная\n",
        f"Bear Notes/{title}.textbundle/info.json": json.dumps(info),
        f"Bear Notes/{title}.textbundle/assets/a.png": "no picture",
        "Bear Notes/Хлеб.textbundle/text.md": f"# Хлеб\n\nSee [[{title}]].\n",
        "Bear Notes/Хлеб.textbundle/info.json": "{}",
    }  # fmt: skip


FILES = {
    "Rye.html": "<html><head><title>Rye &amp; more</title><script>steal()</script></head><body><p>Rye <i>keeps</i>."
    "</p><p><a href='sub/Herbs.txt'>herbs</a> <a href=\"javascript:x\">no</a></p></body></html>",
    "sub/Herbs.txt": "薬草 and herbs.",
    "Plain.md": "Plain [[Herbs]].",
    "photo.jpg": "no text",
}


def zipped(files: dict[str, str] | dict[str, bytes]) -> bytes:
    """A zip of these files, the same whenever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def put(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path
