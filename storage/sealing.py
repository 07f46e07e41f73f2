"""Voiceprints are encrypted with a key that lies outside the library.

Who copies the database, or a backup of it, does not have the voices. A sealed value is bound to
where it belongs, so that it cannot be moved to another person's row.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meeting_app.errors import VoiceKeyError

_KEY_BYTES = 32  # AES-256
_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random; far below 2^32 values are sealed
_WAY_OUT = "put the file back from a backup, or forget all voices"


class Sealer:
    """Seals and opens with the key of one file, which is made with the first value sealed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def has_key(self) -> bool:
        """Whether the file is there."""
        return self.path.is_file()

    def seal(self, plain: bytes, belongs_to: str) -> bytes:
        """``plain`` encrypted; only what belongs to the same opens it.

        Raises:
            VoiceKeyError: the key cannot be read or made.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._key_or_new()).encrypt(nonce, plain, belongs_to.encode())

    def open(self, sealed: bytes, belongs_to: str) -> bytes:
        """What was sealed.

        Raises:
            VoiceKeyError: the key is gone, or another; or the value was changed or moved.
        """
        nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._key()).decrypt(nonce, encrypted, belongs_to.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: cut shorter than a nonce
            raise VoiceKeyError(
                f"{self.path}: not the key of the voiceprints, or they are damaged; {_WAY_OUT}"
            ) from error

    def lost(self) -> VoiceKeyError:
        """The error of a key that is gone while voiceprints need it."""
        return VoiceKeyError(f"{self.path}: the key of the voiceprints is gone; {_WAY_OUT}")

    def _key_or_new(self) -> bytes:
        if not self.path.exists():
            try:
                self._make()
            except FileExistsError:  # another process was faster
                pass
            except OSError as error:
                raise VoiceKeyError(
                    f"{self.path}: the key of the voiceprints cannot be made "
                    f"({error.strerror}); set voices.key_file to a place that can be written"
                ) from error
        return self._key()

    def _make(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or not at all: a key that is half written seals what nobody opens again.
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        text = base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(part, self.path)  # unlike a rename, never over a key that is there
        finally:
            part.unlink(missing_ok=True)

    def _key(self) -> bytes:
        try:
            key = base64.b64decode(self.path.read_bytes().strip(), validate=True)
        except FileNotFoundError as error:
            raise self.lost() from error
        except OSError as error:
            raise VoiceKeyError(
                f"{self.path}: the key of the voiceprints cannot be read ({error.strerror}); "
                "check the file's rights"
            ) from error
        except binascii.Error as error:
            raise VoiceKeyError(f"{self.path}: holds no key of voiceprints; {_WAY_OUT}") from error
        if len(key) != _KEY_BYTES:
            raise VoiceKeyError(f"{self.path}: a key of {len(key)} bytes; {_WAY_OUT}")
        return key
