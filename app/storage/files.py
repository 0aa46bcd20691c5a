"""Files people send: content-addressed, private, typed by content, pictures re-encoded; through one store.

The store is a folder of the data directory by default, or any fsspec address by setting (S3-compatible).
Files are never served from the name they were uploaded with; who may open one is decided by the record it hangs on.
"""

import hashlib
import io
from dataclasses import dataclass

import fsspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.refusals import RuleBroken
from app.storage import columns
from app.storage.base import Base

LARGEST_PHOTO_BYTES = 20 * 1024 * 1024
LARGEST_SHEET_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_EDGE = 2000


class StoredFile(Base):
    __tablename__ = "stored_files"
    __table_args__ = ({"comment": "one row per content; records point here"},)

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True, comment="of the stored bytes")
    media_type: Mapped[str] = mapped_column(sa.String(100), comment="decided by content, not by name")
    size: Mapped[int] = mapped_column(columns.BIG, comment="bytes")
    made_at: Mapped[columns.created_at]


@dataclass(frozen=True)
class FileStore:
    """Bytes by content hash under one fsspec address (a folder, or s3://bucket/prefix)."""

    address: str

    def write(self, sha256: str, content: bytes) -> None:
        fs, root = fsspec.core.url_to_fs(self.address)
        path = f"{root}/{sha256[:2]}/{sha256}"
        if not fs.exists(path):
            fs.makedirs(f"{root}/{sha256[:2]}", exist_ok=True)
            fs.pipe_file(path, content)

    def read(self, sha256: str) -> bytes:
        fs, root = fsspec.core.url_to_fs(self.address)
        content: bytes = fs.cat_file(f"{root}/{sha256[:2]}/{sha256}")
        return content


def keep(session: Session, store: FileStore, content: bytes, media_type: str) -> StoredFile:
    """Store bytes once, whoever sends them how often."""
    sha256 = hashlib.sha256(content).hexdigest()
    known = session.scalar(sa.select(StoredFile).where(StoredFile.sha256 == sha256))
    if known is not None:
        return known
    store.write(sha256, content)
    row = StoredFile(sha256=sha256, media_type=media_type, size=len(content))
    session.add(row)
    session.flush()
    return row


def clean_photo(content: bytes) -> bytes:
    """A photo as JPEG without position or other EXIF, at most 2,000 pixels on its longer edge.

    Refused: larger than 20 MB, no picture at all, more than 60 million pixels.
    """
    if len(content) > LARGEST_PHOTO_BYTES:
        raise RuleBroken("照片超过20 MB，请压缩后再传，或少选几张。", field="photos")
    from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError  # only when a photo comes

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the printing library turns it on for the whole process
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise RuleBroken("照片像素过大，请用手机的普通拍照模式重拍。", field="photos")
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
            out = io.BytesIO()
            upright.convert("RGB").save(out, "JPEG", quality=85)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise RuleBroken("这个文件不是能识别的照片（支持JPG、PNG、WebP等），请重新选择。", field="photos") from None


def check_scan(content: bytes) -> tuple[bytes, str]:
    """A sealed sheet: a PDF as it is, or a photo cleaned like any other. Returns bytes and media type."""
    if content[:5] == b"%PDF-":
        if len(content) > LARGEST_PHOTO_BYTES:
            raise RuleBroken("PDF超过20 MB，请压缩后再传。", field="scan")
        return content, "application/pdf"
    try:
        return clean_photo(content), "image/jpeg"
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message.replace("照片", "扫描件"), field="scan") from None
