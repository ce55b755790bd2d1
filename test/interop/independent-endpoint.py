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

import known_answers
import version_one as v1
from hayes_line import CallFailed, HayesLine, LineReleased
from roles import FAULTS, ROLES, Refused, report


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
    except (v1.Violation, TimeoutError, LineReleased) as violation:
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
