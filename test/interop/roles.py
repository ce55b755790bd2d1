"""The four roles of version 1, step by step, each with the faults that it can commit on purpose (A.1 to A.3)."""

import hashlib
import json
import os
import secrets
import select
import sys

import version_one as v1
from version_one import Violation, same

PACKET_SECONDS = ACK_SECONDS = 30
FILE_IDLE_SECONDS = 60
PERSON_SECONDS = 600

# Deliberate faults by role. True: the other side must answer NAK. False: it cannot (step 785, or it has a NAK itself).
FAULTS = {
    "ke-sender": {
        "a1-trailer": True,
        "low-above-high": True,
        "version-2": True,
        "dh-one": True,
        "dh-non-residue": True,
        "dh-n-minus-one": True,
        "account-letters": True,
        "surplus-octet": True,
        "hang-up": False,
        "random-a": True,
    },
    "ke-recipient": {
        "b-trailer": True,
        "version-2": True,
        "account-other": True,
        "dh-reflected": True,
        "surplus-octet": True,
        "nak-a1": False,
        "nak-a2": False,
        "hang-up": False,
        "proof-b": True,
        "proof-b-literal": True,
    },
    "dx-sender": {
        "account-unknown": True,
        "a2-trailer": True,
        "surplus-octet": True,
        "hang-up": False,
        "account-b-other": True,
        "proof-a": True,
        "delta-key": True,
        "key-proof": True,
        "file-proof": False,
        "file-truncated": False,
        "file-doubled-block": False,
        "file-empty": False,
    },
    "dx-recipient": {
        "account-other": True,
        "version-2": True,
        "surplus-octet": True,
        "nak-a1": False,
        "nak-a2": False,
        "hang-up": False,
        "proof-b": True,
        "proof-b-replayed": True,
    },
}


class Refused(Exception):
    """The other side answered NAK, where that is a rightful answer."""


def report(event, **fields):
    print(json.dumps({"v": 1, "event": event, **fields}), flush=True)


def flipped(octets):
    return bytes([octets[0] ^ 1]) + octets[1:]


