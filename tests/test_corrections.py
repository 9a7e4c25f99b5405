"""Corrections lie over what was read, never in its place; nobody's is lost, and nobody overwrites another's."""

from __future__ import annotations

import copy
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.bulk.worker import Job, failed_record
from pipeline.corrections import Change, Correction, corrected, is_settled, read_changes, settle
from pipeline.datamodel import Fact, Field, Location, Record
from pipeline.doubts import cell_worths, worth
from pipeline.errors import ConflictError, UsageError
from pipeline.forms import load_forms
from pipeline.judge import judge
from pipeline.storage import Store, open_store

WHO = "王审核"
REGULATION = "disclosure.regulations.issued"  # stands in no identity
COLUMNS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation", "total")
RECEIVED = [f"requests.received.{name}" for name in COLUMNS]
TOTAL = RECEIVED[-1]


def reading(confidence: float = 0.9999, **values: int | None) -> Record:
    """A report of the form 2021 in which everything is 0, but for the rows of what was received and carried out. There
    stand what is given for the columns, read with this confidence (None is a figure that cannot be read), and 5 and 5.
    """
    form = load_forms()["2021"]
    given = {f"requests.received.{name}": value for name, value in values.items()}
    fields = {name: Field(name, 0, "printed", "0", 0.9999, True, Location(1, (1, 2, 3, 4))) for name in form.fields}
    for name, value in given.items():
        state = "unreadable" if value is None else "printed"
        accepted = value is not None and confidence > 0.999
        fields[name] = fields[name]._replace(value=value, state=state, confidence=confidence, accepted=accepted)
    for column in ("natural_person", "total"):
        name = f"requests.carried_out.{column}"
        fields[name] = fields[name]._replace(value=5)
    settled, checks = judge(fields, form)
    fact = Fact("requests_received", 5, "5件", 0.99, True, Location(1))
    return Record("a.pdf", "a" * 64, "application/pdf", 1, "2021", "云岭市", 2022, "年报", settled, {fact.name: fact},
                  checks=checks, versions={"nianbao": "1", "model": "m", "forms": "1"})  # fmt: skip


def correction(number: int, change: Change, record: dict[str, Any], **more: Any) -> Correction:
    was = {key: record["fields"][change.field][key] for key in ("value", "state", "accepted")}
    made = {"who": WHO, "at": "2023-01-02T03:04:05+00:00", "version": number} | more
    return Correction(
        number,
        "a" * 64,
        field=change.field,
        action=change.action,
        before=was,
        after=settle(was, change),
        predicted=was,
        **made,
    )


MISREAD = reading(0.95, natural_person=5, total=6).to_dict()
SOUND = reading(natural_person=5, total=5).to_dict()
ROW = "row_total.requests.received"


def failed(record: dict[str, Any]) -> list[str]:
    return [check["id"] for check in record["checks"] if check["holds"] is False]


def test_a_record_without_corrections_is_as_it_was() -> None:
    assert corrected(MISREAD, []) == MISREAD


def test_a_corrected_figure_lies_over_the_one_that_was_read_and_checks_turn() -> None:
    assert MISREAD["status"] == "needs_review"
    assert failed(MISREAD) == [ROW, "balance.total"]
    before = copy.deepcopy(MISREAD)
    new = corrected(MISREAD, [correction(1, Change(TOTAL, "value", 5), MISREAD)])
    assert before == MISREAD, "what was read is left alone"
    assert new["fields"][TOTAL] == MISREAD["fields"][TOTAL] | {
        "value": 5,
        "accepted": True,
        "confidence": 1.0,
        "corrected": {
            "who": WHO,
            "at": "2023-01-02T03:04:05+00:00",
            "action": "value",
            "before": {"value": 6, "state": "printed", "accepted": False},
            "predicted": {"value": 6, "state": "printed", "accepted": False, "confidence": 0.9},
            "changed": False,
        },
    }
    assert failed(new) == []


def test_a_correction_accepts_itself_alone() -> None:
    new = corrected(MISREAD, [correction(1, Change(TOTAL, "value", 5), MISREAD)])
    doubted = {name for name, field in MISREAD["fields"].items() if not field["accepted"]}
    assert {name for name, field in new["fields"].items() if not field["accepted"]} == doubted - {TOTAL}
    assert new["status"] == "needs_review"


