import { expect, test } from 'vitest';
import { RecordSealer } from '../../../src/crypto/call-channel.js';
import { emptyRecord } from '../../../src/protocol/identity/packets.js';
import type { BridgedCall, ChannelEvent } from '../../../src/session/version-2/bridged-call.js';
import { runFor } from '../../support/office.js';
import { Stage, type StageOptions } from './stage.js';

const record = { recordType: 41, body: new Uint8Array(1280).fill(9) };

/** A call whose caller says `early`; what the callee then hears, and the caller's second record. */
async function calledWith(options: StageOptions) {
  const heard: ChannelEvent[] = [];
  const onBridged = (call: BridgedCall) => {
    if (call.role === 'caller') call.channel.sendRecord(43, new Uint8Array(72));
    else call.channel.listen((event) => void heard.push(event));
  };
  const stage = await new Stage({ ...options, onBridged }).setUp();
  await runFor(stage.clock, 5_000);
  return { stage, heard };
}

test("CM-A6 the caller's first record is there when the callee has accepted, and the next one opens behind it", async () => {
  const { heard } = await calledWith({ early: { record: () => record } });
  expect(heard.map((event) => event.type === 'record' && event.recordType)).toEqual([41, 43]);
  expect(heard[0]).toMatchObject(record);
});

test('CM-A6 it is there before the caller is told that it is put through', async () => {
  let isBridged = false;
  let heardBefore: boolean | undefined;
  await new Stage({
    early: { record: () => record },
    onBridged: (call) => {
      if (call.role === 'caller') isBridged = true;
      else {
        call.channel.listen(() => {
          heardBefore ??= !isBridged;
        });
      }
    },
  }).setUp();
  expect(heardBefore).toBe(true);
});

test('CM-A6 it names the call and the peer to whoever makes it', async () => {
  let named: unknown;
  const early = {
    record: (call: unknown) => {
      named = call;
      return record;
    },
  };
  const { stage } = await calledWith({ early });
  expect(stage.caller?.kind === 'bridged' && stage.caller.call).toMatchObject(named as object);
});

test('CM-A6 a caller with nothing to say yet sends as many octets, and the callee hears nothing of them', async () => {
  const silent = await calledWith({});
  expect(silent.heard.map((event) => event.type === 'record' && event.recordType)).toEqual([43]);
  const speaking = await calledWith({ early: { record: () => record } });
  expect(silent.stage.callerLine.octets).toEqual(speaking.stage.callerLine.octets);
  expect(emptyRecord.body.length).toBe(record.body.length);
});

test.each([
  ['a record that does not open', new Uint8Array(1299)],
  ['sealed under another key', new RecordSealer(new Uint8Array(32)).seal(41, record.body)],
  ['bulk', Uint8Array.of(0x85, 0x11, ...new Uint8Array(1297))],
  ['less than a record', Uint8Array.of(0x06, 0x00, ...new Uint8Array(1297))],
])(
  'fault 20 fault 31: EARLY is %s: the call is broken for the callee before anything else',
  async (_, altered) => {
    const { heard } = await calledWith({ early: { record: () => record }, alterEarly: () => altered });
    expect(heard.map(({ type }) => type)).toEqual(['broken']);
  },
);
