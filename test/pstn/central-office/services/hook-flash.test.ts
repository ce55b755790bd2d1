import { describe, expect, test } from 'vitest';
import type { LineService } from '../../../../src/pstn/central-office/line-settings.js';
import { tones } from '../../../../src/pstn/signals.js';
import { telephones } from '../telephones.js';

const numbers = ['100', '201', '202', '203'] as const;
type Number = (typeof numbers)[number];

/** Line 100 has `services`; the others have none. */
function stage(...services: LineService[]) {
  const lines = numbers.map((number) =>
    number === '100' ? { number, exchange: 'near', services } : { number, exchange: 'far' },
  );
  const network = telephones(lines, {
    exchanges: ['near', 'far'].map((name) => ({ name, countryCode: '', areaCode: '' })),
    trunkGroups: [{ name: 'group', between: ['near', 'far'], circuits: 5, routeClass: 'local' }],
  });
  const { phone, run, until, network: net } = network;
  const circuits = () => net.trunkGroup('group').busy;

  async function flash(number: Number, openMs = 500): Promise<void> {
    phone(number).line.onHook();
    await run(openMs);
    phone(number).line.offHook();
    await run(1);
  }

  /** Flash, stutter dial tone, digits; the called line rings. */
  async function consult(number: Number, called: Number): Promise<void> {
    await flash(number);
    await until(() => phone(number).hears === tones.dial || phone(number).hears.includes(350));
    void phone(number).dial(called);
    await until(() => phone(called).isRinging);
  }

  async function answer(called: Number): Promise<void> {
    phone(called).line.offHook();
    await run(1);
  }

  /** Whether a tone that `from` sends is heard by `to`. */
  async function hears(to: Number, from: Number): Promise<boolean> {
    phone(from).line.sendTone([1000]);
    await run(1);
    const isHeard = phone(to).hears.includes(1000);
    phone(from).line.sendTone(tones.silence);
    await run(1);
    return isHeard;
  }

  return { ...network, circuits, flash, consult, answer, hears };
}

describe('telephony 1.4: hook-flash', () => {
  test('telephony 1.4: too short it is a hit on the line, too long a hang-up, and without service it always is one', async () => {
    const { connect, flash, phone, run, circuits } = stage('three-way');
    await connect('100', '201');
    await flash('100', 199);
    await run(2_000);
    expect([phone('100').hears, circuits()]).toEqual([tones.silence, 1]);
    expect(phone('201').has('loop-break')).toBe(false);
    await flash('100', 1_101);
    expect([phone('201').has('loop-break'), circuits()]).toEqual([true, 0]);

    const other = stage();
    await other.connect('100', '201');
    await other.flash('100');
    expect(other.phone('201').has('loop-break')).toBe(true);
  });

  test('telephony 4.2: it holds the call and gives stutter dial tone: three bursts, then steadily', async () => {
    const { connect, flash, phone, run, hears } = stage('transfer');
    await connect('100', '201');
    const before = phone('100').log.length;
    await flash('100');
    await run(2_000);
    const heard = phone('100').log.slice(before);
    const on = heard.flatMap((entry) => (entry.what === 'tone' && entry.tone.length > 0 ? [entry.atMs] : []));
    const off = heard.flatMap((entry) =>
      entry.what === 'tone' && entry.tone.length === 0 ? [entry.atMs] : [],
    );
    expect(on.map((atMs) => atMs - (on[0] ?? 0))).toEqual([0, 200, 400, 600]);
    expect(off.map((atMs) => atMs - (on[0] ?? 0))).toEqual([100, 300, 500]);
    expect(await hears('100', '201')).toBe(false);
    expect(phone('201').has('loop-break')).toBe(false);
  });
});

describe('telephony 1.4: three-way calling', () => {
  test('telephony 1.4: flash, digits, answer, flash: each hears both others; digits too', async () => {
    const { connect, consult, answer, flash, hears, phone, run, circuits } = stage('three-way');
    await connect('100', '201');
    await consult('100', '202');
    await answer('202');
    expect([await hears('202', '100'), await hears('201', '100'), await hears('201', '202')]).toEqual([
      true,
      false,
      false,
    ]);
    await flash('100');
    for (const [to, from] of [
      ['100', '201'],
      ['100', '202'],
      ['201', '100'],
      ['201', '202'],
      ['202', '201'],
    ] as const)
      expect(await hears(to, from), `${to} hears ${from}`).toBe(true);
    phone('202').line.sendDigit('7', 80);
    await run(100);
    expect([phone('100').has('digit'), phone('201').has('digit'), circuits()]).toEqual([true, true, 2]);
  });

  test('telephony 1.4: two that sound at once are heard together', async () => {
    const { connect, consult, answer, flash, phone, run } = stage('three-way');
    await connect('100', '201');
    await consult('100', '202');
    await answer('202');
    await flash('100');
    phone('201').line.sendTone([1000]);
    phone('202').line.sendTone([600]);
    await run(1);
    expect(phone('100').hears).toEqual([600, 1000]);
    phone('201').line.sendTone(tones.silence);
    await run(1);
    expect(phone('100').hears).toEqual([600]);
  });

  test('telephony 1.4: a flash during dialling, ringing or busy tone leads back to the first call', async () => {
    const { connect, consult, flash, hears, phone, run, until, circuits } = stage('three-way');
    await connect('100', '201');
    await flash('100');
    await run(1_000);
    await flash('100');
    expect(await hears('100', '201')).toBe(true);
    await consult('100', '202');
    await flash('100');
    await run(1);
    expect([phone('202').isRinging, await hears('100', '201'), circuits()]).toEqual([false, true, 1]);
    phone('203').line.offHook();
    await flash('100');
    await until(() => phone('100').hears.includes(350));
    void phone('100').dial('203');
    await until(() => phone('100').hears.includes(620));
    await flash('100');
    expect([await hears('100', '201'), circuits()]).toEqual([true, 1]);
  });

  test('telephony 1.4: a flash of the three lets the third go; any of them may leave before', async () => {
    const { connect, consult, answer, flash, hears, phone, run, circuits } = stage('three-way');
    await connect('100', '201');
    await consult('100', '202');
    await answer('202');
    await flash('100');
    await flash('100');
    expect([phone('202').has('loop-break'), await hears('100', '201'), circuits()]).toEqual([true, true, 1]);
    phone('202').line.onHook();
    await consult('100', '202');
    await answer('202');
    await flash('100');
    phone('201').line.onHook();
    await run(1);
    expect(await hears('100', '202')).toBe(true);
  });

  test('telephony 1.4: without transfer service the hang-up of the one who joined them ends all of it', async () => {
    const { connect, consult, answer, flash, phone, run, circuits } = stage('three-way');
    await connect('100', '201');
    await consult('100', '202');
    await answer('202');
    await flash('100');
    phone('100').line.onHook();
    await run(1_200);
    expect([phone('201').has('loop-break'), phone('202').has('loop-break'), circuits()]).toEqual([
      true,
      true,
      0,
    ]);
  });

  test('telephony 1.4: the one on hold hangs up: the other call goes on, and nothing is left to come back to', async () => {
    const { connect, consult, answer, flash, hears, phone, run, circuits } = stage('three-way');
    await connect('100', '201');
    await consult('100', '202');
    phone('201').line.onHook();
    await answer('202');
    expect([await hears('100', '202'), circuits()]).toEqual([true, 1]);
    await flash('100');
    await run(1_000);
    expect(phone('100').hears).toEqual(tones.dial);
    await flash('100');
    expect(await hears('100', '202')).toBe(true);
  });
});

describe('CM-330 transfer', () => {
  test('CM-330 the middle party joins and hangs up: the other two talk on, and have a data carrier of their own', async () => {
    const { connect, consult, answer, flash, hears, phone, run, circuits, events } = stage('transfer');
    await connect('201', '100');
    phone('201').line.startCarrier('originate', 33_600);
    await consult('100', '202');
    await answer('202');
    phone('202').line.startCarrier('answer', 33_600);
    await flash('100');
    await run(10_000);
    expect(phone('202').has('carrier')).toBe(false);
    phone('100').line.onHook();
    await run(1_200);
    expect(events.find(({ event }) => event === 'transferred')).toMatchObject({
      line: '100',
      others: ['201', '202'],
    });
    expect([phone('201').has('loop-break'), phone('202').has('loop-break')]).toEqual([false, false]);
    expect(await hears('202', '201')).toBe(true);
    await run(6_000);
    expect([phone('201').has('carrier'), phone('202').has('carrier'), circuits()]).toEqual([true, true, 2]);
    phone('201').line.onHook();
    await run(1);
    expect([phone('202').has('loop-break'), circuits()]).toEqual([true, 0]);
  });

  test('CM-330 hung up without joining them, answered or still ringing: it is the same', async () => {
    for (const isAnswered of [true, false]) {
      const { connect, consult, answer, hears, phone, run, circuits } = stage('transfer');
      await connect('201', '100');
      await consult('100', '202');
      if (isAnswered) await answer('202');
      phone('100').line.onHook();
      await run(1_200);
      expect(phone('201').has('loop-break')).toBe(false);
      if (!isAnswered) {
        await run(6_000);
        expect(phone('201').log.some((heard) => heard.what === 'tone' && heard.tone[0] === 440)).toBe(true);
        await answer('202');
      }
      expect([await hears('202', '201'), await hears('201', '202'), circuits()]).toEqual([true, true, 2]);
      phone('202').line.onHook();
      await run(1);
      expect(circuits()).toBe(0);
    }
  });

  test('CM-330 hung up while nothing rings: the call that was on hold ends', async () => {
    const { connect, flash, phone, run, circuits } = stage('transfer');
    await connect('201', '100');
    await flash('100');
    await run(1_000);
    phone('100').line.onHook();
    await run(1_200);
    expect([phone('201').has('loop-break'), circuits()]).toEqual([true, 0]);
  });
});