def test_a_figure_that_breaks_a_sum_is_in_doubt_until_it_is_accepted_as_it_stands() -> None:
    """People mistype: nothing wrong must be accepted because somebody's finger slipped."""
    assert SOUND["status"] == "accepted"
    typed = correction(1, Change(TOTAL, "value", 7), SOUND)
    broken = corrected(SOUND, [typed])
    assert failed(broken) == [ROW, "balance.total", "prose.requests_received"]
    assert broken["status"] == "needs_review"
    assert (broken["fields"][TOTAL]["value"], broken["fields"][TOTAL]["accepted"]) == (7, False)
    sure = corrected(SOUND, [typed, correction(2, Change(TOTAL, "accept"), broken)])
    assert failed(sure) == failed(broken)
    assert (sure["fields"][TOTAL]["value"], sure["fields"][TOTAL]["accepted"]) == (7, True)
    assert sure["fields"][TOTAL]["confidence"] == 1.0


def test_a_correction_that_breaks_a_sum_puts_its_neighbours_in_doubt_until_it_is_undone() -> None:
    sound = reading(0.9995, natural_person=5, total=5).to_dict()
    sound["fields"][RECEIVED[0]]["confidence"] = 0.995  # accepted, yet not so sure that it could not be the one
    made = correction(1, Change(TOTAL, "value", 7), sound)
    assert not corrected(sound, [made])["fields"][RECEIVED[0]]["accepted"]
    undone = Correction(**{name: getattr(made, name) for name in made.__slots__} | {"undone_by": 2})
    assert corrected(sound, [undone]) == sound


def test_a_report_that_is_wrong_itself_is_accepted_once_a_person_has_seen_all_of_it() -> None:
    changes = [Change(name, "accept") for name, field in MISREAD["fields"].items() if not field["accepted"]]
    new = corrected(MISREAD, [correction(number, one, MISREAD) for number, one in enumerate(changes, 1)])
    assert new["status"] == "accepted"
    assert is_settled(new)
    assert not is_settled(MISREAD)
    assert {check["blames"] for check in new["checks"] if check["holds"] is False} == {"report"}
    assert new["fields"][TOTAL]["value"] == 6, "a value is what the document prints"


def test_prose_is_held_against_what_was_corrected() -> None:
    name = "prose.requests_received"
    assert name not in {check["id"] for check in MISREAD["checks"]}
    new = corrected(MISREAD, [correction(1, Change(TOTAL, "value", 5), MISREAD)])
    found = next(check for check in new["checks"] if check["id"] == name)
    assert (found["left"], found["right"], found["holds"]) == (5, 5, True)


def test_checks_against_other_documents_stay_until_their_figures_are_settled() -> None:
    other = {"id": "x", "kind": "cross_year", "holds": False, "left": 1, "right": 2, "fields": [TOTAL],
             "suspects": [TOTAL], "blames": "reading"}  # fmt: skip
    record = reading(0.9, natural_person=5, total=5).to_dict()
    record["checks"].append(other)
    beside = corrected(record, [correction(1, Change(REGULATION, "accept"), record)])
    assert (beside["checks"][-1], beside["status"]) == (other, "needs_review")
    accepted = corrected(record, [correction(1, Change(TOTAL, "accept"), record)])
    assert accepted["checks"][-1] == other | {"blames": None}
    changed = corrected(record, [correction(1, Change(TOTAL, "value", 7), record)])
    assert changed["checks"][-1] == other | {"holds": None, "suspects": [], "blames": None}
    assert record["checks"][-1] == other


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (Change(REGULATION, "value", -3), (-3, "printed")),
        (Change(REGULATION, "blank"), (None, "blank")),
        (Change(REGULATION, "absent"), (None, "absent")),
        (Change(REGULATION, "accept"), (0, "printed")),
    ],
)
def test_what_each_action_makes_of_a_field(change: Change, shown: tuple[Any, str]) -> None:
    field = corrected(MISREAD, [correction(1, change, MISREAD)])["fields"][REGULATION]
    assert (field["value"], field["state"], field["accepted"]) == (*shown, True)


def test_that_nobody_can_read_a_cell_can_be_said() -> None:
    record = reading(0.5, total=None).to_dict()
    field = corrected(record, [correction(1, Change(TOTAL, "accept"), record)])["fields"][TOTAL]
    assert (field["value"], field["state"], field["accepted"]) == (None, "unreadable", True)


def test_the_last_correction_of_a_field_counts() -> None:
    made = [correction(number, Change(TOTAL, "value", 10 * number), MISREAD) for number in (1, 2, 3)]
    assert corrected(MISREAD, made)["fields"][TOTAL]["value"] == 30
    assert corrected(MISREAD, reversed(made))["fields"][TOTAL]["value"] == 30


