"""What `make lint` requires of the documentation.

- Links between files of the project lead to a file, and to a heading of it, that exists.
- In README.md, CONTRIBUTING.md and docs/, the line before each block of commands is a comment that
  names what runs the commands, or the reason why nothing does:
      <!-- run by: NAME, NAME; a remark -->
      <!-- not run: the reason -->
  NAME is a suite of lab/suites.toml, a file of the project, or a test class; #METHOD may follow.
- A block after such a comment has only lines of that file, and … for those that are left out:
      <!-- from: FILE -->
- README.md stays small enough to be read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

README = "README.md"
MOST_LINES = 150
MOST_COLUMNS = 100
MOST_WORDS = 1300

_COMMANDS = {"sh", "bash", "shell", "console"}
_FENCE = re.compile(r"^\s*(?:[-*]|\d+\.)?\s*(?P<fence>`{3,}|~{3,})(?P<language>[^`]*)$")
_PROOF = re.compile(r"^<!-- (?P<kind>run by|not run): (?P<text>.+) -->$")
_SOURCE = re.compile(r"^<!-- from: (?P<file>\S+) -->$")
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?)[ #]*$")
_LINK = re.compile(r"\]\(\s*<?(?P<target>[^)\s>]+)>?[^)]*\)|^\[[^\]]+\]: +(?P<defined>\S+)")
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, first line's number, the line before it, and its lines."""

    language: str
    number: int
    before: str
    lines: list[str] = field(default_factory=list)


@dataclass
class Page:
    """A Markdown file: its prose with line numbers, its blocks and the anchors of its headings."""

    prose: list[tuple[int, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


def read(text: str) -> Page:
    page = Page()
    fence = ""
    before = ""
    for number, line in enumerate(text.splitlines(), 1):
        opening = _FENCE.match(line)
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            else:
                page.blocks[-1].lines.append(line)
        elif opening:
            fence = opening["fence"]
            page.blocks.append(Block(opening["language"].strip(), number, before.strip()))
        else:
            page.prose.append((number, line))
            if heading := _HEADING.match(line):
                page.anchors.add(_free(_anchor(heading["text"]), page.anchors))
        before = line
    return page


def findings(root: Path, files: Iterable[str]) -> list[str]:
    """All that is wrong in these Markdown files, as `FILE:LINE: what`."""
    pages = {file: read((root / file).read_text()) for file in files}
    found: list[str] = []
    for file, page in sorted(pages.items()):
        found += _dead_links(root, file, page, pages)
        found += _invented_screens(root, file, page)
        if file.startswith("docs/") or file in (README, "CONTRIBUTING.md"):
            found += _unproven_blocks(root, file, page)
    if README in pages:
        found += _size((root / README).read_text())
    return found


def _dead_links(root: Path, file: str, page: Page, pages: dict[str, Page]) -> Iterator[str]:
    for number, line in page.prose:
        for link in _LINK.finditer(re.sub(r"`[^`]*`", "", line)):
            target = link["target"] or link["defined"]
            if _ELSEWHERE.match(target):
                continue
            path, _, anchor = target.partition("#")
            to = (root / file).parent.joinpath(path).resolve() if path else root / file
            if not to.exists():
                yield f"{file}:{number}: {target}: there is no such file"
            elif anchor and to.suffix == ".md":
                name = str(to.relative_to(root))
                anchors = (pages[name] if name in pages else read(to.read_text())).anchors
                if anchor not in anchors:
                    yield f"{file}:{number}: {target}: no heading has this anchor"


def _unproven_blocks(root: Path, file: str, page: Page) -> Iterator[str]:
    for block in page.blocks:
        if block.language not in _COMMANDS:
            continue
        # The comment may follow the marker of a list's item.
        proof = _PROOF.match(re.sub(r"^(?:[-*]|\d+\.)\s+", "", block.before))
        where = f"{file}:{block.number}"
        if not proof:
            yield (
                f"{where}: which test runs these commands? Put '<!-- run by: NAME -->' or"
                " '<!-- not run: REASON -->' on the line before the block"
            )
        elif proof["kind"] == "run by":
            for name in proof["text"].partition(";")[0].split(","):
                if not _runs(root, name.strip()):
                    yield f"{where}: {name.strip()}: not a suite, a file or a test of this project"


def _invented_screens(root: Path, file: str, page: Page) -> Iterator[str]:
    for block in page.blocks:
        source = _SOURCE.match(block.before)
        if not source:
            continue
        path = root / source["file"]
        lines = path.read_text().splitlines() if path.is_file() else []
        known = {line.rstrip() for line in lines}
        for number, line in enumerate(block.lines, block.number + 1):
            if line.strip() != "…" and line.rstrip() not in known:
                yield f"{file}:{number}: this line is not in {source['file']}"


def _runs(root: Path, name: str) -> bool:
    """Whether there is such a suite, file or test class, and in it what follows '#'."""
    thing, _, member = name.partition("#")
    if not member and thing in _suites(root):
        return True
    candidates = [root / thing] if "/" in thing else [*root.glob(f"src/**/{thing}.java")]
    return any(
        candidate.is_file() and member in candidate.read_text(errors="replace")
        for candidate in candidates
    )


def _suites(root: Path) -> set[str]:
    plan = tomllib.loads((root / "lab/suites.toml").read_text())
    return {name for kind in ("suites", "soak") for name in plan.get(kind, {})}


def _size(text: str) -> Iterator[str]:
    lines = text.splitlines()
    words = len(text.split())
    if len(lines) > MOST_LINES:
        yield f"{README}: {len(lines)} lines; at most {MOST_LINES}: move details to docs/"
    if words > MOST_WORDS:
        yield f"{README}: {words} words; at most {MOST_WORDS}: move details to docs/"
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_COLUMNS:
            yield f"{README}:{number}: {len(line)} columns; at most {MOST_COLUMNS}"


def _anchor(heading: str) -> str:
    """GitHub's anchor of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def _free(anchor: str, taken: set[str]) -> str:
    """The anchor, numbered as GitHub does if an earlier heading has it."""
    numbered = anchor
    number = 0
    while numbered in taken:
        number += 1
        numbered = f"{anchor}-{number}"
    return numbered
