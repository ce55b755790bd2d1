import { describe, expect, test } from 'vitest';
import { type Request, recordedAni, refusals } from '../../../src/protocol/call-manager/rules.js';
import { account, subscriber } from './subscribers.js';

/** A call that is cleared, with changes. */
function request(changes: Partial<Request> = {}): Request {
  return {
    serverNumber: '5550100',
    ani: { kind: 'number', number: '5550101' },
    protocolVersion: 1,
    isRepeated: false,
    callerAccount: account('1'),
    calleeAccount: account('2'),
    caller: subscriber('1'),
    callee: subscriber('2'),
    ...changes,
  };
}

describe('checks 310 and 320', () => {
  test('CM-310 CM-320 CM-A2 two active accounts, the registered number and a callee that accepts: cleared', () => {
    expect(refusals(request())).toEqual([]);
    const accepts = [account('9'), account('1')];
    expect(refusals(request({ callee: subscriber('2', { accepts }) }))).toEqual([]);
  });

  test.each<[string, Partial<Request>, string]>([
    ['caller unknown', { caller: undefined }, 'caller 000000000001 unknown'],
    ['callee unknown', { callee: undefined }, 'callee 000000000002 unknown'],
    [
      'caller suspended',
      { caller: subscriber('1', { state: 'suspended' }) },
      'caller 000000000001 suspended',
    ],
    ['caller closed', { caller: subscriber('1', { state: 'closed' }) }, 'caller 000000000001 closed'],
    [
      'callee suspended',
      { callee: subscriber('2', { state: 'suspended' }) },
      'callee 000000000002 suspended',
    ],
    ['callee closed', { callee: subscriber('2', { state: 'closed' }) }, 'callee 000000000002 closed'],
    [
      'callee = caller',
      { calleeAccount: account('1'), callee: subscriber('1') },
      'caller and callee are the same account',
    ],
    [
      'caller of version 2 alone',
      { caller: subscriber('1', { versions: [2] }) },
      'caller 000000000001 may not use version 1',
    ],
    [
      'callee of version 2 alone',
      { callee: subscriber('2', { versions: [2] }) },
      'callee 000000000002 may not use version 1',
    ],
  ])('CM-310 fault 45: %s is refused', (_, changes, reason) => {
    expect(refusals(request(changes))).toEqual([reason]);
  });

  test('CM-A2 a callee that accepts others, or nobody, refuses this caller', () => {
    for (const accepts of [[], [account('2')], [account('11')]]) {
      expect(refusals(request({ callee: subscriber('2', { accepts }) }))).toEqual([
        'callee does not accept this caller',
      ]);
    }
  });

  test("CM-330 a callee at the server's own number, or at none, is never dialled", () => {
    expect(refusals(request({ callee: subscriber('2', { number: '5550100' }) }))).toEqual([
      "callee's number is the server's own",
    ]);
    expect(refusals(request({ callee: subscriber('2', { number: '5550102;H' }) }))).toEqual([
      "callee's number cannot be dialled",
    ]);
  });

  test('CM-320 any of the registered numbers will do, and no other', () => {
    const caller = subscriber('1', { callingNumbers: ['5550177'] });
    expect(refusals(request({ caller, ani: { kind: 'number', number: '5550177' } }))).toEqual([]);
    for (const number of ['5550102', '555010', '15550101', '', '55501015550101555010', '5550101A']) {
      expect(refusals(request({ caller, ani: { kind: 'number', number } }))).toEqual([
        "ANI is not among the caller's numbers",
      ]);
    }
  });

  test('CM-320 fault 43: withheld or absent ANI passes only where the account allows it; a wrong one never', () => {
    const lenient = subscriber('1', { allowsWithheldAni: true });
    for (const ani of [{ kind: 'withheld' }, { kind: 'unavailable' }, undefined] as const) {
      expect(refusals(request({ ani }))).toEqual([
        `ANI ${ani?.kind ?? 'absent'}, which the account does not allow`,
      ]);
      expect(refusals(request({ ani, caller: lenient }))).toEqual([]);
    }
    const wrong = { kind: 'number', number: '5550102' } as const;
    expect(refusals(request({ ani: wrong, caller: lenient }))).toHaveLength(1);
  });

  test('CM-A4 in version 2 both accounts must speak it, and the calling number proves nothing', () => {
    const both = { versions: [1, 2] } as const;
    const identified = (changes: Partial<Request>) => request({ protocolVersion: 2, ...changes });
    const [caller, callee] = [subscriber('1', both), subscriber('2', both)];
    for (const ani of [undefined, { kind: 'withheld' }, { kind: 'number', number: '5550177' }] as const) {
      expect(refusals(identified({ caller, callee, ani }))).toEqual([]);
    }
    expect(refusals(identified({ callee }))).toEqual(['caller 000000000001 may not use version 2']);
    expect(refusals(identified({ caller }))).toEqual(['callee 000000000002 may not use version 2']);
    const keyless = subscriber('2', { ...both, hasKey: false });
    expect(refusals(identified({ caller, callee: keyless }))).toEqual([
      'callee 000000000002 has no subscription for version 2',
    ]);
    expect(refusals(request({ callee: keyless }))).toEqual([]);
  });

  test('fault 47: a request id that is under way is refused', () => {
    const both = { versions: [2] } as const;
    const [caller, callee] = [subscriber('1', both), subscriber('2', both)];
    expect(refusals(request({ protocolVersion: 2, caller, callee, isRepeated: true }))).toEqual([
      'a call under this request id is under way',
    ]);
  });

  test('CM-315 every check is made whatever the others found', () => {
    const all = request({
      caller: subscriber('1', { state: 'closed' }),
      callee: subscriber('2', { accepts: [] }),
      ani: { kind: 'withheld' },
    });
    expect(refusals(all)).toHaveLength(3);
  });

  test('CM-290 fault 43: the record keeps digits alone', () => {
    expect(recordedAni({ kind: 'number', number: '5550101' })).toBe('5550101');
    for (const number of ['', '55501015550101555010', '555A', '<script>']) {
      expect(recordedAni({ kind: 'number', number })).toBeUndefined();
    }
    expect(recordedAni({ kind: 'withheld' })).toBeUndefined();
    expect(recordedAni(undefined)).toBeUndefined();
  });
});
