"""`vocabulary export|import|check`: out, changed, in again as dated edits; wrong files change nothing."""

import csv

from app import create_app
from app.domain.matching.vocabulary import COLUMNS
from app.features.vocabulary import concepts
from app.storage.session import reading


def call(app, *words: str, code=0):
    result = app.test_cli_runner().invoke(args=["vocabulary", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_what_is_exported_changed_and_imported_holds_at_once(app, client, tmp_path, today):
    out = tmp_path / "v.csv"
    call(app, "export", "--out", str(out))
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 2000
    rows[0]["alternatives"] += "|本地怪叫法"
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    assert "可导入 1 个概念" in call(app, "import", str(out), "--dry-run")
    with reading(client.platform.engine, client.platform.keyring) as session:
        assert concepts.stamp(session, today) == (0, "")
    assert "已导入 1 个概念" in call(app, "import", str(out), "--words", "按乡镇反映")
    with reading(client.platform.engine, client.platform.keyring) as session:
        assert [c.id for c in concepts.find(session, today, "本地怪叫法")] == [rows[0]["id"]]
    assert "概念" in call(app, "check")


def test_a_wrong_file_changes_nothing(app, client, tmp_path, today):
    bad = tmp_path / "bad.csv"
    bad.write_text(f"{','.join(COLUMNS)}\nown.a,甲级虫,,,own.nowhere,,,,\n", encoding="utf-8")
    assert "上位词不存在" in call(app, "import", str(bad), code=1)
    assert "不能早于今天" in call(app, "import", str(bad), "--valid-from", "2026-01-01", code=1)
    bad.write_text("id\n", encoding="utf-8")
    assert "缺少列" in call(app, "import", str(bad), code=1)
    with reading(client.platform.engine, client.platform.keyring) as session:
        assert concepts.stamp(session, today) == (0, "")


def test_the_shipped_vocabulary_is_healthy_before_there_is_an_installation(monkeypatch, tmp_path):
    monkeypatch.setenv("KETEPAI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("KETEPAI_DATABASE_URL", raising=False)
    fresh = create_app()
    assert "问题" not in call(fresh, "check")
    call(fresh, "export", "--out", str(tmp_path / "all.csv"))
    assert "脐橙" in (tmp_path / "all.csv").read_text(encoding="utf-8")
    assert "还没有数据" in call(fresh, "import", str(tmp_path / "all.csv"), code=1)
