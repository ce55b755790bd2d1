import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comPort, confirms, parseComPort } from '../../../../src/pstn/modem/rfc2217/com-port.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const said = (text: string) => {
  const message = parseComPort(hex(text));
  if (!message) throw new Error(`${text} is nothing`);
  return message;
};

test.each([
  ['65 00002580', { kind: 'baud-rate', baudRate: 9_600 }],
  ['65 0001c200', { kind: 'baud-rate', baudRate: 115_200 }],
  ['66 08', { kind: 'data-size', value: 8 }],
  ['67 01', { kind: 'parity', value: 1 }],
  ['68 01', { kind: 'stop-size', value: 1 }],
  ['69 03', { kind: 'control', value: 3 }],
  ['6a 0a', { kind: 'line-state', errors: ['framing', 'overrun'] }],
  ['6b b0', { kind: 'modem-state', circuits: { dcd: true, ri: false, dsr: true, cts: true } }],
  ['6b 40', { kind: 'modem-state', circuits: { dcd: false, ri: true, dsr: false, cts: false } }],
  ['6c', { kind: 'suspend' }],
  ['6d', { kind: 'resume' }],
  ['70 02', { kind: 'purge' }],
  ['64 736572326e6574', { kind: 'signature', text: 'ser2net' }],
  ['64 1b5b324a0768690d0a', { kind: 'signature', text: '[2Jhi' }],
])('telephony 8.4: a server says %s', (octets, message) => expect(said(octets)).toEqual(message));

test.each(['', '65 002580', '65 0000002580', '66', '67 0101', '7f 01', '01 00002580', '6b'])(
  'telephony 8.4: "%s" has no meaning',
  (octets) => expect(parseComPort(hex(octets))).toBeUndefined(),
);

test('telephony 8.4: no octets of a hostile server make the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(12), (body, code) => {
      for (const octets of [body, Uint8Array.from([100 + code, ...body])]) parseComPort(octets);
    }),
  );
});

test('telephony 8.4: orders are what RFC 2217 prints', () => {
  const orders = [
    comPort.askBaudRate(),
    comPort.setBaudRate(57_600),
    comPort.eightBits(),
    comPort.noParity(),
    comPort.oneStopBit(),
    comPort.hardwareFlow(),
    comPort.dtr(true),
    comPort.dtr(false),
    comPort.rtsOn(),
    comPort.lineStateMask(),
    comPort.modemStateMask(),
    comPort.purgeOutput(),
  ];
  expect(orders.map((order) => order.toString('hex'))).toEqual([
    '0100000000',
    '010000e100',
    '0208',
    '0301',
    '0401',
    '0503',
    '0508',
    '0509',
    '050b',
    '0a1e',
    '0bff',
    '0c02',
  ]);
});

test('telephony 8.4: an answer confirms, refuses, or is about something else', () => {
  expect(confirms(comPort.setBaudRate(115_200), said('65 0001c200'))).toBe(true);
  expect(confirms(comPort.setBaudRate(115_200), said('65 00002580'))).toBe(false);
  expect(confirms(comPort.askBaudRate(), said('65 00002580'))).toBe(true);
  expect(confirms(comPort.dtr(true), said('69 08'))).toBe(true);
  expect(confirms(comPort.dtr(true), said('69 09'))).toBe(false);
  expect(confirms(comPort.dtr(true), said('69 0b'))).toBeUndefined();
  expect(confirms(comPort.hardwareFlow(), said('69 01'))).toBe(false);
  expect(confirms(comPort.hardwareFlow(), said('69 08'))).toBeUndefined();
  expect(confirms(comPort.eightBits(), said('67 01'))).toBeUndefined();
  // ser2net answers the mask with the state.
  expect(confirms(comPort.modemStateMask(), said('6b 00'))).toBe(true);
});
