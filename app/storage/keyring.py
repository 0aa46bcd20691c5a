"""Keys and what is sealed with them: AES-GCM for values, a keyed hash for looking a value up again.

Keys come from the environment or are generated (mode 0600) in the data directory at first start. Every sealed
text names its scheme and key, so that another scheme (SM4/SM3) or a new key can be added beside the old.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

SCHEME = "g1"  # AES-256-GCM, 96-bit random nonce
FILE_NAME = "keys.json"


@dataclass(frozen=True)
class KeyRing:
    """`sealing` maps key ids to 32-byte keys; `current` is the id that new values are sealed with."""

    sealing: Mapping[str, bytes]
    current: str
    lookup: bytes
    signing: bytes

    def seal(self, text: str) -> str:
        """`scheme.key.payload`, ASCII; the same text never seals to the same value twice."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self.sealing[self.current]).encrypt(nonce, text.encode(), self.current.encode())
        return f"{SCHEME}.{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str) -> str:
        """The text under the seal; raises ValueError for an unknown scheme or key, InvalidTag when altered."""
        scheme, key_id, payload = sealed.split(".", 2)
        if scheme != SCHEME or key_id not in self.sealing:
            raise ValueError(f"sealed with an unknown scheme or key: {scheme}.{key_id}")
        raw = base64.urlsafe_b64decode(payload)
        return AESGCM(self.sealing[key_id]).decrypt(raw[:12], raw[12:], key_id.encode()).decode()

    def lookup_hash(self, value: str) -> str:
        """A keyed hash by which an equal value is found without opening any seal (64 hex digits)."""
        return hmac.new(self.lookup, value.encode(), hashlib.sha256).hexdigest()

    def derived(self, key_id: str, purpose: str) -> bytes:
        """A 32-byte key for one other purpose, made from a sealing key; raises KeyError for an unknown key."""
        return hmac.new(self.sealing[key_id], f"ketepai {purpose}".encode(), hashlib.sha256).digest()


def load_keyring(data_dir: Path, environ: Mapping[str, str]) -> KeyRing:
    """The ring from KETEPAI_KEYS (JSON as in the file), or from the data directory, made there at first start."""
    text = environ.get("KETEPAI_KEYS")
    if not text:
        path = data_dir / FILE_NAME
        if not path.exists():
            _write_new_keys(path)
        text = path.read_text(encoding="utf8")
    stored = json.loads(text)
    return KeyRing(
        sealing={key_id: bytes.fromhex(value) for key_id, value in stored["sealing"].items()},
        current=stored["current"],
        lookup=bytes.fromhex(stored["lookup"]),
        signing=bytes.fromhex(stored["signing"]),
    )


def _write_new_keys(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key_id = "k" + secrets.token_hex(3)
    content = json.dumps(
        {
            "current": key_id,
            "sealing": {key_id: secrets.token_hex(32)},
            "lookup": secrets.token_hex(32),
            "signing": secrets.token_hex(32),
        },
        indent=1,
    )
    # Written whole and linked into place without overwriting: two workers starting at once agree on one ring.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf8") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def keyring_of(session: Session) -> KeyRing:
    """The ring a session carries (put there by `open_session`)."""
    ring: KeyRing = session.info["keyring"]
    return ring
