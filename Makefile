# Needs Python 3.11 or newer and make; every target sets itself up in .venv first.
BIN := .venv/bin
export NOTES NAME

.PHONY: help setup demo test dev lint types arrows house check bench docs migration lock clean FORCE

help:
	@sed -n 's/^## //p' Makefile

## make setup            build .venv from requirements-dev.lock
setup: .venv/.ready

## make demo [NOTES=dir] a folder of notes becomes drafts and report.html, offline
demo: .venv/.ready
	@$(BIN)/regrow demo $(if $(NOTES),--notes "$$NOTES")

## make test [ARGS=...]  the whole suite, on SQLite, on a private PostgreSQL and in Chromium
test: .venv/.ready
	@scripts/ensure_postgres.sh || [ -z "$$REGROW_REQUIRE_POSTGRES" ]
	@scripts/ensure_chromium.sh || [ -z "$$REGROW_REQUIRE_CHROMIUM" ]
	@$(BIN)/python -m pytest $(ARGS)

## make dev              the server on http://127.0.0.1:8000, with its data in .regrow
dev: .venv/.ready
	@[ -d .regrow ] || $(BIN)/regrow init
	@$(BIN)/regrow serve

## make check            lint, types, arrows and the house rules
check: lint types arrows house

## make lint             ruff
lint: .venv/.ready
	@$(BIN)/ruff check .

## make types            mypy, strict
types: .venv/.ready
	@$(BIN)/mypy

## make arrows           who may import whom (.importlinter)
arrows: .venv/.ready
	@$(BIN)/lint-imports

house: .venv/.ready
	@$(BIN)/python -m pytest tests/house -n 0

## make bench            measure against the goals; writes benchmarks/results.md
bench: .venv/.ready
	@$(BIN)/python -m benchmarks

## make docs             write docs/map.md anew from the module docstrings
docs: .venv/.ready
	@$(BIN)/python scripts/house_map.py

## make migration NAME=  an empty, numbered schema change
migration: .venv/.ready
	@$(BIN)/python scripts/new_migration.py "$$NAME"

## make lock             resolve requirements*.in anew
lock:
	@scripts/lock.sh

## make clean            remove what the other targets built; never .regrow
clean:
	@rm -rf .venv .demo build dist src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp holds the folder it was built for: console scripts carry that path, so a moved copy builds its own.
ifneq ($(shell cat .venv/.ready 2>/dev/null),$(CURDIR))
.venv/.ready: FORCE
endif
.venv/.ready: requirements.lock requirements-dev.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh
