"""Keys and seals: what is sealed opens again, what was altered does not, and a new key stands beside the old."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from app.storage.keyring import FILE_NAME, SCHEME, KeyRing, load_keyring

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
RING = KeyRing({"old": OLD}, "old", lookup=b"l" * 32, signing=b"s" * 32)
ROTATED = KeyRing({"old": OLD, "new": NEW}, "new", lookup=b"l" * 32, signing=b"s" * 32)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_what_is_sealed_opens_again_and_shows_nothing(text: str) -> None:
    sealed = RING.seal(text)
    assert RING.open(sealed) == text
    assert sealed.isascii() and sealed.startswith(f"{SCHEME}.old.")
    assert len(text) < 4 or text not in sealed


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert len({RING.seal("13900000001") for _ in range(50)}) == 50


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    import base64

    scheme, key_id, payload = RING.seal("350424198005170011").split(".")
    raw = bytearray(base64.urlsafe_b64decode(payload))
    raw[place % len(raw)] ^= change
    with pytest.raises(InvalidTag):
        RING.open(f"{scheme}.{key_id}.{base64.urlsafe_b64encode(bytes(raw)).decode()}")


def test_a_seal_does_not_open_under_the_name_of_another_key() -> None:
    """The key's name is authenticated too: a value cannot be moved to another key by renaming it."""
    same_bytes = KeyRing({"old": OLD, "twin": OLD}, "old", lookup=b"l" * 32, signing=b"s" * 32)
    with pytest.raises(InvalidTag):
        same_bytes.open(same_bytes.seal("甲").replace(".old.", ".twin."))


@pytest.mark.parametrize("sealed", ["g1.gone.AAAA", "sm4.old.AAAA"])
def test_an_unknown_scheme_or_key_is_named(sealed: str) -> None:
    with pytest.raises(ValueError, match="unknown scheme or key"):
        RING.open(sealed)


def test_after_a_new_key_old_values_open_and_new_ones_name_the_new_key() -> None:
    before = RING.seal("旧")
    assert ROTATED.open(before) == "旧"
    after = ROTATED.seal("新")
    assert after.split(".")[1] == "new" and ROTATED.open(after) == "新"
    with pytest.raises(ValueError):
        RING.open(after)


def test_looking_up_survives_a_new_sealing_key_and_depends_on_its_own() -> None:
    assert RING.lookup_hash("phone:13900000001") == ROTATED.lookup_hash("phone:13900000001")
    other = KeyRing({"old": OLD}, "old", lookup=b"x" * 32, signing=b"s" * 32)
    assert other.lookup_hash("phone:13900000001") != RING.lookup_hash("phone:13900000001")
    assert RING.lookup_hash("phone:1") != RING.lookup_hash("id:1")
    assert len(RING.lookup_hash("")) == 64


def test_the_first_start_makes_keys_only_their_owner_can_read(tmp_path: Path) -> None:
    made = load_keyring(tmp_path / "data", {})
    file = tmp_path / "data" / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.iterdir()] == [FILE_NAME], "no draft is left behind"
    assert load_keyring(tmp_path / "data", {}) == made
    keys = [*made.sealing.values(), made.lookup, made.signing]
    assert len(set(keys)) == 3 and all(len(k) == 32 for k in keys)


def test_two_first_starts_agree_on_one_ring(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: load_keyring(tmp_path, {}), range(24)))
    assert all(ring == rings[0] for ring in rings)


def test_keys_of_the_environment_come_before_the_file(tmp_path: Path) -> None:
    text = json.dumps({"current": "e", "sealing": {"e": NEW.hex()}, "lookup": OLD.hex(), "signing": NEW.hex()})
    assert load_keyring(tmp_path, {"KETEPAI_KEYS": text}).sealing == {"e": NEW}
    assert not (tmp_path / FILE_NAME).exists()
