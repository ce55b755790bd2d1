"""Key Exchange version 2 once more, from its README and not from src/: hashlib and hmac alone.

    python3 test/interop/key_exchange_2.py GIVEN > fixtures/vectors/key-exchange-2.json

GIVEN is a JSON list of what a run begins with, in hexadecimal, or the file of vectors itself: then nothing may change. X-Wing and the
public keys are taken as given; everything else is made here. No test needs this program; they are held to the file that it wrote.
"""

import hashlib
import hmac
import json
import sys

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ALICE, BOB, MALLORY = b"000000000001", b"000000000002", b"000000000666"
GIVEN = (
    "xWingSeed xWingEntropy xWingKey ciphertext sharedSecret ed25519I x25519I ed25519R x25519R nI nR common"
).split()
NOTES = {
    "Honest": ("BASIC", "What two honest sides say and derive."),
    "BothStrings": ("BASIC", "A flag is set: it is in the transcripts."),
    "Commitment": ("MISSING_STEP", "nI must be the one of KX1's commit, else X can be searched for."),
    "Formula": ("WRONG_PRIMITIVE", "A mac or commitment by a formula that is nearly the right one."),
    "BitFlip": ("MODIFIED", "One bit is turned on the way."),
    "OtherAccount": ("MISSING_STEP", "Accounts are those of the call, in the order i, r."),
    "Suite": ("MISSING_STEP", "One suite is spoken."),
    "Reflection": ("MISSING_STEP", "A key of one's own comes back."),
    "OtherCall": ("MISSING_STEP", "K_call of another call: the parts do not fit together."),
}


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def extract(salt, key_material):
    return mac(salt, key_material)


