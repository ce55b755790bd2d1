"""The version 1 vectors (v1-kat.json) against version_one: every value that the file holds is made again."""

import hashlib
import json

import version_one as v1


def check(path):
    """The number of values compared; an AssertionError names the first one that differs."""
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    tally = Tally()
    tally.equal("n", v1.N.to_bytes(128, "big").hex(), vectors["n"])
    tally.equal("g", 2, vectors["g"])
    tally.equal("alphabet", v1.LETTERS, vectors["alphabet"])
    for case in vectors["keyExchange"]:
        check_key_exchange(case, tally)
    for case in vectors["dataExchange"]:
        check_data_exchange(case, tally)
    return tally.count


class Tally:
    count = 0

    def equal(self, name, made, expected):
        if isinstance(made, bytes):
            made = made.hex()
        assert made == expected, f"{name}: made {made}, the vector has {expected}"
        self.count += 1


def check_key_exchange(case, tally):
    e_a, e_b, random_a = (bytes.fromhex(case[name]) for name in ("eA", "eB", "randomA"))
    y_a, y_b = v1.dh_result(e_a), v1.dh_result(e_b)
    z = v1.shared_z(y_b, e_a)
    tally.equal("Z", z, case["Z"])
    tally.equal("Z as B has it", v1.shared_z(y_a, e_b), case["Z"])
    proof_b = v1.ke_proof_b(z)
    account_a, account_b = (v1.account_octets(case[name]) for name in ("accountA", "accountB"))
    a1 = v1.KE_A1.encode(low=1, hi=1, account=account_a, dh_result=y_a, hash_random_a=v1.sha(random_a))
    b = v1.KE_B.encode(version=1, account=account_b, dh_result=y_b, proof_b=proof_b)
    a2 = v1.KE_A2.encode(random_a=random_a)
    transcript = a1 + b + a2
    made = {
        "A1": a1,
        "B": b,
        "A2": a2,
        "ProofB": proof_b,
        "W": v1.check_words(z, transcript),
        "X": v1.check_string(z, transcript),
        "LTK": v1.long_term_key(z, transcript),
    }
    if "literalProofB" in case:
        made["literalProofB"] = v1.sha(b"KEY_ID" + y_b)
    for name, value in made.items():
        tally.equal(name, value, case[name])


def check_data_exchange(case, tally):
    names = ("LTK", "SKey", "challengeA", "challengeB", "F")
    ltk, session_key, challenge_a, challenge_b, container = (bytes.fromhex(case[name]) for name in names)
    challenges = challenge_a + challenge_b
    hash_of_file = v1.file_hash(session_key, container)
    proofs = {
        "ProofB": v1.dx_proof_b(ltk, challenges),
        "ProofA": v1.dx_proof_a(ltk, challenges),
        "DeltaKeyA": v1.delta_key(ltk, challenges, session_key),
        "KeyProofA": v1.key_proof(session_key, challenges),
        "FileHash": hash_of_file,
        "FileProofA": v1.file_proof(session_key, challenges, hash_of_file),
    }
    account_a, account_b = (v1.account_octets(case[name]) for name in ("accountA", "accountB"))
    keys = v1.des_keys(session_key)
    cipher = v1.sealed(session_key, container)
    made = {
        **proofs,
        "mask": v1.delta_key(ltk, challenges, bytes(20)),
        "A1": v1.DX_A1.encode(low=1, hi=1, account=account_a, challenge_a=challenge_a),
        "B": v1.DX_B.encode(
            version=1, account=account_b, challenge_b=challenge_b, proof_b=proofs["ProofB"]
        ),
        "A2": v1.DX_A2.encode(
            account=account_b,
            proof_a=proofs["ProofA"],
            delta_key_a=proofs["DeltaKeyA"],
            key_proof_a=proofs["KeyProofA"],
            file_proof_a=proofs["FileProofA"],
        ),
        "K1": keys[:8],
        "K2": keys[8:16],
        "K3": keys[16:],
        "cipher": cipher,
        "cipherSha256": hashlib.sha256(cipher).digest(),
        "FSha256": hashlib.sha256(container).digest(),
    }
    for name, value in made.items():
        tally.equal(name, value, case[name])
    tally.equal("F opened", v1.opened(session_key, challenges, proofs["FileProofA"], cipher), case["F"])
    files = [
        {"name": name, "size": len(content), "mtime": mtime,
         "sha256": hashlib.sha256(content).hexdigest(), "data": content.hex()}
        for name, content, mtime in v1.unpacked(container)
    ]
    tally.equal("files", files, case["files"])
    tally.equal("files packed again", v1.unpacked(v1.packed(v1.unpacked(container))), v1.unpacked(container))
