"""The table as data: one row a model and contest."""

import csv
import io
from typing import Any

import msgspec

from mmbench_reports.leaderboard.board import Board, Contest, Entry, Score

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def records(board: Board) -> list[dict[str, Any]]:
    """Return the rows, models in the order of the table."""
    return [
        _record(entry, contest, entry.scores[contest])
        for entry in board.entries
        for contest in board.contests
        if contest in entry.scores
    ]


def as_json(board: Board) -> bytes:
    """Return everything, refused submissions with their reasons included."""
    document = {
        "schema_version": 1,
        "title": board.title,
        "updated": board.updated,
        "models": [
            {
                "model": entry.name,
                "baseline": entry.is_baseline,
                "fingerprint": entry.fingerprint,
                "rank": entry.rank,
                "wins": entry.wins,
                "seconds": entry.seconds,
                "runs": [one.run.path.name for one in entry.submissions],
            }
            for entry in board.entries
        ],
        "scores": records(board),
        "refused": [
            {"run": found.run, "model": found.model, "reasons": [str(fault) for fault in found.faults]}
            for found in board.refused
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def as_csv(board: Board) -> bytes:
    """Return the rows as CSV; names that a spreadsheet would take for a formula get an apostrophe."""
    rows = records(board)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue().encode()


def as_parquet(board: Board) -> bytes:
    """Return the rows as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in _COLUMNS.items()])
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records(board), schema), out, compression="zstd")
    return out.getvalue()


_COLUMNS: dict[str, type] = {
    "model": str,
    "baseline": bool,
    "task": str,
    "dataset": str,
    "shots": int,
    "metric": str,
    "signature": str,
    "higher_is_better": bool,
    "value": float,
    "low": float,
    "high": float,
    "level": float,
    "n": int,
    "errors": int,
    "rank": int,
    "rank_low": int,
    "rank_high": int,
    "ranked": int,
    "run": str,
    "finished": str,
    "fingerprint": str,
    "dataset_fingerprint": str,
    "dataset_compared": bool,
}


def _record(entry: Entry, contest: Contest, score: Score) -> dict[str, Any]:
    result, rank = score.result, score.rank
    interval, one = result.interval, score.submission
    values = (
        entry.name,
        entry.is_baseline,
        contest.task,
        contest.dataset,
        contest.shots,
        contest.metric,
        contest.signature,
        contest.higher_is_better,
        result.value,
        interval.low if interval else None,
        interval.high if interval else None,
        interval.level if interval else None,
        result.n,
        result.errors,
        rank.rank if rank else None,
        rank.low if rank else None,
        rank.high if rank else None,
        rank.of if rank else None,
        one.run.path.name,
        one.manifest.finished,
        one.manifest.model.fingerprint,
        contest.fingerprint,
        one.verification.datasets.get(f"{contest.task}:{contest.dataset}", False),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
