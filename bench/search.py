"""Search in Chinese: LearnHub's executor over Whoosh against SQLite's FTS5, the same texts and queries in one run.

    make bench-search            20,000 passages of the 1,409 laws
    python bench/search.py 4000  fewer

Peer: FTS5 with the same character bigrams as terms (its own BM25, its own AND). Limit: what any engine must do is to
read the posting lists of a query's bigrams and meet them; ``limit_ms`` is that meeting alone, on lists in memory.
The queries are taken in turn by both engines, interleaved. "cold" asks each query once with an empty cache; "warm"
after other queries have filled it; a query is never repeated within a round. The last line is JSON.
"""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.verdict import at_least, at_most, last_line  # noqa: E402
from learnhub.config import read_settings  # noqa: E402
from learnhub.search.analyse import fold, read_query, terms_of  # noqa: E402
from learnhub.search.executor import Filters, Snapshot  # noqa: E402
from learnhub.search.index import Entry, SearchIndex  # noqa: E402

PASSAGES = 20_000
LENGTH = 450
TOP = 10
QUERIES = 400
BARS = {"warm_ratio_to_fts5": 1.5, "cold_p95_ms": 25.0, "recall": 1.0}


def passages(count: int) -> Iterator[tuple[str, str]]:
    """(title, body) of up to ``count`` passages of about LENGTH characters."""
    path = read_settings().shared_data / "text" / "laws.jsonl.gz"
    made = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            law = json.loads(line)
            for at in range(0, len(law["body"]), LENGTH):
                if made == count:
                    return
                made += 1
                yield law["title"], law["body"][at : at + LENGTH]


def queries(texts: list[tuple[str, str]], count: int) -> list[str]:
    """Pieces of two to six characters of the texts themselves, fixed by a seed; every one has at least one hit."""
    chance = random.Random(20_26)
    chosen: dict[str, None] = {}
    while len(chosen) < count:
        title, body = chance.choice(texts)
        text = title if chance.random() < 0.2 else body
        length = chance.choice([2, 2, 3, 4, 4, 5, 6])
        at = chance.randrange(max(1, len(text) - length))
        piece = text[at : at + length]
        if len(piece) == length and all("\u4e00" <= sign <= "\u9fff" for sign in piece):
            chosen[piece] = None
    return list(chosen)


def fts5(texts: list[tuple[str, str]]) -> sqlite3.Connection:
    """The peer: bigrams as words of a contentless table without positions."""
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table t using fts5(title, body, content='', detail=column, tokenize='unicode61')")
    rows = (
        (number, " ".join(terms_of(fold(title))), " ".join(terms_of(fold(body))))
        for number, (title, body) in enumerate(texts)
    )
    base.executemany("insert into t(rowid, title, body) values (?, ?, ?)", rows)
    base.execute("insert into t(t) values ('optimize')")
    return base


def ask_fts5(base: sqlite3.Connection, text: str) -> int:
    """Top ten and the total."""
    terms = " AND ".join(f'"{term}"' for term in read_query(text).units[0].terms)
    base.execute(f"select rowid from t where t match ? order by bm25(t, 4.0, 1.0) limit {TOP}", (terms,)).fetchall()
    return int(base.execute("select count(*) from t where t match ?", (terms,)).fetchone()[0])


def ask_index(snapshot: Snapshot, text: str, filters: Filters) -> int:
    """Top ten and the total."""
    found = snapshot.find(read_query(text), filters=filters)
    found.top(TOP)
    return len(found)


def timed(call: Callable[[], int]) -> tuple[float, int]:
    """Milliseconds of the processor and the answer; the clock on the wall tells what else the machine does."""
    start = time.thread_time()
    answer = call()
    return (time.thread_time() - start) * 1000, answer


def limit_ms(snapshot: Snapshot, asked: list[str]) -> float:
    """The mean of meeting a query's lists, already in memory, as sets."""
    spent = []
    for text in asked:
        lists = [set(snapshot._postings("term", term)[1]) for term in read_query(text).units[0].terms]
        spent.append(timed(lambda lists=lists: len(set.intersection(*lists)))[0])
    return statistics.mean(spent)