def test_a_field_that_was_not_read_at_all_takes_its_place_in_the_form() -> None:
    record = copy.deepcopy(MISREAD)
    made = correction(1, Change(TOTAL, "value", 5), MISREAD)
    del record["fields"][TOTAL]
    new = corrected(record, [made])
    assert new["fields"][TOTAL] | {"corrected": None} == {
        "value": 5, "state": "printed", "raw": "", "confidence": 1.0, "accepted": True, "location": None,
        "candidates": [], "because": [], "corrected": None,
    }  # fmt: skip


def test_corrections_of_fields_that_the_form_read_now_lacks_are_told() -> None:
    made = [correction(1, Change(TOTAL, "value", 5), MISREAD)]
    failure = failed_record(Job("a.pdf", "a" * 64), {}, stage="convert", code="timeout", message="Too long.")
    new = corrected(failure, made)
    assert [one["code"] for one in new["problems"]] == ["timeout", "correction_without_field"]
    assert (new["status"], new["fields"]) == ("failed", {})
    assert [one["code"] for one in failure["problems"]] == ["timeout"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "no change"),
        ([], "no change"),
        ({"field": TOTAL}, "no change"),
        ([1], "a change is an object"),
        ([{"field": "nonsense", "action": "blank"}], "no field 'nonsense'"),
        ([{"field": ["x"], "action": "blank"}], "no field"),
        ([{"field": "proactive.x", "action": "blank"}], "no field"),
        ([{"field": TOTAL, "action": "delete"}], "an action is one of value, blank, absent, accept"),
        ([{"field": TOTAL, "action": ["value"]}], "an action is one of"),
        ([{"field": TOTAL, "action": "value"}], "not 'None'"),
        ([{"field": TOTAL, "action": "value", "value": "5"}], "a value is a number"),
        ([{"field": TOTAL, "action": "value", "value": True}], "a value is a number"),
        ([{"field": TOTAL, "action": "value", "value": float("nan")}], "a value is a number"),
        ([{"field": TOTAL, "action": "value", "value": float("inf")}], "a value is a number"),
        ([{"field": TOTAL, "action": "value", "value": 10**400}], "a value is a number"),
        ([{"field": TOTAL, "action": "blank"}, {"field": TOTAL, "action": "absent"}], "changed twice"),
    ],
)
def test_changes_that_are_none_are_refused(given: object, said: str) -> None:
    with pytest.raises(UsageError, match=f"(?i){said}"):
        read_changes(given, "2021")


def test_changes_are_read_and_whole_numbers_stay_whole() -> None:
    given = [{"field": TOTAL, "action": "value", "value": 5.0, "more": 1}, {"field": RECEIVED[0], "action": "blank"}]
    first, second = read_changes(given, "2021")
    assert (first, type(first.value)) == (Change(TOTAL, "value", 5), int)
    assert second == Change(RECEIVED[0], "blank", None)
    with pytest.raises(UsageError, match="no field"):
        read_changes(given, None)


def test_a_correction_is_worth_the_cells_that_it_may_settle() -> None:
    worths = cell_worths(MISREAD)
    waiting = sum(name in worths for check in MISREAD["checks"] if check["holds"] is False for name in check["fields"])
    assert worths[TOTAL] == pytest.approx(0.1 + waiting)  # how likely it is wrong, and who waits for it
    assert worths[RECEIVED[0]] == pytest.approx(0.1)  # nothing says that it is wrong
    assert worth(MISREAD) > worth(reading(0.5, natural_person=5, total=5).to_dict()) > worth(SOUND) > 0


# --- in a store ---

ID = "a" * 64


@pytest.fixture
def kept(store: Store) -> Store:
    store.save(MISREAD)
    return store


def reviews(store: Store, columns: str) -> list[tuple[Any, ...]]:
    with store._engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM reviews ORDER BY document")]