describe('fault 44: call waiting', () => {
  test('fault 44: a second call knocks every ten seconds, and its caller hears ring-back, not busy', async () => {
    const { connect, call, phone, run, until, hears } = stage('call-waiting');
    await connect('201', '100');
    await call('202', '100');
    await until(() => phone('202').hears.includes(480));
    await run(25_000);
    const knocks = phone('100').log.flatMap((heard) =>
      heard.what === 'tone' && heard.tone.length === 1 && heard.tone[0] === 440 ? [heard.atMs] : [],
    );
    expect(knocks.map((atMs) => atMs - (knocks[0] ?? 0))).toEqual([0, 10_300, 20_600]);
    expect(await hears('100', '201')).toBe(true);
    expect(phone('202').hears.includes(620)).toBe(false);
  });

  test('fault 44: a flash answers it and holds the first; each further flash changes between them', async () => {
    const { connect, call, phone, until, hears, flash, circuits } = stage('call-waiting');
    await connect('201', '100');
    await call('202', '100');
    await until(() => phone('202').hears.includes(480));
    await flash('100');
    expect([await hears('100', '202'), await hears('100', '201')]).toEqual([true, false]);
    await flash('100');
    expect([await hears('100', '202'), await hears('100', '201')]).toEqual([false, true]);
    await flash('100');
    expect([await hears('202', '100'), await hears('201', '100'), circuits()]).toEqual([true, false, 2]);
  });

  test('fault 44: hung up with a call that knocks, or one on hold: the telephone rings', async () => {
    for (const isAnswered of [false, true]) {
      const { connect, call, phone, until, hears, flash, answer, circuits, run } = stage('call-waiting');
      await connect('201', '100');
      await call('202', '100');
      await until(() => phone('202').hears.includes(480));
      if (isAnswered) await flash('100');
      phone('100').line.onHook();
      await until(() => phone('100').isRinging);
      await answer('100');
      const waiting = isAnswered ? '201' : '202';
      expect([await hears('100', waiting), circuits()]).toEqual([true, 1]);
      phone(waiting).line.onHook();
      await run(1);
      expect(circuits()).toBe(0);
    }
  });

  test('fault 44: its caller gives up: no more knocks, and a flash is nothing', async () => {
    const { connect, call, phone, until, run, hears, flash, circuits } = stage('call-waiting');
    await connect('201', '100');
    await call('202', '100');
    await until(() => phone('202').hears.includes(480));
    phone('202').line.onHook();
    await run(30_000);
    const knocks = phone('100').log.filter((heard) => heard.what === 'tone' && heard.tone[0] === 440);
    await flash('100');
    expect([knocks.length, await hears('100', '201'), circuits()]).toEqual([1, true, 1]);
  });

  test('fault 44 fault 38: the modems of a call that is knocked at train anew: octets are late, none is lost', async () => {
    const { connect, call, phone, until, run, clock } = stage('call-waiting');
    await connect('201', '100');
    phone('100').line.startCarrier('answer', 33_600);
    phone('201').line.startCarrier('originate', 33_600);
    await until(() => phone('100').has('carrier'));
    await call('202', '100');
    await until(() => phone('100').hears.includes(440));
    const sentMs = clock.monotonicMs();
    phone('201').send(Buffer.from('late'));
    await run(5_500);
    expect(phone('100').received).toEqual([]);
    await run(1_000);
    expect(Buffer.from(phone('100').received).toString()).toBe('late');
    expect((phone('100').timesOf('octets')[0] ?? 0) - sentMs).toBeGreaterThan(5_500);
  });
});

test('fault 91: whatever flashes and hang-ups come in whatever order, all circuits are free in the end', async () => {
  // Every sequence of three moves of the line with services, after a consultation that is answered.
  const moves = ['flash', 'on-hook', '201 leaves', '202 leaves'] as const;
  for (const first of moves) {
    for (const second of moves) {
      for (const third of moves) {
        const { connect, consult, answer, flash, phone, run, circuits } = stage(
          'three-way',
          'transfer',
          'call-waiting',
        );
        await connect('100', '201');
        await consult('100', '202');
        await answer('202');
        for (const move of [first, second, third]) {
          if (move === 'flash') await flash('100');
          else phone(move === 'on-hook' ? '100' : move.slice(0, 3)).line.onHook();
          await run(1_200);
        }
        for (const number of numbers) phone(number).line.onHook();
        await run(1_200);
        expect(circuits(), `${first}, ${second}, ${third}`).toBe(0);
        await connect('203', '100');
      }
    }
  }
});
