"""Reads exported files by what src/billing/exports/README.md says, and nothing else; prints what is in them as JSON.

    python3 read_export.py baf|emi|asterisk|freeswitch|csv|ndjson FILE

Written from the README's text alone. Whatever differs from it ends the program.
"""

import csv
import json
import sys

BAF_FIELDS = [
    ("structure", 5), ("callType", 3), ("sensorType", 3), ("sensorId", 7), ("officeType", 3), ("officeId", 7),
    ("date", 5), ("timing", 5), ("study", 7), ("answer", 1), ("observed", 1), ("operator", 1), ("feature", 3),
    ("originArea", 3), ("origin", 7), ("overseas", 1), ("area", 5), ("number", 7), ("time", 7), ("elapsed", 9),
]

EMI_FIELDS = {
    "id": (1, 6), "date": (7, 12), "callingLength": (13, 14), "calling": (15, 24), "overflow": (25, 27),
    "calledLength": (28, 29), "called": (30, 39), "amount": (40, 46), "connect": (55, 60), "conversation": (61, 67),
    "messageType": (80, 80), "billing": (113, 122), "cities": (123, 146),
}

ASTERISK_COLUMNS = (
    "accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec "
    "disposition amaflags uniqueid userfield"
).split()

FREESWITCH_COLUMNS = (
    "caller_id_name caller_id_number destination_number context start_stamp answer_stamp end_stamp duration billsec "
    "hangup_cause uuid bleg_uuid accountcode read_codec write_codec"
).split()


def demand(condition, what):
    if not condition:
        sys.exit(what)


def low_first(octets):
    return sum(octet << (8 * index) for index, octet in enumerate(octets))


def read_baf(content):
    demand(content[0] == 0x1C, "no AMADNS header")
    header = {"number": low_first(content[7:9]), "length": low_first(content[17:21]), "records": low_first(content[21:24])}
    unknown = [octet for place, octet in enumerate(content[:28]) if place not in (0, 7, 8, *range(17, 24))]
    demand(not any(unknown), "header positions that nobody knows are not zero")
    demand(header["length"] == len(content), "the header has another length")
    records, place = [], 28
    while place < len(content):
        length = content[place] * 256 + content[place + 1]
        demand(content[place + 2:place + 5] == b"\0\0\xaa", "no record descriptor and AA")
        nibbles = content[place + 5:place + length].hex()
        record = {}
        for name, digits in BAF_FIELDS:
            demand(nibbles[digits] == "c", f"no sign behind {name}")
            record[name], nibbles = nibbles[:digits], nibbles[digits + 1:]
            demand(record[name].isdigit(), f"{name} is no number")
        demand(nibbles == "", "octets behind the last field")
        records.append(record)
        place += length
    demand(len(records) == header["records"], "the header has another count")
    return {"header": header, "records": records}


def read_emi(content):
    lines = content.decode("ascii").split("\n")
    demand(lines.pop() == "", "the last record is not ended")
    demand(all(len(line) == 175 for line in lines), "a record is not of 175 octets")
    for frame in (lines[0], lines[-1]):
        demand(set(frame[12:]) == {"0"}, "header or trailer have more than a date")
    records = []
    for line in lines[1:-1]:
        record = {name: line[first - 1:last] for name, (first, last) in EMI_FIELDS.items()}
        known = {place for first, last in EMI_FIELDS.values() for place in range(first, last + 1)}
        demand(all(line[place - 1] == "0" for place in range(1, 176) if place not in known), "a guess is not zero")
        demand(record.pop("cities").strip() == "", "cities are not blank")
        records.append(record)
    return {"header": lines[0][:12], "records": records, "trailer": lines[-1][:12]}


def read_rows(path, columns):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    if columns is None:
        columns = rows.pop(0)
    demand(all(len(row) == len(columns) for row in rows), "a row has another number of columns")
    return [dict(zip(columns, row)) for row in rows]


def read(form, path):
    if form in ("baf", "emi"):
        with open(path, "rb") as file:
            return {"baf": read_baf, "emi": read_emi}[form](file.read())
    if form == "ndjson":
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    return read_rows(path, {"asterisk": ASTERISK_COLUMNS, "freeswitch": FREESWITCH_COLUMNS, "csv": None}[form])


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1], sys.argv[2])))
