"""Records as Parquet, a folder of tables (`tidy.py`) with their description, for pyarrow, pandas, DuckDB, R and Spark.

The long and the wide table are partitioned by form and year in the way of Hive (`fields/form=2021/year=2022/…`), so
that a reader of one year opens that year alone; the other tables are one file each. Form and year of a partitioned
table stand in its paths only: open the folder as one data set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.writers import tidy, whole_folder
from pipeline.writers.datapackage import describe
from pipeline.writers.tidy import Column, Table

_PARTITION = ("form", "year")
_NOTHING = "__HIVE_DEFAULT_PARTITION__"  # how Hive writes that a partition's value is not known
_CELLS = 1_000_000  # of a partitioned table that wait in memory until they make a row group
_CELLS_OF_OTHERS = 100_000  # of a table that grows by a line or so a document: it would wait for 60,000 documents


def write(records: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write every table into a folder beside their description; the number of records written.

    Records of one form and year make one file if they come together, else several. Raises UsageError without pyarrow.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise UsageError('Parquet needs pyarrow: pip install "nianbao[parquet]".') from None
    number = 0
    with whole_folder(path) as folder:
        with ExitStack() as stack:
            files = [stack.enter_context(_Files(folder, table)) for table in tidy.all_tables()]
            for record in _grouped(records, files):
                number += 1
                for one in files:
                    one.add(record)
        written = [one for one in files if one.paths]
        describe(folder, [(one.table, one.paths if one.split else one.paths[0], one.columns) for one in written])
    return number


def _grouped(records: Iterable[Mapping[str, Any]], files: list[_Files]) -> Iterator[Mapping[str, Any]]:
    """The records; whenever form or year change, the partitioned tables begin new files."""
    current = None
    for record in records:
        if current != (record["form"], record["year"]):
            current = (record["form"], record["year"])
            for one in files:
                one.turn(*current)
        yield record


class _Files:
    """The files of one table: the one being written, and the paths of all of them within the folder."""

    def __init__(self, folder: Path, table: Table) -> None:
        self.table, self._folder = table, folder
        self.split = table.by_form_and_year
        self._kept = [not (self.split and column.name in _PARTITION) for column in table.columns]
        self.columns = [column for column, kept in zip(table.columns, self._kept, strict=True) if kept]
        self.paths: list[str] = []
        self._lines: list[tuple[Any, ...]] = []
        self._most = max(1, (_CELLS if self.split else _CELLS_OF_OTHERS) // len(table.columns))
        self._writer: Any = None
        self._next = f"{table.name}.parquet"
        self._schema = _schema(self.columns)

    def __enter__(self) -> _Files:
        if not self.split:
            self._open()
        if self.table.fixed:
            self._lines = list(self.table.lines({}))
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._lines.extend(self.table.ends())
            self._flush()
        self._close()

    def turn(self, form: str | None, year: int | None) -> None:
        """Begin the next file of a partitioned table; the others go on."""
        if not self.split:
            return
        self._flush()
        self._close()
        place = f"{self.table.name}/form={form or _NOTHING}/year={_NOTHING if year is None else year}"
        before = sum(one.startswith(f"{place}/") for one in self.paths)
        self._next = f"{place}/part-{before}.parquet"

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a record's lines."""
        if self.table.fixed:
            return
        self._lines.extend(self.table.lines(record))
        if len(self._lines) >= self._most:
            self._flush()

    def _open(self) -> None:
        from pyarrow.parquet import ParquetWriter

        path = self._folder / self._next
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = ParquetWriter(path, self._schema, compression="zstd")
        self.paths.append(self._next)

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._lines:
            return
        if self._writer is None:
            self._open()
        kept = (values for values, kept in zip(zip(*self._lines, strict=True), self._kept, strict=True) if kept)
        arrays = [_array(values, field.type) for values, field in zip(kept, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._lines = []

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = None


def _schema(columns: Iterable[Column]) -> Any:
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    return pa.schema([pa.field(one.name, types[one.kind], metadata={"description": one.about}) for one in columns])


def _array(values: Sequence[Any], kind: Any) -> Any:
    """A column. Numbers are floats, which whole numbers up to 2**53 survive; text loses its lone surrogates."""
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([one and one.encode("utf-8", "backslashreplace").decode("utf-8") for one in values], kind)
    except pa.ArrowInvalid:  # a whole number that a float does not hold exactly
        return pa.array([None if one is None else float(one) for one in values], kind)
