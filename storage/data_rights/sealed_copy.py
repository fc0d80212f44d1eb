"""Seal a copy of somebody's data as a page that only their passphrase opens, in any browser and without a network.

A new P-256 key pair is made for each copy. The bot keeps the public key, and the private one wrapped under the
passphrase (AES-256-GCM, HKDF-SHA-256), which it keeps nowhere: neither the database nor its secrets open a copy.
The passphrase has 125 random bits, so that no slow derivation is needed. Page and module do the same:
https://www.w3.org/TR/webcrypto-2/.
"""

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from importlib.resources import files

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters: without l, o, 0 and 1, which look like others."""
GROUPS, GROUP = 5, 5
CURVE = ec.SECP256R1()
NONCE = 12


@dataclass(frozen=True, slots=True)
class CopyKey:
    """The key pair of one copy, in base64."""

    public: str
    wrapped: str
    """Nonce and private key, encrypted under the passphrase."""


def make_copy_key() -> tuple[str, CopyKey]:
    """Return a new passphrase and the key pair that it opens."""
    passphrase = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    private = ec.generate_private_key(CURVE)
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    wrapped = _encrypt(_derive(passphrase.encode(), b"pulse passphrase"), plain)
    return passphrase, CopyKey(_encode(_write_public(private.public_key())), _encode(wrapped))


def seal_copy(key: CopyKey, text: str) -> str:
    """Return a page of HTML that shows the text to whoever types the passphrase."""
    once = ec.generate_private_key(CURVE)
    whom = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, b64decode(key.public))
    body = _encrypt(_derive(once.exchange(ec.ECDH(), whom), b"pulse copy"), text.encode())
    sealed = {**asdict(key), "once": _encode(_write_public(once.public_key())), "body": _encode(body)}
    page = files("storage.data_rights").joinpath("copy_page.html").read_text(encoding="utf-8")
    return page.replace("SEALED_COPY", json.dumps(sealed))


def _derive(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=info).derive(secret)


def _encrypt(key: bytes, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _write_public(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _encode(raw: bytes) -> str:
    return b64encode(raw).decode()