class Role:
    """What the four roles share: the line, the reader rule, NAK, and the wilful fault of this run."""

    def __init__(self, line, options):
        self.line, self.fault = line, options.fault
        self.own, self.peer = v1.account_octets(options.account), v1.account_octets(options.peer)
        self.options = options

    def has(self, fault):
        return self.fault == fault

    def send(self, octets):
        """Sends when it is this side's turn: anything that came before its time is a violation."""
        early = self.line.unread()
        if early:
            raise Violation(f"{len(early)} surplus octets, {early[:8].hex()} first")
        self.line.write(octets)

    def refuse_now(self, fault):
        """Commits the fault of a NAK where none is due: one octet, then the release. Whether it did."""
        if self.has(fault):
            self.send(bytes([v1.NAK]))
            self.line.hang_up()
            report("refusing", fault=fault)
        return self.has(fault)

    def leave_now(self):
        """Commits the fault of a release in the middle of an exchange. Whether it did."""
        if self.has("hang-up"):
            self.line.hang_up()
            report("leaving")
        return self.has("hang-up")

    def with_surplus(self, packet):
        return packet + b"!" if self.has("surplus-octet") else packet

    def packet(self, layout, step):
        """The one packet that is waited for (reader rule of A.1)."""
        first = self.line.read(1, PACKET_SECONDS)
        if first[0] == v1.NAK:
            self.expect_release_after_nak()
            raise Refused(step)
        if first[0] != v1.STX:
            raise Violation(f"{step}: {layout.name} begins with {first.hex()}")
        packet = first + self.line.read(layout.length - 1, PACKET_SECONDS)
        return packet, layout.parse(packet)

    def acknowledgement(self, step):
        answer = self.line.read(1, ACK_SECONDS)[0]
        if answer == v1.NAK:
            self.expect_release_after_nak()
            raise Refused(step)
        if answer != v1.ACK:
            raise Violation(f"{step}: {answer:02x} where ACK or NAK is due")

    def expect_release_after_nak(self):
        """A NAK is one octet, and the side that sent it releases the line."""
        rest = self.line.read_until_release(PACKET_SECONDS)
        if rest:
            raise Violation(f"{len(rest)} octets after a NAK, {rest[:8].hex()} first")

    def expect_refusal_of(self, what, step):
        """The other side holds the last packet of this fault: one NAK and a release, or it is wrong."""
        answer = self.line.read(1, PACKET_SECONDS)[0]
        if answer != v1.NAK:
            raise Violation(f"{what} was answered with {answer:02x}, not NAK")
        self.expect_release_after_nak()
        raise Refused(step)

    def check_versions(self, fields):
        if fields["low"] > fields["hi"]:
            raise Violation("Low Version above Hi Version")
        if not fields["low"] <= v1.VERSION <= fields["hi"]:
            raise Violation(f"versions {fields['low']} to {fields['hi']} do not hold 1")

    def check_version_and_account(self, fields):
        if fields["version"] != v1.VERSION:
            raise Violation(f"version {fields['version']} where 1 was offered")
        if v1.account_digits(fields["account"]) != self.peer.decode():
            raise Violation(f"account {fields['account'].decode()}, not the one that was called")

    def save_long_term_key(self, key):
        with open(os.open(self.options.ltk, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(key.hex() + "\n")

    def load_long_term_key(self):
        with open(self.options.ltk, encoding="ascii") as file:
            return bytes.fromhex(file.read())


class KeyExchangeSender(Role):
    def run(self):
        exponent = secrets.token_bytes(32)
        exponent = bytes([exponent[0] | 0x80]) + exponent[1:]
        random_a = secrets.token_bytes(20)
        a1 = self.packet_a1(exponent, random_a)
        self.send(self.with_surplus(a1))
        if self.leave_now():
            return True
        b, fields = self.packet(v1.KE_B, "KX-390")
        self.check_version_and_account(fields)
        if fields["dh_result"] == v1.dh_result(exponent):
            raise Violation("KX-405: own DH result reflected")
        z = v1.shared_z(fields["dh_result"], exponent)
        if not same(fields["proof_b"], v1.ke_proof_b(z)):
            raise Violation("KX-425: ProofB differs")
        a2 = v1.KE_A2.encode(random_a=flipped(random_a) if self.has("random-a") else random_a)
        self.send(a2)
        self.acknowledgement("KX-465")
        self.line.hang_up()
        transcript = a1 + b + a2
        report("check-string", x=v1.check_string(z, transcript))
        if ask("yes when the other side confirms") != "yes":
            return False
        self.save_long_term_key(v1.long_term_key(z, transcript))
        report("paired", peer=self.peer.decode())
        return True

    def packet_a1(self, exponent, random_a):
        y = v1.dh_result(exponent)
        if self.has("dh-one"):
            y = (1).to_bytes(128, "big")
        elif self.has("dh-n-minus-one"):
            y = (v1.N - 1).to_bytes(128, "big")
        elif self.has("dh-non-residue"):
            # n = 7 mod 8: -1 is a non-residue, so the negative of a residue is one too.
            y = (v1.N - int.from_bytes(y, "big")).to_bytes(128, "big")
        low, hi = (2, 1) if self.has("low-above-high") else (2, 2) if self.has("version-2") else (1, 1)
        account = b"ABCDEFGHIJKL" if self.has("account-letters") else self.own
        packet = v1.KE_A1.encode(
            low=low, hi=hi, account=account, dh_result=y, hash_random_a=v1.sha(random_a)
        )
        return packet[:-1] + bytes([v1.ETX]) if self.has("a1-trailer") else packet


class KeyExchangeRecipient(Role):
    def run(self):
        a1, fields = self.packet(v1.KE_A1, "KX-365")
        self.check_versions(fields)
        if v1.account_digits(fields["account"]) != self.peer.decode():
            raise Violation("KX-370: AccountA is not the caller that was expected")
        v1.checked_dh_result(fields["dh_result"])
        if self.leave_now() or self.refuse_now("nak-a1"):
            return True
        exponent = secrets.token_bytes(32)
        exponent = bytes([exponent[0] | 0x80]) + exponent[1:]
        z = v1.shared_z(fields["dh_result"], exponent)
        b = self.packet_b(exponent, z, fields["dh_result"])
        self.send(self.with_surplus(b))
        if self.fault and not self.has("nak-a2"):
            self.expect_refusal_of("a faulty B", "KX-410")
        a2, revealed = self.packet(v1.KE_A2, "KX-440")
        if self.refuse_now("nak-a2"):
            return True
        if v1.sha(revealed["random_a"]) != fields["hash_random_a"]:
            raise Violation("KX-445: RandomA does not fit its hash")
        self.send(bytes([v1.ACK]))
        self.expect_release_by_caller()
        transcript = a1 + b + a2
        report("type-check-string", peer=self.peer.decode())
        if v1.typed_check_string(ask("the check string")) != v1.check_string(z, transcript):
            return False
        self.save_long_term_key(v1.long_term_key(z, transcript))
        report("paired", peer=self.peer.decode())
        return True

    def expect_release_by_caller(self):
        rest = self.line.read_until_release(PACKET_SECONDS)
        if rest:
            raise Violation(f"KX-465: {len(rest)} octets after the ACK")

    def packet_b(self, exponent, z, reflected):
        y = reflected if self.has("dh-reflected") else v1.dh_result(exponent)
        proof = v1.ke_proof_b(z)
        if self.has("proof-b"):
            proof = flipped(proof)
        elif self.has("proof-b-literal"):
            proof = v1.sha(b"KEY_ID" + y)
        account = v1.account_octets("999") if self.has("account-other") else self.own
        version = 2 if self.has("version-2") else v1.VERSION
        packet = v1.KE_B.encode(version=version, account=account, dh_result=y, proof_b=proof)
        return packet[:-1] + bytes([v1.ETX]) if self.has("b-trailer") else packet


class DataExchangeSender(Role):
    def run(self):
        files = [read_file(path) for path in self.options.files]
        ltk, session_key = self.load_long_term_key(), secrets.token_bytes(20)
        container = v1.packed(files)
        cipher = v1.sealed(session_key, container)
        challenge_a = secrets.token_bytes(20)
        account = v1.account_octets("999") if self.has("account-unknown") else self.own
        self.send(v1.DX_A1.encode(low=1, hi=1, account=account, challenge_a=challenge_a))
        _, fields = self.packet(v1.DX_B, "DX-650")
        self.check_version_and_account(fields)
        challenges = challenge_a + fields["challenge_b"]
        if not same(fields["proof_b"], v1.dx_proof_b(ltk, challenges)):
            raise Violation("DX-700: ProofB differs")
        if self.leave_now():
            return True
        self.send(self.with_surplus(self.packet_a2(ltk, session_key, challenges, container)))
        self.acknowledgement("DX-735")
        self.send(self.file_octets(cipher))
        surplus = self.line.unread()
        if surplus:
            raise Violation(f"DX-745: {len(surplus)} octets from the recipient of a file")
        self.line.hang_up()
        report("sent", octets=len(cipher), files=[described(*file) for file in files])
        return True

    def packet_a2(self, ltk, session_key, challenges, container):
        hash_of_file = v1.file_hash(session_key, container)
        fields = {
            "account": v1.account_octets("999") if self.has("account-b-other") else self.peer,
            "proof_a": v1.dx_proof_a(ltk, challenges),
            "delta_key_a": v1.delta_key(ltk, challenges, session_key),
            "key_proof_a": v1.key_proof(session_key, challenges),
            "file_proof_a": v1.file_proof(session_key, challenges, hash_of_file),
        }
        for fault, field in {
            "proof-a": "proof_a",
            "delta-key": "delta_key_a",
            "key-proof": "key_proof_a",
            "file-proof": "file_proof_a",
        }.items():
            if self.has(fault):
                fields[field] = flipped(fields[field])
        packet = v1.DX_A2.encode(**fields)
        return packet[:-1] + bytes([v1.ETX]) if self.has("a2-trailer") else packet

    def file_octets(self, cipher):
        if self.has("file-truncated"):
            return cipher[:-8]
        if self.has("file-doubled-block"):
            return cipher + cipher[-8:]
        return b"" if self.has("file-empty") else cipher


class DataExchangeRecipient(Role):
    def run(self):
        ltk = self.load_long_term_key()
        _, fields = self.packet(v1.DX_A1, "DX-620")
        self.check_versions(fields)
        if v1.account_digits(fields["account"]) != self.peer.decode():
            raise Violation("DX-630: Account_A is not the caller that was expected")
        if self.leave_now() or self.refuse_now("nak-a1"):
            return True
        challenge_b = secrets.token_bytes(20)
        challenges = fields["challenge_a"] + challenge_b
        self.send(self.with_surplus(self.packet_b(ltk, challenges, challenge_b)))
        if self.fault and not self.has("nak-a2"):
            self.expect_refusal_of("a faulty B", "DX-675")
        _, a2 = self.packet(v1.DX_A2, "DX-690")
        if self.refuse_now("nak-a2"):
            return True
        if v1.account_digits(a2["account"]) != self.own.decode():
            raise Violation("DX-710: Account_B is not the recipient's")
        session_key = v1.delta_key(ltk, challenges, a2["delta_key_a"])
        has_proof = same(a2["proof_a"], v1.dx_proof_a(ltk, challenges))
        has_key = same(a2["key_proof_a"], v1.key_proof(session_key, challenges))
        if not (has_proof and has_key):
            raise Violation("DX-715: ProofA or KeyProofA differs")
        self.send(bytes([v1.ACK]))
        cipher = self.line.read_until_release(FILE_IDLE_SECONDS)
        self.line.hang_up()
        files = v1.unpacked(v1.opened(session_key, challenges, a2["file_proof_a"], cipher))
        for name, content, mtime in files:
            path = os.path.join(self.options.inbox, name)
            with open(path, "xb") as file:
                file.write(content)
            os.utime(path, (mtime, mtime))
        report("received", octets=len(cipher), files=[described(*file) for file in files])
        return True

    def packet_b(self, ltk, challenges, challenge_b):
        proof = v1.dx_proof_b(ltk, challenges)
        if self.has("proof-b"):
            proof = flipped(proof)
        elif self.has("proof-b-replayed"):
            # What a recorder of an earlier call could play: the proof for other challenges.
            proof = v1.dx_proof_b(ltk, bytes(40))
        account = v1.account_octets("999") if self.has("account-other") else self.own
        version = 2 if self.has("version-2") else v1.VERSION
        return v1.DX_B.encode(version=version, account=account, challenge_b=challenge_b, proof_b=proof)


ROLES = {
    "ke-sender": KeyExchangeSender,
    "ke-recipient": KeyExchangeRecipient,
    "dx-sender": DataExchangeSender,
    "dx-recipient": DataExchangeRecipient,
}


def ask(what):
    """One line of standard input within the 600 s that a pending key lives."""
    readable, _, _ = select.select([sys.stdin], [], [], PERSON_SECONDS)
    line = sys.stdin.readline().strip() if readable else ""
    if not line:
        report("failed", reason=f"nobody typed {what}")
    return line


def read_file(path):
    with open(path, "rb") as file:
        return os.path.basename(path), file.read(), int(os.fstat(file.fileno()).st_mtime)


def described(name, content, mtime):
    return {
        "name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "mtime": mtime,
    }
