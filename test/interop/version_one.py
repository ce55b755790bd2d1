"""Version 1 to the octet: conventions, packets and sums (protocol text A.1 to A.3). No I/O but the openssl command."""

import hashlib
import hmac
import re
import struct
import subprocess
import zlib

STX, ETX, ACK, NAK, ETB, EM = 0x02, 0x03, 0x06, 0x15, 0x17, 0x19
VERSION = 1
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Violation(Exception):
    """The other side did what version 1 does not allow."""


def sha(octets):
    return hashlib.sha1(octets).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha1).digest()


same = hmac.compare_digest


# --- Packets: fixed fields between STX and a trailer, no escaping


class Layout:
    def __init__(self, name, trailer, **sizes):
        self.name, self.trailer, self.sizes = name, trailer, sizes
        self.length = 2 + sum(sizes.values())

    def encode(self, **fields):
        body = b""
        for field, size in self.sizes.items():
            value = fields[field]
            octets = bytes([value]) if isinstance(value, int) else value
            assert len(octets) == size, f"{self.name}.{field}: {len(octets)} octets for {size}"
            body += octets
        return bytes([STX]) + body + bytes([self.trailer])

    def parse(self, packet):
        """A dict of the fields; one octet as a number."""
        if len(packet) != self.length or packet[0] != STX:
            raise Violation(f"{self.name}: not {self.length} octets that begin with STX")
        if packet[-1] != self.trailer:
            raise Violation(f"{self.name}: last octet {packet[-1]:02x}, not {self.trailer:02x}")
        fields, at = {}, 1
        for field, size in self.sizes.items():
            fields[field] = packet[at] if size == 1 else packet[at : at + size]
            at += size
        return fields


KE_A1 = Layout("Handshake Packet A1", EM, low=1, hi=1, account=12, dh_result=128, hash_random_a=20)
KE_B = Layout("Handshake Packet B", EM, version=1, account=12, dh_result=128, proof_b=20)
KE_A2 = Layout("Handshake Packet A2", EM, random_a=20)
DX_A1 = Layout("Transfer Packet A1", ETX, low=1, hi=1, account=12, challenge_a=20)
DX_B = Layout("Transfer Packet B", ETX, version=1, account=12, challenge_b=20, proof_b=20)
DX_A2 = Layout(
    "Transfer Packet A2", ETB, account=12, proof_a=20, delta_key_a=20, key_proof_a=20, file_proof_a=20
)
assert [each.length for each in (KE_A1, KE_B, KE_A2, DX_A1, DX_B, DX_A2)] == [164, 163, 22, 36, 55, 94]


def account_octets(digits):
    """Shorter numbers are filled with zeros from the left."""
    assert re.fullmatch("[0-9]{1,12}", digits), f"{digits!r} is no account number"
    return digits.rjust(12, "0").encode()


def account_digits(octets):
    if not re.fullmatch(rb"[0-9]{12}", octets):
        raise Violation(f"account {octets.hex()} is not twelve digits")
    return octets.decode()


# --- The group: RFC 2409 Oakley group 2, made from its formula rather than copied


def pi_floor(bits):
    """floor(2^bits * pi), by Machin's formula."""
    guard = 64
    one = 1 << (bits + guard)

    def arctan_of_inverse(x):
        power = total = one // x
        divisor, sign = 1, 1
        while power:
            power //= x * x
            divisor, sign = divisor + 2, -sign
            total += sign * (power // divisor)
        return total

    return (16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)) >> guard


N = 2**1024 - 2**960 - 1 + 2**64 * (pi_floor(894) + 129093)
Q = (N - 1) // 2
_digest = hashlib.sha256(N.to_bytes(128, "big")).hexdigest()
assert (_digest[:8], _digest[-8:]) == ("3f35a3f5", "981b67a0")


def dh_result(exponent):
    return pow(2, int.from_bytes(exponent, "big"), N).to_bytes(128, "big")


def checked_dh_result(octets):
    y = int.from_bytes(octets, "big")
    if not 2 <= y <= N - 2:
        raise Violation("DH result outside 2..n-2")
    if pow(y, Q, N) != 1:
        raise Violation("DH result outside the subgroup of order q")
    return y


def shared_z(peer_dh_result, exponent):
    y = checked_dh_result(peer_dh_result)
    return pow(y, int.from_bytes(exponent, "big"), N).to_bytes(128, "big")


# --- Key Exchange


def ke_proof_b(z):
    return sha(b"KEY_ID" + z)


def check_words(z, transcript):
    return mac(z, b"STRING_X", transcript)


def check_string(z, transcript):
    words = struct.unpack(">5I", check_words(z, transcript))
    return "".join(LETTERS[word % 32] for word in words)


def long_term_key(z, transcript):
    return mac(z, b"LONG_TERM_KEY", transcript)


def typed_check_string(text):
    """What a person typed: upper case, blanks and hyphens dropped."""
    typed = re.sub(r"[\s-]", "", text).upper()
    for letter in typed:
        if letter not in LETTERS:
            raise Violation(f"{letter!r}: letter not used")
    return typed


# --- Data Exchange


def dx_proof_b(ltk, challenges):
    return mac(ltk, challenges, b"Verify")


def dx_proof_a(ltk, challenges):
    return mac(ltk, challenges, b"Verify2")


def delta_key(ltk, challenges, key):
    """Its own inverse: the session key from DeltaKey as DeltaKey from the session key."""
    return bytes(x ^ y for x, y in zip(key, mac(ltk, challenges, b"DeltaKey")))