def expand(key, label, length):
    out, block = b"", b""
    for count in range(1, 1 + -(-length // 32)):
        block = mac(key, block, label, bytes([count]))
        out += block
    return out[:length]


def letters(octets):
    bits = "".join(f"{octet:08b}" for octet in octets)[:25]
    return "".join(LETTERS[int(bits[at : at + 5], 2)] for at in range(0, 25, 5))


class Run:
    """One run; keyword arguments alter what the honest sides would do."""

    def __init__(self, given, flag_i=0, flag_r=0, **other):
        value = {name: bytes.fromhex(given[name]) for name in GIVEN}
        value.update({"suite": b"\x02\x01", "i": ALICE, "r": BOB}, **other)
        self.value = value
        kx1_open = (
            value.get("suite1", value["suite"]) + bytes([flag_i]) + value["i"] + value["r"]
            + value["ed25519I"] + value["x25519I"] + value["xWingKey"]
        )  # fmt: skip
        self.commit = sha(b"SCS2 kx commit", value["nI"], sha(b"\x1f", kx1_open))
        self.kx1 = kx1_open + other.get("commit", self.commit)
        self.kx2_open = (
            value.get("suite2", value["suite"]) + bytes([flag_r]) + value["r"] + value["i"]
            + value["ed25519R"] + value["x25519R"] + value["nR"] + value["ciphertext"]
        )  # fmt: skip
        self.th2 = sha(b"\x1f", self.kx1, b"\x20", self.kx2_open)
        self.mac_r = other.get("macR") or mac(
            expand(extract(self.th2, value["sharedSecret"]), b"SCS2 kx2 mac", 32), self.th2
        )
        self.kx2 = self.kx2_open + self.mac_r
        self.th3 = sha(self.th2, self.mac_r, value["nI"])
        self.prk = extract(self.th3, value["sharedSecret"] + value["common"])
        self.kx3 = value["nI"] + mac(expand(self.prk, b"SCS2 kx3 mac", 32), self.th3)

    def answers(self):
        kxid = expand(self.prk, b"SCS2 kxid", 16)
        made = {
            "kx1": self.kx1,
            "kx2": self.kx2,
            "kx3": self.kx3,
            "longTermKey": expand(self.prk, b"SCS2 ltk", 32),
            "kxid": kxid,
        }
        for role in "ir":
            key = expand(self.prk, f"SCS2 conf {role}".encode(), 32)
            for verdict in (1, 0):
                end = kxid + bytes([verdict])
                made[f"conf {role} {verdict}"] = end + mac(key, end)
                made[f"ack {role} {verdict}"] = end + mac(key, b"ack", end)
        answers = {name: octets.hex() for name, octets in made.items()}
        answers["X"] = letters(expand(self.prk, b"SCS2 sas", 4))
        answers["X2"] = letters(expand(self.prk, b"SCS2 sas2", 4))
        return answers


def flipped(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def invalid_for_recipient(given):
    """(comment, flag, KX1, KX3): one of both is what a recipient must end the call at."""
    honest = Run(given)
    n_i, ss = bytes.fromhex(given["nI"]), bytes.fromhex(given["sharedSecret"])
    other = sha(n_i)
    kx1_open = honest.kx1[:-32]

    def with_commit(commit):
        run = Run(given, commit=commit)
        return run.kx1, run.kx3

    yield "commit to another nI", "Commitment", *with_commit(sha(b"SCS2 kx commit", other, sha(b"\x1f", kx1_open)))
    yield "another nI is revealed", "Commitment", honest.kx1, Run(given, nI=other, commit=honest.commit).kx3
    yield "commit without its label", "Formula", *with_commit(sha(n_i, sha(b"\x1f", kx1_open)))
    yield "commit without the type of KX1", "Formula", *with_commit(sha(b"SCS2 kx commit", n_i, sha(kx1_open)))
    yield "commit to nI alone", "Formula", *with_commit(sha(b"SCS2 kx commit", n_i))
    yield "commit to zeros", "Formula", *with_commit(bytes(32))
    for at in (0, 31):
        run = Run(given, nI=flipped(n_i, at), commit=honest.commit)
        yield f"nI with a bit turned in octet {at}", "BitFlip", honest.kx1, run.kx3
    for at in (32, 63):
        yield f"macI with a bit turned in octet {at - 32}", "BitFlip", honest.kx1, flipped(honest.kx3, at)
    prk = extract(honest.th3, ss)
    yield "macI without K_call", "Formula", honest.kx1, n_i + mac(expand(prk, b"SCS2 kx3 mac", 32), honest.th3)
    prk = extract(honest.th3, bytes.fromhex(given["common"]) + ss)
    yield "macI with K_call before ss", "Formula", honest.kx1, n_i + mac(expand(prk, b"SCS2 kx3 mac", 32), honest.th3)
    key = expand(honest.prk, b"SCS2 kx2 mac", 32)
    yield "macI under the label of macR", "Formula", honest.kx1, n_i + mac(key, honest.th3)
    yield "macI of K_call of another call", "OtherCall", honest.kx1, Run(given, common=other).kx3
    for name, changes in {
        "another caller than the server named": {"i": MALLORY},
        "meant for another account": {"r": MALLORY},
        "accounts swapped": {"i": BOB, "r": ALICE},
    }.items():
        run = Run(given, **changes)
        yield name, "OtherAccount", run.kx1, run.kx3
    for suite in (b"\x02\x02", b"\x00\x00", b"\x01\x02"):
        run = Run(given, suite1=suite)
        yield f"suite {suite.hex()}", "Suite", run.kx1, run.kx3
    for key in ("ed25519", "x25519"):
        run = Run(given, **{f"{key}I": bytes.fromhex(given[f"{key}R"])})
        yield f"the recipient's own {key} key", "Reflection", run.kx1, run.kx3


def invalid_for_sender(given):
    """(comment, flag, KX2)"""
    honest = Run(given)
    ss = bytes.fromhex(given["sharedSecret"])
    key = expand(extract(honest.th2, ss), b"SCS2 kx2 mac", 32)
    macs = {
        "macR under ss alone": mac(ss, honest.th2),
        "macR with salt and secret swapped": mac(expand(extract(ss, honest.th2), b"SCS2 kx2 mac", 32), honest.th2),
        "macR under the label of macI": mac(expand(extract(honest.th2, ss), b"SCS2 kx3 mac", 32), honest.th2),
        "macR over KX2 alone": mac(key, sha(b"\x20", honest.kx2_open)),
        "macR of zeros": bytes(32),
    }
    for name, wrong in macs.items():
        yield name, "Formula", honest.kx2_open + wrong
    for at in (27, 59, 91, 122, 123, 1242, 1243, 1274):
        yield f"a bit turned in octet {at}", "BitFlip", flipped(honest.kx2, at)
    for name, changes in {"from another account": {"r": MALLORY}, "meant for another caller": {"i": MALLORY}}.items():
        altered = Run(given, **changes)
        th2 = sha(b"\x1f", honest.kx1, b"\x20", altered.kx2_open)
        proof = mac(expand(extract(th2, ss), b"SCS2 kx2 mac", 32), th2)
        yield name, "OtherAccount", altered.kx2_open + proof
    for changes, flag in (
        ({"suite2": b"\x02\x02"}, "Suite"),
        ({"suite2": b"\x00\x00"}, "Suite"),
        ({"ed25519R": bytes.fromhex(given["ed25519I"])}, "Reflection"),
        ({"x25519R": bytes.fromhex(given["x25519I"])}, "Reflection"),
    ):
        run = Run(given, **changes)
        yield f"{flag}: {', '.join(changes)}", flag, run.kx2


def vectors(all_given):
    tests = []

    def add(group, comment, flags, result, **fields):
        numbered = {"tcId": len(tests) + 1, "comment": comment, "flags": flags, **fields, "result": result}
        tests.append((group, numbered))

    for number, given in enumerate(all_given):
        add("run", f"run {number}", ["Honest"], "valid", given=given, flagI=0, flagR=0, **Run(given).answers())
    for flags in ((1, 0), (0, 1), (1, 1)):
        given = all_given[0]
        answers = Run(given, *flags).answers()
        add("run", f"flags {flags}", ["BothStrings"], "valid", given=given, flagI=flags[0], flagR=flags[1], **answers)
    given = all_given[1]
    for comment, flag, kx1, kx3 in invalid_for_recipient(given):
        add("recipient", comment, [flag], "invalid", kx1=kx1.hex(), kx3=kx3.hex())
    for comment, flag, kx2 in invalid_for_sender(given):
        add("sender", comment, [flag], "invalid", kx2=kx2.hex())
    groups = [{"type": "run", "tests": [test for group, test in tests if group == "run"]}]
    for name in ("recipient", "sender"):
        chosen = [test for group, test in tests if group == name]
        groups.append({"type": name, "given": given, "tests": chosen})
    return {
        "algorithm": "Key Exchange, version 2",
        "generator": "test/interop/key_exchange_2.py: hashlib, hmac; X-Wing and public keys as given",
        "numberOfTests": len(tests),
        "header": [
            "run: everything that both sides make of what is given. i is account 000000000001, r 000000000002.",
            "recipient, sender: what an endpoint in this role, with what its group gives, must end the call at.",
        ],
        "notes": {name: {"bugType": kind, "description": text} for name, (kind, text) in NOTES.items()},
        "testGroups": groups,
    }


def main(path):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    if isinstance(given, dict):
        runs = given["testGroups"][0]["tests"]
        given = [test["given"] for test in runs if "Honest" in test["flags"]]
    json.dump(vectors(given), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1])