def test_a_correction_is_kept_with_who_when_before_and_after(kept: Store) -> None:
    seen = kept.reviewed(ID)
    assert seen is not None
    assert (seen.version, seen.record, seen.corrections) == (0, MISREAD, ())
    after = kept.correct(ID, 0, [Change(TOTAL, "value", 5), Change(RECEIVED[0], "accept")], WHO)
    assert after.version == 1
    assert after == kept.reviewed(ID)
    assert after.predicted == MISREAD == kept.find(ID)
    first, second = kept.corrections(ID)
    assert (first.document, first.version, first.field, first.action, first.who) == (ID, 1, TOTAL, "value", WHO)
    assert first.before == first.predicted == {"value": 6, "state": "printed", "accepted": False}
    assert first.after == {"value": 5, "state": "printed", "accepted": True}
    assert first.at.endswith("+00:00")
    assert (second.field, second.action, second.after["value"]) == (RECEIVED[0], "accept", 5)
    assert list(kept.corrected_records()) == [after.record]
    assert list(kept.records()) == [MISREAD]


def test_what_was_corrected_together_is_undone_together_latest_first(kept: Store) -> None:
    one = kept.correct(ID, 0, [Change(TOTAL, "value", 5), Change(RECEIVED[0], "accept")], WHO)
    two = kept.correct(ID, 1, [Change(TOTAL, "blank")], "李")
    assert two.record["fields"][TOTAL]["corrected"]["before"] == {"value": 5, "state": "printed", "accepted": True}
    assert two.record["fields"][TOTAL]["corrected"]["predicted"]["value"] == 6
    assert kept.undo(ID, 2, "李").record == one.record
    back = kept.undo(ID, 3, "张")
    assert (back.record, back.version) == (MISREAD, 4)
    with pytest.raises(UsageError, match="nothing left to undo"):
        kept.undo(ID, 4, "张")
    told = [(row.id, row.version, row.action, row.who, row.undone_by) for row in back.corrections]
    start = told[0][0]
    assert [(number - start, *rest[:3], rest[3] and rest[3] - start) for number, *rest in told] == [
        (0, 1, "value", WHO, 4),
        (1, 1, "accept", WHO, 5),
        (2, 2, "blank", "李", 3),
        (3, 3, "undo", "李", None),
        (4, 4, "undo", "张", None),
        (5, 4, "undo", "张", None),
    ]
    assert back.corrections[4].after == {"value": 6, "state": "printed", "accepted": False}
    assert kept.correct(ID, 4, [Change(TOTAL, "value", 5)], WHO).record["fields"][TOTAL]["value"] == 5


def test_who_was_slower_is_told_and_changes_nothing(kept: Store) -> None:
    kept.correct(ID, 0, [Change(TOTAL, "value", 5)], WHO)
    for slower in (
        lambda: kept.correct(ID, 0, [Change(TOTAL, "value", 7)], "李"),
        lambda: kept.undo(ID, 0, "李"),
        lambda: kept.correct(ID, 2, [Change(TOTAL, "value", 7)], "李"),
    ):
        with pytest.raises(ConflictError, match=f"{WHO} changed this document at .* nothing was changed") as told:
            slower()
        assert (told.value.by, told.value.version) == (WHO, 1)
        assert told.value.at == next(kept.corrections()).at
    assert [one.after["value"] for one in kept.corrections()] == [5]


def test_a_document_that_the_store_has_not_cannot_be_corrected(kept: Store) -> None:
    with pytest.raises(UsageError, match="no such document"):
        kept.correct("b" * 64, 0, [Change(TOTAL, "value", 5)], WHO)
    assert kept.reviewed("b" * 64) is None
    with pytest.raises(UsageError, match="no field 'nonsense'"):
        kept.correct(ID, 0, [Change(TOTAL, "accept"), Change("nonsense", "accept")], WHO)
    assert list(kept.corrections()) == []
    assert kept.correct(ID, 0, [Change(TOTAL, "accept")], WHO).version == 1