def key_proof(session_key, challenges):
    return mac(session_key, challenges, b"KeyProof")


def file_hash(session_key, container):
    return mac(session_key, b"File_Check", container)


def file_proof(session_key, challenges, hash_of_file):
    return mac(session_key, challenges, hash_of_file, b"Verify3")


def des_keys(session_key):
    return b"".join(mac(session_key, label)[:8] for label in (b"KEY1", b"KEY22", b"KEY333"))


def triple_des(session_key, octets, decrypt):
    command = ["openssl", "enc", "-des-ede3-cbc", "-nopad", "-iv", "0" * 16]
    command += ["-K", des_keys(session_key).hex()] + (["-d"] if decrypt else [])
    return subprocess.run(command, input=octets, stdout=subprocess.PIPE, check=True).stdout


def sealed(session_key, container):
    """The file octets C of a container F."""
    plain = container + file_hash(session_key, container)
    count = 8 - len(plain) % 8
    return triple_des(session_key, plain + bytes([count]) * count, decrypt=False)


def opened(session_key, challenges, expected_file_proof, cipher):
    """The container F of file octets C (steps 765, 770)."""
    if len(cipher) < 32 or len(cipher) % 8:
        raise Violation(f"{len(cipher)} file octets: not a multiple of 8 of at least 32")
    plain = triple_des(session_key, cipher, decrypt=True)
    count = plain[-1]
    if not 1 <= count <= 8 or plain[-count:] != bytes([count]) * count:
        raise Violation("file: bad padding")
    container, appended = plain[: -count - 20], plain[-count - 20 : -count]
    if not same(appended, file_hash(session_key, container)):
        raise Violation("file: FileHash differs")
    if not same(expected_file_proof, file_proof(session_key, challenges, appended)):
        raise Violation("file: FileProof differs")
    return container


# --- The container: POSIX ustar in one zlib stream

BLOCK = 512
# Field, offset, size of the header (POSIX), and what must stand there where that is fixed.
FIXED = [
    ("mode", 100, b"0000644\0"),
    ("type flag", 156, b"0"),
    ("link name", 157, bytes(100)),
    ("magic and version", 257, b"ustar\0" b"00"),
    ("user name", 265, bytes(32)),
    ("group name", 297, bytes(32)),
    ("device numbers", 329, b"0000000\0" b"0000000\0"),
    ("prefix", 345, bytes(155)),
]


def packed(files):
    """@param files: list of (name, content, mtime in whole seconds)"""
    archive = b""
    for name, content, mtime in files:
        archive += header(name, len(content), mtime) + content + bytes(-len(content) % BLOCK)
    return zlib.compress(archive + bytes(2 * BLOCK), 9)


def header(name, size, mtime):
    block = bytearray(BLOCK)
    encoded = name.encode()
    assert 1 <= len(encoded) <= 100 and "/" not in name
    block[: len(encoded)] = encoded
    block[108:124] = b"0000000\0" * 2
    block[124:148] = b"%011o\0%011o\0" % (size, mtime)
    for _, at, octets in FIXED:
        block[at : at + len(octets)] = octets
    block[148:156] = b"%06o\0 " % header_sum(block)
    return bytes(block)


def header_sum(block):
    return sum(block[:148]) + 8 * 0x20 + sum(block[156:])


def unpacked(container):
    """list of (name, content, mtime in whole seconds); strict: what A.3 says and nothing beside it."""
    if len(container) < 2 or container[1] & 0x20:
        raise Violation("container: zlib with a preset dictionary, or nothing")
    stream = zlib.decompressobj()
    try:
        archive = stream.decompress(container)
    except zlib.error as error:
        raise Violation(f"container: {error}") from error
    if not stream.eof or stream.unused_data:
        raise Violation("container: the zlib stream ends early, or octets follow it")
    files, at = [], 0
    while archive[at : at + BLOCK].strip(b"\0"):
        name, size, mtime = checked_header(archive[at : at + BLOCK])
        content = archive[at + BLOCK : at + BLOCK + size]
        if len(content) != size:
            raise Violation(f"container: {name!r} is cut short")
        files.append((name, content, mtime))
        at += BLOCK + size + -size % BLOCK
    if archive[at:] != bytes(2 * BLOCK):
        raise Violation(f"container: {len(archive) - at} octets after the files, not two zero blocks")
    return files


def checked_header(block):
    for what, at, octets in FIXED:
        if block[at : at + len(octets)] != octets:
            raise Violation(f"container: {what} is {bytes(block[at : at + len(octets)])!r}")
    if len(block) != BLOCK or block[148:156] != b"%06o\0 " % header_sum(block):
        raise Violation("container: wrong header checksum")
    if int(block[108:116].rstrip(b"\0 "), 8) or int(block[116:124].rstrip(b"\0 "), 8):
        raise Violation("container: uid or gid is not 0")
    numbers = re.fullmatch(rb"([0-7]{11})\0([0-7]{11})\0", block[124:148])
    if not numbers:
        raise Violation("container: size or mtime is not 11 octal digits and NUL")
    try:
        name = block[:100].split(b"\0", 1)[0].decode()
    except UnicodeDecodeError as error:
        raise Violation("container: name is not UTF-8") from error
    if name in ("", ".", "..") or re.search(r"[/\\\x00-\x1f\x7f-\x9f]", name):
        raise Violation(f"container: name {name!r} is not allowed")
    return name, int(numbers[1], 8), int(numbers[2], 8)
