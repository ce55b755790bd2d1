#!/usr/bin/env python3
"""An endpoint of version 1 that shares no line with Cordboard: written from the protocol's text alone.

One call a run, in one of the four roles, on a Hayes modem; or `self-check` against the known-answer vectors.
Standard output: one JSON object a line. Standard input: the person's answer (the typed check string, or yes).
Exit codes: 0 as it should be (with --fault: refused as it should be), 1 the other side broke a rule,
2 usage, 3 the other side refused, 4 no connection, 5 the person did not confirm.
"""

import sys

sys.dont_write_bytecode = True

import argparse
import hashlib
import json
import os
import secrets
import select

import known_answers
import version_one as v1
from hayes_line import CallFailed, HayesLine, LineReleased
from version_one import Violation, same

PACKET_SECONDS = ACK_SECONDS = 30
FILE_IDLE_SECONDS = 60
PERSON_SECONDS = 600

# Deliberate faults by role. True: the other side must answer NAK. False: it can only refuse in silence (step 785).
FAULTS = {
    "ke-sender": {
        "a1-trailer": True,
        "low-above-high": True,
        "version-2": True,
        "dh-one": True,
        "dh-non-residue": True,
        "dh-n-minus-one": True,
        "account-letters": True,
        "random-a": True,
    },
    "ke-recipient": {
        "b-trailer": True,
        "version-2": True,
        "account-other": True,
        "dh-reflected": True,
        "proof-b": True,
        "proof-b-literal": True,
    },
    "dx-sender": {
        "account-unknown": True,
        "a2-trailer": True,
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
        self.send(a1)
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
        exponent = secrets.token_bytes(32)
        exponent = bytes([exponent[0] | 0x80]) + exponent[1:]
        z = v1.shared_z(fields["dh_result"], exponent)
        b = self.packet_b(exponent, z, fields["dh_result"])
        self.send(b)
        if self.fault:
            self.expect_refusal_of("a faulty B", "KX-410")
        a2, revealed = self.packet(v1.KE_A2, "KX-440")
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
        self.send(self.packet_a2(ltk, session_key, challenges, container))
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
        challenge_b = secrets.token_bytes(20)
        challenges = fields["challenge_a"] + challenge_b
        self.send(self.packet_b(ltk, challenges, challenge_b))
        if self.fault:
            self.expect_refusal_of("a faulty B", "DX-675")
        _, a2 = self.packet(v1.DX_A2, "DX-690")
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


def connect(line, options):
    if options.role.endswith("sender"):
        if options.digit_ms:
            line.command(f"ATS11={options.digit_ms}")
        own, peer = options.account.rjust(12, "0"), options.peer.rjust(12, "0")
        report("dialing", number=options.server)
        rate = line.dial(f"{options.server}W{own}{peer}#")
    else:
        report("waiting")
        rate = line.answer(options.ring_seconds)
    report("connected", rate=rate)


def hold_call(options):
    """The exit code of one call in one role."""
    line = HayesLine(options.line)
    role = ROLES[options.role](line, options)
    try:
        connect(line, options)
        confirmed = role.run()
    except Refused as refusal:
        report("refused", step=str(refusal))
        return 0 if options.fault else 3
    except CallFailed as failure:
        report("failed", reason=str(failure))
        return 4
    except (Violation, TimeoutError, LineReleased) as violation:
        try:
            line.write(bytes([v1.NAK]))
        except (LineReleased, OSError):
            pass
        report("violation", reason=str(violation))
        return 1
    finally:
        line.hang_up()
    if options.fault and FAULTS[options.role][options.fault]:
        report("violation", reason=f"the fault {options.fault} was not refused")
        return 1
    return 0 if confirmed else 5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="role", required=True)
    commands.add_parser("self-check").add_argument("vectors", help="v1-kat.json")
    for role, faults in FAULTS.items():
        command = commands.add_parser(role)
        command.add_argument("--line", required=True, help="the modem's serial port or pseudo-terminal")
        command.add_argument("--account", required=True, help="own account number")
        command.add_argument("--peer", required=True, help="the other side's account number")
        command.add_argument("--ltk", required=True, help="file of the long-term key: ke-* write it, dx-* read it")
        command.add_argument("--fault", choices=faults)
        if role.endswith("sender"):
            command.add_argument("--server", required=True, help="the server's telephone number")
            command.add_argument("--digit-ms", type=int, help="duration of a DTMF digit and of its gap (S11)")
        else:
            command.add_argument("--ring-seconds", type=float, default=60, help="how long to wait for RING")
        if role == "dx-sender":
            command.add_argument("files", nargs="+")
        if role == "dx-recipient":
            command.add_argument("--inbox", required=True, help="folder for what arrives")
    return parser.parse_args()


def main():
    options = arguments()
    if options.role != "self-check":
        return hold_call(options)
    try:
        report("self-check", compared=known_answers.check(options.vectors))
    except AssertionError as difference:
        report("violation", reason=str(difference))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