def test_people_who_correct_at_once_do_not_overwrite_each_other(url: str) -> None:
    """Each of several programs adds one, again and again, to what it saw: every addition arrives."""
    lost: list[str] = []
    failures: list[BaseException] = []

    def count(who: str) -> None:
        try:
            with open_store(url) as own:
                left = 5
                while left:
                    seen = own.reviewed(ID)
                    assert seen is not None
                    value = seen.record["fields"][TOTAL]["value"]
                    try:
                        own.correct(ID, seen.version, [Change(TOTAL, "value", value + 1)], who)
                        left -= 1
                    except ConflictError as told:
                        lost.append(told.by)
        except BaseException as error:
            failures.append(error)

    with open_store(url) as store:
        store.save(MISREAD)
        threads = [threading.Thread(target=count, args=[who]) for who in ("甲", "乙", "丙")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        after = store.reviewed(ID)
    assert after is not None
    assert (after.record["fields"][TOTAL]["value"], after.version) == (6 + 15, 15)
    assert [one.after["value"] for one in after.corrections] == list(range(7, 22))
    assert set(lost) <= {"甲", "乙", "丙"}


def test_a_new_conversion_keeps_corrections_and_marks_what_it_reads_otherwise(kept: Store) -> None:
    kept.correct(ID, 0, [Change(TOTAL, "value", 5), Change(RECEIVED[0], "accept")], WHO)
    kept.save(reading(0.95, natural_person=4, total=6).to_dict())
    new = kept.reviewed(ID)
    assert new is not None
    marks = {name: new.record["fields"][name]["corrected"]["changed"] for name in (TOTAL, RECEIVED[0])}
    assert marks == {TOTAL: False, RECEIVED[0]: True}
    assert (new.record["fields"][RECEIVED[0]]["value"], new.predicted["fields"][RECEIVED[0]]["value"]) == (5, 4)
    assert new.version == 2
    with pytest.raises(ConflictError, match="read anew") as told:
        kept.correct(ID, 1, [Change(RECEIVED[1], "accept")], WHO)
    assert (told.value.by, told.value.at, told.value.version) == ("", "", 2)
    assert next(iter(kept.corrected_records())) == new.record


def test_a_conversion_that_fails_does_not_lose_corrections(kept: Store) -> None:
    """Neither by its failed record, nor where other bytes come under its path, nor by reading that path anew."""
    kept.correct(ID, 0, [Change(TOTAL, "value", 5)], WHO)
    versions = MISREAD["versions"]
    kept.save(failed_record(Job("a.pdf", ID), versions, stage="convert", code="timeout", message="Too long."))
    other = reading().to_dict()
    other["source"]["sha256"] = "b" * 64
    kept.save(other)
    kept.forget_unread("a.pdf")
    failure, _ = kept.corrected_records()
    assert [one["code"] for one in failure["problems"]] == ["timeout", "correction_without_field"]
    kept.save(MISREAD)
    again = kept.reviewed(ID)
    assert again is not None
    assert again.record["fields"][TOTAL]["value"] == 5


def test_a_failure_that_nobody_corrected_still_goes_when_its_path_holds_other_bytes(kept: Store) -> None:
    kept.save(
        failed_record(Job("a.pdf", ID), MISREAD["versions"], stage="convert", code="timeout", message="Too long.")
    )
    other = reading().to_dict()
    other["source"]["sha256"] = "b" * 64
    kept.save(other)
    assert [record["source"]["sha256"] for record in kept.records()] == ["b" * 64]
    assert reviews(kept, "document") == [("b" * 64,)]


def test_the_queue_s_row_is_as_the_record_is_with_corrections(kept: Store) -> None:
    columns = "version, status, causes, doubtful, failed, corrected, worth, reviewed_at"
    doubtful = sum(not field["accepted"] for field in MISREAD["fields"].values())
    assert reviews(kept, columns) == [
        (0, "needs_review", "failed_check doubtful_field", doubtful, 2, 0, worth(MISREAD), None)
    ]
    after = kept.correct(ID, 0, [Change(TOTAL, "value", 5)], WHO)
    told = (1, "needs_review", "doubtful_field", doubtful - 1, 0, 1, worth(after.record))
    assert reviews(kept, columns) == [(*told, after.corrections[0].at)]
    kept.save(MISREAD)
    assert reviews(kept, columns)[0][:-1] == (2, *told[1:])
    kept.undo(ID, 2, WHO)
    assert reviews(kept, "doubtful, corrected") == [(doubtful, 0)]


def test_records_can_be_chosen_by_their_status_with_corrections(kept: Store) -> None:
    sound = copy.deepcopy(SOUND)
    sound["source"] |= {"sha256": "b" * 64, "path": "b.pdf"}
    kept.save(sound)
    changes = [Change(name, "accept") for name, field in MISREAD["fields"].items() if not field["accepted"]]
    kept.correct(ID, 0, changes, WHO)
    assert [one["source"]["path"] for one in kept.corrected_records(status="accepted")] == ["a.pdf", "b.pdf"]
    assert [one["source"]["path"] for one in kept.records(status="accepted")] == ["b.pdf"]
    assert list(kept.corrected_records(status="needs_review")) == []


def test_corrections_hold_a_document_in_the_store(kept: Store) -> None:
    kept.correct(ID, 0, [Change(TOTAL, "value", 5)], WHO)
    with pytest.raises(sa.exc.IntegrityError), kept._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM documents")
    assert len(list(kept.corrections())) == 1
