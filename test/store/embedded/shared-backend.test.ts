import { describe, expect, test } from 'vitest';
import { rollBack } from '../../../src/store/embedded/messages.js';
import { SharedBackend } from '../../../src/store/embedded/shared-backend.js';
import type { Wire } from '../../../src/store/embedded/wire.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';

const idle = ready('I');
const inTransaction = ready('T');

function ready(status: string): Buffer {
  return message('Z', status);
}

function message(type: string, body: string): Buffer {
  const octets = Buffer.from(`${type}....${body}`);
  octets.writeUInt32BE(body.length + 4, 1);
  return octets;
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An engine that is told what to answer, and a backend over it. */
function bench() {
  const asked: string[] = [];
  const answers: ((reply: Uint8Array) => void)[] = [];
  const clock = new SimulatedClock();
  let stuck = 0;
  const engine = (request: Uint8Array) => {
    asked.push(request === rollBack ? 'ROLLBACK' : Buffer.from(request).toString());
    return new Promise<Uint8Array>((answer) => answers.push(answer));
  };
  const limits = { idleTurnMs: 10_000, busyTurnMs: 30_000 };
  const backend = new SharedBackend(engine, clock, limits, () => stuck++);
  return {
    ...{ asked, clock, backend },
    stuck: () => stuck,
    async answer(...parts: Uint8Array[]) {
      answers.shift()?.(Buffer.concat(parts));
      await tick();
    },
    client() {
      const wire: Wire = backend.connect();
      const heard: string[] = [];
      wire.on('data', (octets) => heard.push(octets.toString('latin1')));
      wire.on('error', (error: Error & { code?: string }) => heard.push(`error ${error.code}`));
      return { wire, heard };
    },
  };
}

describe('turns', () => {
  test('fault 62: one client has the backend until it is idle, then the next in order', async () => {
    const { asked, answer, client } = bench();
    const [a, b, c] = [client(), client(), client()];
    a.wire.write('Q a1');
    b.wire.write('Q b1');
    c.wire.write('Q c1');
    expect(asked).toEqual(['Q a1']);
    await answer(inTransaction);
    expect(asked).toEqual(['Q a1']);
    a.wire.write('Q a2');
    expect(asked).toEqual(['Q a1', 'Q a2']);
    await answer(idle);
    await answer(idle);
    await answer(idle);
    expect(asked).toEqual(['Q a1', 'Q a2', 'Q b1', 'Q c1']);
    expect(a.heard).toEqual([inTransaction.toString('latin1'), idle.toString('latin1')]);
    expect(b.heard).toEqual([idle.toString('latin1')]);
  });

  test('fault 62: a reply that only looks idle at its end keeps the turn', async () => {
    const { asked, answer, client } = bench();
    const [a, b] = [client(), client()];
    a.wire.write('P a');
    b.wire.write('Q b');
    await answer(idle, message('D', `row ${idle.toString('latin1')}`));
    expect(asked).toEqual(['P a']);
    a.wire.write('S a');
    await answer(idle);
    expect(asked).toEqual(['P a', 'S a', 'Q b']);
  });

  test('fault 62: what a client writes meanwhile waits until the backend has executed what came before', async () => {
    const { asked, answer, client } = bench();
    const { wire } = client();
    wire.write('Q 1');
    wire.write('Q 2');
    expect(asked).toEqual(['Q 1']);
    await answer(idle);
    expect(asked).toEqual(['Q 1', 'Q 2']);
  });

  test('fault 62: a notification goes to every client, and not into the answer it came with', async () => {
    const { answer, client } = bench();
    const [a, b] = [client(), client()];
    const notification = message('A', 'news');
    a.wire.write('Q notify');
    await answer(message('C', 'NOTIFY'), notification, idle);
    expect(a.heard.join('')).toBe(Buffer.concat([notification, message('C', 'NOTIFY'), idle]).toString());
    expect(b.heard.join('')).toBe(notification.toString());
  });
});

describe('clients that leave', () => {
  test('fault 62: in the middle of a transaction: it is rolled back before the next has its turn', async () => {
    const { asked, answer, client } = bench();
    const [a, b] = [client(), client()];
    a.wire.write('Q begin');
    b.wire.write('Q b');
    await answer(inTransaction);
    a.wire.destroy();
    expect(asked).toEqual(['Q begin', 'ROLLBACK']);
    await answer(idle, idle);
    expect(asked).toEqual(['Q begin', 'ROLLBACK', 'Q b']);
  });

  test('fault 62: while their statement runs, or before their turn', async () => {
    const { asked, answer, client } = bench();
    const [a, b, c] = [client(), client(), client()];
    a.wire.write('Q begin');
    b.wire.write('Q b');
    c.wire.write('Q c');
    a.wire.destroy();
    b.wire.destroy();
    await answer(inTransaction);
    await answer(idle, idle);
    expect(asked).toEqual(['Q begin', 'ROLLBACK', 'Q c']);
    expect(a.heard).toEqual([]);
  });

  test('fault 62: with a goodbye, which the backend must not hear', async () => {
    const { asked, client } = bench();
    const { wire } = client();
    expect(wire.readyState).toBe('open');
    const closed = new Promise((resolve) => wire.once('close', resolve));
    wire.end(message('X', ''));
    await closed;
    expect(wire.readyState).toBe('closed');
    expect(asked).toEqual([]);
  });
});

describe('watchdog', () => {
  test('fault 62: a client that keeps the backend and asks nothing is cut off after 10 s', async () => {
    const { asked, answer, client, clock } = bench();
    const [a, b] = [client(), client()];
    a.wire.write('Q begin');
    b.wire.write('Q b');
    await answer(inTransaction);
    clock.advance(9_999);
    expect(asked).toEqual(['Q begin']);
    clock.advance(1);
    await tick();
    expect(a.heard.at(-1)).toBe('error CONNECTION_CLOSED');
    await answer(idle, idle);
    expect(asked).toEqual(['Q begin', 'ROLLBACK', 'Q b']);
  });

  test('fault 62: a statement that runs for 30 s has the engine replaced, and every client told', async () => {
    const { backend, client, clock, stuck } = bench();
    const [a, b] = [client(), client()];
    a.wire.write('Q forever');
    b.wire.write('Q b');
    clock.advance(29_999);
    expect(stuck()).toBe(0);
    clock.advance(1);
    expect(stuck()).toBe(1);
    backend.destroy('gone');
    await tick();
    expect([a.heard, b.heard]).toEqual([['error CONNECTION_CLOSED'], ['error CONNECTION_CLOSED']]);
  });

  test('fault 62: a long turn of short statements and pauses is neither silence nor a statement without end', async () => {
    const { answer, client, clock, stuck } = bench();
    const { wire, heard } = client();
    for (let statement = 0; statement < 9; statement++) {
      wire.write('Q long');
      clock.advance(29_999);
      await answer(inTransaction);
      clock.advance(9_999);
    }
    await tick();
    expect([stuck(), heard]).toEqual([0, Array(9).fill(inTransaction.toString('latin1'))]);
    clock.advance(1);
    await tick();
    expect([stuck(), heard.at(-1)]).toEqual([0, 'error CONNECTION_CLOSED']);
  });

  test('fault 62: turns that end in time leave no timer behind', async () => {
    const { answer, client, clock, stuck } = bench();
    const { wire, heard } = client();
    wire.write('Q 1');
    await answer(idle);
    expect(clock.nextDeadlineMs()).toBeUndefined();
    clock.advance(60_000);
    expect([stuck(), heard]).toEqual([0, [idle.toString('latin1')]]);
  });
});
