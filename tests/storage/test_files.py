"""Files people send: kept once per content, pictures without position, bombs and strangers refused."""

import hashlib
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image, ImageFile
from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.storage import files
from app.storage.files import FileStore, StoredFile, check_scan, clean_photo, keep

GPS = 0x8825
ORIENTATION = 0x0112


def picture(
    form: str = "JPEG", size: tuple[int, int] = (60, 40), exif: Image.Exif | None = None, mode: str = "RGB"
) -> bytes:
    out = io.BytesIO()
    extra = {"exif": exif} if exif else {}
    Image.new(mode, size, "#804020" if mode == "RGB" else 0).save(out, form, **extra)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def taken_at_a_place() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (26.0, 15.0, 30.0)
    return picture(exif=exif)


def test_a_photo_loses_its_position_and_everything_else_it_tells() -> None:
    content = taken_at_a_place()
    assert opened(content).getexif().get_ifd(GPS) and b"SecretPhone" in content
    cleaned = clean_photo(content)
    assert dict(opened(cleaned).getexif()) == {} and b"SecretPhone" not in cleaned and b"Exif" not in cleaned


def test_a_photo_stands_upright_without_its_note() -> None:
    assert opened(taken_at_a_place()).size == (60, 40)
    assert opened(clean_photo(taken_at_a_place())).size == (40, 60)


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB"), ("GIF", "P"), ("PNG", "I;16")]
)
def test_every_usual_picture_becomes_a_jpeg(form: str, mode: str) -> None:
    assert opened(clean_photo(picture(form, mode=mode))).format == "JPEG"


def test_a_large_picture_is_made_smaller() -> None:
    assert opened(clean_photo(picture(size=(5000, 2500)))).size == (2000, 1000)


def test_what_hides_in_a_picture_does_not_come_through() -> None:
    assert b"<script>" not in clean_photo(picture() + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"<html>", b"PK\x03\x04" + b"0" * 100, picture()[:200], picture("PNG")[:60]]
)
def test_what_is_no_picture_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(RuleBroken) as told:
        clean_photo(content)
    assert told.value.field == "photos" and "照片" in told.value.message


def test_half_a_picture_is_refused_also_where_something_was_printed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as the printing library sets it at its import
    with pytest.raises(RuleBroken):
        clean_photo(picture("PNG")[:60])


def test_a_picture_that_would_fill_the_memory_is_refused_unread() -> None:
    """A few kilobytes that unfold to gigabytes of pixels: refused by what the head says, before decoding."""
    bomb = picture("PNG", size=(30_000, 20_000), mode="1")
    assert len(bomb) < 300_000
    with pytest.raises(RuleBroken) as told:
        clean_photo(bomb)
    assert told.value.field == "photos"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # Pillow warns before we refuse
def test_the_border_of_too_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # clean_photo sets it for the process
    monkeypatch.setattr(files, "MOST_PIXELS", 2_400)
    assert clean_photo(picture(size=(60, 40)))
    with pytest.raises(RuleBroken, match="像素"):
        clean_photo(picture(size=(60, 41)))


def test_a_file_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_PHOTO_BYTES", 100)
    with pytest.raises(RuleBroken, match="20 MB"):
        clean_photo(picture())
    with pytest.raises(RuleBroken, match="20 MB"):
        check_scan(b"%PDF-" + b"0" * 200)


def test_a_scan_is_a_pdf_as_it_is_or_a_cleaned_picture() -> None:
    pdf = b"%PDF-1.7\nhello"
    assert check_scan(pdf) == (pdf, "application/pdf")
    content, media_type = check_scan(taken_at_a_place())
    assert media_type == "image/jpeg" and b"SecretPhone" not in content
    with pytest.raises(RuleBroken) as told:
        check_scan(b"hello")
    assert told.value.field == "scan" and "扫描件" in told.value.message


def test_the_same_bytes_are_kept_once_whoever_sends_them(session: Session, tmp_path: Path) -> None:
    store, content = FileStore(str(tmp_path / "files")), b"one sheet"
    first, second = keep(session, store, content, "application/pdf"), keep(session, store, content, "text/plain")
    assert first.id == second.id and first.size == len(content)
    assert first.sha256 == hashlib.sha256(content).hexdigest()
    assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 1
    assert len([p for p in (tmp_path / "files").rglob("*") if p.is_file()]) == 1
    assert store.read(first.sha256) == content


def test_what_is_not_there_is_an_error_and_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileStore(str(tmp_path)).read("0" * 64)
