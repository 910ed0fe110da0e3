"""The commands as a shell sees them: output, exit codes, one-line refusals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EVAL, ROOT


def zhuanban(
    *arguments: str, stdin: bytes | None = None, cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZHUANBAN_")}
    environment = (
        clean | {f"ZHUANBAN_{name}": value for name, value in settings.items()} | {"PYTHONPATH": str(ROOT)}
    )
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], input=stdin, capture_output=True, env=environment,
        cwd=cwd or ROOT, timeout=120, check=False,
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[bytes], says: str, code: int = 1) -> None:
    error = done.stderr.decode()
    assert done.returncode == code, error
    assert says in error
    assert "Traceback" not in error
    if code == 1:
        assert error.count("\n") == 1


def test_ask_prints_the_answer() -> None:
    done = zhuanban("ask", "黑加油点归谁管")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().startswith("黑加油点：任务1.1。方案未明确牵头单位")


def test_ask_json_has_the_contracts_shape() -> None:
    answer = json.loads(zhuanban("ask", "黑加油点归谁管", "--json").stdout)
    assert {
        "question",
        "decision",
        "intent",
        "tasks",
        "lead",
        "units",
        "groups",
        "suggested",
        "quotes",
        "text",
    } <= set(answer)
    assert answer["decision"] == "answer"
    assert answer["tasks"][0]["id"] == "1.1"
    assert answer["suggested"] == {"unit": "县商务局", "because": "成品油流通"}
    plan = json.loads(zhuanban("plan", "show", "--json").stdout)
    quote = answer["quotes"][0]
    assert plan["text"][quote["start"] : quote["end"]] == quote["text"]


def test_jsonl_answers_line_by_line_whatever_comes() -> None:
    lines = [
        '{"q": "水库除险加固是哪些单位负责？"}', '{"q": "那牵头的是哪家", "prev": "水库除险加固是哪些单位负责？"}', "我们局有哪些任务",
        '{"q": 5}', "{broken", "", "[" * 5000, '{"q": "x", "prev": 7}',
    ]  # fmt: skip
    stdin = "\n".join(lines).encode() + b"\n\xff\xfe\xfd\n" + "黑".encode() * 40_000 + b"\n"
    done = zhuanban("ask", "--jsonl", "--as-unit", "县商务局", stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(lines) + 2
    assert [answers[i]["tasks"][0]["id"] for i in (0, 1, 2)] == ["1.5", "1.5", "1.1"]
    assert all(answer["decision"] == "refuse" for answer in answers[3:])


def test_nothing_heavy_is_imported_to_answer() -> None:
    program = (
        "import sys; from bot.answering import build_engine; from bot.settings import Settings; "
        "build_engine(Settings()).answerer.answer('黑加油点归谁管'); "
        "print([n for n in ('torch', 'transformers', 'sentence_transformers', 'telegram', 'sqlalchemy', 'sklearn', 'scipy') "
        "if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_dense_leg_can_be_switched_off_and_says_so() -> None:
    answer = json.loads(zhuanban("ask", "黑加油点归谁管", "--json", EMBEDDING_MODEL="off").stdout)
    assert answer["legs"] == ["lexical"]
    doctor = json.loads(zhuanban("doctor", "--json", EMBEDDING_MODEL="off").stdout)
    (dense,) = [check for check in doctor if check["name"] == "dense leg"]
    assert dense["state"] == "note"
    assert "lexical only" in dense["detail"]


def test_plan_list_and_lint() -> None:
    listed = zhuanban("plan", "list").stdout.decode().splitlines()
    assert len(listed) == 23
    assert listed[-1] == "3.10\t深入推进食品药品安全工作"
    assert "unit-not-in-roster\t1.1\t县城管局" in zhuanban("plan", "lint").stdout.decode()


def test_eval_prints_figures() -> None:
    figures = json.loads(zhuanban("eval", str(EVAL / "dev.jsonl"), "--json").stdout)[0]
    assert figures["units exact"] == 1.0
    assert set(figures["risk_coverage"]) == {"50%", "60%", "70%", "80%", "90%", "100%"}


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (("ask", "谁管"), {"EMBEDDING_MODEL": "./missing"}, "no such folder"),
        (("ask", "谁管"), {"LLM_TIMEOUT_S": "soon"}, "ZHUANBAN_LLM_TIMEOUT_S"),
        (("ask", "谁管"), {"TIMEZONE": "Mars/Base"}, "ZHUANBAN_TIMEZONE"),
        (("ask", "谁管"), {"ADMINS": "me"}, "ZHUANBAN_ADMINS"),
        (("eval", "missing.jsonl"), {}, "missing.jsonl"),
        (("run",), {}, "ZHUANBAN_TOKEN"),
        (("restore", "missing.bak"), {}, "no backup"),
        (("demo", "--port", "1", "--host", "203.0.113.1"), {}, "cannot listen"),
    ],
)  # fmt: skip
def test_what_a_user_can_cause_is_one_line(
    arguments: tuple[str, ...], settings: dict[str, str], says: str, tmp_path: Path
) -> None:
    refused(zhuanban(*arguments, cwd=tmp_path, DATA_DIR=str(tmp_path), **settings), says)


@pytest.mark.parametrize(
    "arguments", [("ask",), ("ask", "x", "--jsonl"), ("nonsense",), ("ask", "x", "--as-unit", "无此局")]
)
def test_wrong_usage_exits_with_two(arguments: tuple[str, ...]) -> None:
    done = zhuanban(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr.decode()


def test_broken_question_sets_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(
        '{"id": "1", "q": "x", "kind": "task"}\n{"id": "2", "q": "x", "kind": "nonsense"}\n', encoding="utf-8"
    )
    refused(zhuanban("eval", str(path)), "line 2")


def test_a_database_is_made_backed_up_and_restored(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path / "data")}
    assert zhuanban("db", "upgrade", **settings).returncode == 0
    copy = tmp_path / "copy.bak"
    assert zhuanban("backup", str(copy), **settings).returncode == 0
    done = zhuanban("restore", str(copy), **settings)
    assert done.returncode == 0, done.stderr.decode()
    assert "kept at" in done.stdout.decode()
    copy.write_bytes(b"not a database")
    refused(zhuanban("restore", str(copy), **settings), "is not a sound database")
