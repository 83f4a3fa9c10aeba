"""Answers kept as files, for tests and demonstrations without a model: written once, then read instead of asking."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regrow.adapters.llm.attempts import Tried
from regrow.adapters.llm.candidates import Candidate
from regrow.domain.writing import Attempt, Brief, Call, Prompt
from regrow.kit.errors import Invalid

_MARKER = re.compile(r"material-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Recordings:
    """A folder of answers. With `is_recording`, models are asked and their answers added; else nobody is asked.

    An answer is found by model and prompt, whatever ids the notes have in this home and whatever marker frames them.
    """

    folder: Path
    is_recording: bool = False

    def read(self, candidate: Candidate, call: Call, prompt: Prompt) -> Tried:
        """The recorded answer; an attempt that ends the call when there is none or it cannot be read."""
        file = self._file(candidate, call, prompt)
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            output = _renamed(held["output"], {f"note-{n}": id for id, n in _numbers(call.brief).items()})
            tokens = int(held["input_tokens"]), int(held["output_tokens"])
        except FileNotFoundError:
            return _failed(
                candidate,
                f"no answer of {candidate.name} to this prompt is recorded in {self.folder} as {file.name}: record it "
                "with REGROW_RECORD=1 and a key, or unset REGROW_RECORDED to ask the model",
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            why = type(error).__name__
            return _failed(candidate, f"the recorded answer {file} cannot be read ({why}): record it anew")
        if not isinstance(output, dict):
            return _failed(candidate, f"the recorded answer {file} holds no draft: record it anew")
        return Tried(Attempt(candidate.provider, candidate.model, "ok", *tokens, 0), output)

    def write(self, candidate: Candidate, call: Call, prompt: Prompt, tried: Tried) -> Tried:
        """Keeps an answer that was usable, without anything of the request; a failed attempt when it cannot."""
        if tried.output is None:
            return tried
        held = {
            "model": candidate.name,
            "function": call.function,
            "template": f"{prompt.template}.{prompt.version}",
            "input_tokens": tried.attempt.input_tokens,
            "output_tokens": tried.attempt.output_tokens,
            "output": _renamed(tried.output, {id: f"note-{n}" for id, n in _numbers(call.brief).items()}),
        }
        file = self._file(candidate, call, prompt)
        beside = file.with_suffix(f".{os.getpid()}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            beside.replace(file)
        except OSError as error:
            detail = f"the answer cannot be recorded in {self.folder}: {error.strerror}"
            return Tried(replace(tried.attempt, outcome="not_recorded", detail=detail))
        return tried

    def _file(self, candidate: Candidate, call: Call, prompt: Prompt) -> Path:
        told = _MARKER.sub("material", f"{prompt.system}\0{prompt.user}")
        for id, number in _numbers(call.brief).items():
            told = told.replace(id, f"note-{number}")
        digest = hashlib.sha256(f"{candidate.name}\0{call.function}\0{told}".encode()).hexdigest()
        return self.folder / f"{call.function}-{digest[:24]}.json"


def recordings(folder: str, is_recording: bool) -> Recordings | None:
    """What REGROW_RECORDED and REGROW_RECORD ask for; Invalid for the second without the first."""
    if is_recording and not folder:
        raise Invalid("REGROW_RECORD needs REGROW_RECORDED, the folder to record into", "bad_settings")
    return Recordings(Path(folder), is_recording) if folder else None


def _numbers(brief: Brief) -> dict[str, int]:
    return {source.note_id: number for number, source in enumerate(brief.sources, 1)}


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def _failed(candidate: Candidate, detail: str) -> Tried:
    return Tried(Attempt(candidate.provider, candidate.model, "not_recorded", cost_micros=0, detail=detail))