def summary(spent: list[float]) -> dict[str, float]:
    """Mean, median and 95th percentile, in milliseconds."""
    ordered = sorted(spent)
    return {
        "mean_ms": round(statistics.mean(spent), 3),
        "p50_ms": round(statistics.median(spent), 3),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 3),
    }


def compare(index: SearchIndex, base: sqlite3.Connection, asked: list[str]) -> dict[str, object]:
    """Both engines in turn over all queries: first with nothing cached, then warmed by the other half."""
    filters = Filters()  # the peer has no filter by units; what ours costs is told apart, as filtered_warm
    spent: dict[str, list[float]] = {name: [] for name in ("cold", "fts5_cold", "warm", "fts5_warm", "filtered_warm")}
    wrong = 0
    half = len(asked) // 2
    snapshot = index.snapshot()
    for name, part in (("cold", asked[:half]), ("warm", asked[half:])):
        for number, text in enumerate(part):
            calls = [
                (name, lambda text=text: ask_index(snapshot, text, filters)),
                (f"fts5_{name}", lambda text=text: ask_fts5(base, text)),
            ]
            totals = []
            for who, call in calls if number % 2 else reversed(calls):
                milliseconds, total = timed(call)
                spent[who].append(milliseconds)
                totals.append(total)
            wrong += totals[0] != totals[1]
            if name == "warm":
                some = Filters(frozenset({"1"}))
                spent["filtered_warm"].append(timed(lambda text=text, some=some: ask_index(snapshot, text, some))[0])
    return {**{name: summary(values) for name, values in spent.items()}, "different_totals": wrong, "limit_ms": round(limit_ms(snapshot, asked), 4)}  # fmt: skip


def recall(index: SearchIndex, texts: list[tuple[str, str]], asked: list[str]) -> float:
    """The share of texts holding a query as a substring that are among what is found."""
    folded = [fold(f"{title}\n{body}") for title, body in texts]
    have = found = 0
    for text in asked[:60]:
        ids = index.snapshot().find(read_query(text)).scores
        holders = [number for number, whole in enumerate(folded) if text in whole]
        have += len(holders)
        found += sum(number in ids for number in holders)
    return found / have


def main(count: int) -> None:
    """Builds both, asks both, prints."""
    texts = list(passages(count))
    asked = queries(texts, QUERIES)
    with tempfile.TemporaryDirectory() as folder:
        index = SearchIndex(Path(folder))
        start = time.perf_counter()
        index.rebuild(
            Entry(number, str(number), "lesson", "", "", (number % 2 + 1,), title, body)
            for number, (title, body) in enumerate(texts)
        )
        built_s = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder).iterdir() if path.is_file())
        start = time.perf_counter()
        base = fts5(texts)
        fts5_s = time.perf_counter() - start
        start = time.perf_counter()
        index.snapshot()
        opened_ms = (time.perf_counter() - start) * 1000
        figures = compare(index, base, asked) | {"recall": recall(index, texts, asked)}
    ratio = round(figures["warm"]["mean_ms"] / figures["fts5_warm"]["mean_ms"], 2)  # type: ignore[index]
    measured = {"warm_ratio_to_fts5": ratio, "cold_p95_ms": figures["cold"]["p95_ms"], "recall": figures["recall"]}  # type: ignore[index]
    bars = [at_most(name, measured[name], BARS[name]) for name in ("warm_ratio_to_fts5", "cold_p95_ms")]
    bars.append(at_least("recall", measured["recall"], BARS["recall"]))
    more = {
        "passages": len(texts), "queries": len(asked), "build_s": round(built_s, 1), "fts5_build_s": round(fts5_s, 1),
        "index_mb": round(size / 1e6, 1), "open_ms": round(opened_ms, 1), **figures,
    }  # fmt: skip
    print(last_line("search", bars, **more))
    sys.exit(not all(bar["holds"] for bar in bars))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PASSAGES)
