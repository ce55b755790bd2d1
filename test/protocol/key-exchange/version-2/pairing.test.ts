import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../../src/protocol/key-exchange/version-2/packets.js';
import {
  heard,
  owedVerdict,
  ownConf,
  ownConfAck,
  type Pairing,
  type PairingEvent,
  type PairingRun,
  pairingAfter,
  standingOf,
  unanswered,
} from '../../../../src/protocol/key-exchange/version-2/pairing.js';
import { unknownRun } from '../../../../src/protocol/key-exchange/version-2/rules.js';
import { flipped, keys } from './messages-of-a-run.js';

// A model of both sides: every order of answers, messages, losses and crashes, with the reducer itself inside.

interface Side {
  readonly pairing: Pairing;
  /** The person is at the screen; gone after a crash. */
  readonly isAsked: boolean;
}

type Name = 'a' | 'b';

interface Message {
  readonly to: Name;
  /** `asking`: the first record of a later call, which the callee answers with its own verdict too. */
  readonly kind: 'CONF' | 'CONF asking' | 'CONF_ACK';
  readonly verdict: Verdict;
}

interface World {
  readonly a: Side;
  readonly b: Side;
  /** In any order: the model is harsher than a line. */
  readonly underway: readonly Message[];
  readonly losses: number;
  readonly crashes: number;
}

const names: readonly Name[] = ['a', 'b'];
const verdicts: readonly Verdict[] = ['yes', 'no'];
const far = (name: Name): Name => (name === 'a' ? 'b' : 'a');

const start: World = {
  a: { pairing: unanswered, isAsked: true },
  b: { pairing: unanswered, isAsked: true },
  underway: [],
  losses: 3,
  crashes: 2,
};

function note(world: World, name: Name, event: PairingEvent): World {
  return { ...world, [name]: { ...world[name], pairing: pairingAfter(world[name].pairing, event) } };
}

function send(world: World, ...messages: Message[]): World {
  return { ...world, underway: [...world.underway, ...messages] };
}

function stopAsking(world: World, name: Name): World {
  return { ...world, [name]: { ...world[name], isAsked: false } };
}

/** Nobody is asked any more: no answer is no. */
function answeredForGood(world: World, name: Name): World {
  const { pairing, isAsked } = world[name];
  if (isAsked || pairing.own !== undefined) return world;
  return note(world, name, { type: 'own.answered', verdict: 'no' });
}

function answer(world: World, name: Name, verdict: Verdict): World {
  const noted = stopAsking(note(world, name, { type: 'own.answered', verdict }), name);
  return send(noted, { to: far(name), kind: 'CONF', verdict: noted[name].pairing.own ?? verdict });
}

function deliver(world: World, message: Message): World {
  const rest = { ...world, underway: world.underway.filter((other) => other !== message) };
  const { to, kind, verdict } = message;
  if (kind === 'CONF_ACK') return note(rest, to, { type: 'own.acknowledged', verdict });
  const noted = note(answeredForGood(rest, to), to, { type: 'peer.answered', verdict });
  const { own } = noted[to].pairing;
  const conf: Message[] =
    kind === 'CONF asking' && own && verdict === 'yes' ? [{ to: far(to), kind: 'CONF', verdict: own }] : [];
  const answered = send(noted, ...conf, { to: far(to), kind: 'CONF_ACK', verdict });
  return noted[to].pairing.peer === 'no' ? stopAsking(answered, to) : answered;
}

/** A new call: what was underway in the old one is lost. Nobody is called while somebody is asked. */
function contact(world: World, name: Name): World | undefined {
  if (world.a.isAsked || world.b.isAsked) return undefined;
  const asking = answeredForGood({ ...world, underway: [] }, name);
  const verdict = owedVerdict(asking[name].pairing);
  return verdict ? send(asking, { to: far(name), kind: 'CONF asking', verdict }) : asking;
}

function crash(world: World, name: Name): World {
  const underway = world.underway.filter(({ to }) => to !== name);
  return { ...stopAsking(world, name), underway, crashes: world.crashes - 1 };
}

/** Everything that may happen next. */
function* nextOf(world: World): Generator<World> {
  for (const name of names) {
    const { isAsked } = world[name];
    if (isAsked) {
      for (const verdict of verdicts) {
        const answered = answer(world, name, verdict);
        yield answered;
        // Durable, and not sent.
        if (world.crashes > 0) yield crash({ ...answered, underway: world.underway }, name);
      }
    }
    if (world.crashes > 0) yield crash(world, name);
    const called = world.underway.length === 0 ? contact(world, name) : undefined;
    if (called) yield called;
  }
  for (const message of world.underway) {
    const delivered = deliver(world, message);
    yield delivered;
    const unsent = { ...delivered, underway: world.underway.filter((other) => other !== message) };
    if (world.crashes > 0) yield crash(unsent, message.to);
    if (world.losses > 0) {
      yield {
        ...world,
        underway: world.underway.filter((other) => other !== message),
        losses: world.losses - 1,
      };
    }
  }
}

function reachable(): World[] {
  const seen = new Map<string, World>();
  const open = [start];
  for (let world = open.pop(); world; world = open.pop()) {
    const key = JSON.stringify({
      ...world,
      underway: world.underway.map((each) => JSON.stringify(each)).sort(),
    });
    if (seen.has(key)) continue;
    seen.set(key, world);
    open.push(...nextOf(world));
  }
  return [...seen.values()];
}

/** Nothing is lost from here on: who is asked says nothing more, and one side calls once. */
function quiet(world: World, caller: Name): World {
  let now = { ...world, underway: world.underway };
  for (const name of names) if (now[name].isAsked) now = answer(now, name, 'no');
  now = contact(now, caller) ?? now;
  for (let message = now.underway[0]; message; message = now.underway[0]) now = deliver(now, message);
  return now;
}

const worlds = reachable();
const standings = ({ a, b }: World) => [standingOf(a.pairing), standingOf(b.pairing)];

describe('KX-485 KX-490 KX-495 KX-500 both sides, with three losses and two crashes in every order', () => {
  test('the model is not empty: both ends are reached', () => {
    expect(worlds.length).toBeGreaterThan(1500);
    const ends = new Set(worlds.map((world) => standings(world).join(' ')));
    expect(ends.has('live live') && ends.has('gone gone')).toBe(true);
  });

  test('never live on one no', () => {
    for (const { a, b } of worlds) {
      if (a.pairing.own !== 'yes' || b.pairing.own !== 'yes') {
        expect([standingOf(a.pairing), standingOf(b.pairing)]).not.toContain('live');
      }
    }
  });

  test('never live on one side and gone on the other', () => {
    expect(
      worlds.filter((world) => new Set(standings(world)).size === 2 && !standings(world).includes('pending')),
    ).toEqual([]);
  });

  test('once live, live for ever; once gone, gone for ever', () => {
    for (const world of worlds) {
      for (const next of nextOf(world)) {
        for (const name of names) {
          const before = standingOf(world[name].pairing);
          if (before !== 'pending') expect(standingOf(next[name].pairing)).toBe(before);
        }
      }
    }
  });

  test.each(names)('always converges: one call by %s that loses nothing', (caller) => {
    for (const world of worlds) {
      const end = quiet(world, caller);
      const expected = end.a.pairing.own === 'yes' && end.b.pairing.own === 'yes' ? 'live' : 'gone';
      expect(standings(end)).toEqual([expected, expected]);
    }
  });

  test('after a call by each side nothing is owed any more', () => {
    for (const world of worlds) {
      const end = quiet(quiet(world, 'a'), 'b');
      expect([owedVerdict(end.a.pairing), owedVerdict(end.b.pairing)]).toEqual([undefined, undefined]);
    }
  });
});

const verdict = fc.constantFrom<Verdict>('yes', 'no');
const anyEvent: fc.Arbitrary<PairingEvent> = fc.record({
  type: fc.constantFrom('own.answered', 'peer.answered', 'own.acknowledged'),
  verdict,
});

test('fault 23: an answer that comes again, at any later time, changes nothing', () => {
  fc.assert(
    fc.property(verdict, fc.array(anyEvent, { maxLength: 8 }), (own, later) => {
      const events: PairingEvent[] = [{ type: 'own.answered', verdict: own }, ...later];
      const once = events.reduce(pairingAfter, unanswered);
      const repeatable = events.filter(
        (event) => event.type !== 'peer.answered' || event.verdict === once.peer,
      );
      for (const event of repeatable) expect(pairingAfter(once, event)).toEqual(once);
    }),
  );
});

test('fault 101: a peer that was put back from a backup, and answers no in place of its yes, ends a live key', () => {
  const live: Pairing = { own: 'yes', peer: 'yes', acknowledged: true };
  expect(standingOf(pairingAfter(live, { type: 'peer.answered', verdict: 'no' }))).toBe('gone');
});

test('fault 49: a peer that says yes after its no stays without a key', () => {
  const events: PairingEvent[] = [
    { type: 'own.answered', verdict: 'yes' },
    { type: 'peer.answered', verdict: 'no' },
    { type: 'peer.answered', verdict: 'yes' },
  ];
  expect(standingOf(events.reduce(pairingAfter, unanswered))).toBe('gone');
});

describe('the messages of a run', () => {
  const sender: PairingRun = { kxid: keys.kxid, role: 'i', confirmKeys: keys.confirmKeys };
  const recipient: PairingRun = { ...sender, role: 'r' };

  test.each(verdicts)('KX-500 CONF(%s) and its acknowledgement are heard by the other side', (given) => {
    expect(heard(recipient, ownConf(sender, given))).toEqual({ type: 'peer.answered', verdict: given });
    expect(heard(sender, ownConfAck(recipient, given))).toEqual({ type: 'own.acknowledged', verdict: given });
  });

  test('fault 23: what comes back to its sender, or from another run, or altered, or as another kind, is nobody’s', () => {
    const conf = ownConf(sender, 'yes');
    expect(heard(sender, conf)).toBeUndefined();
    expect(heard({ ...recipient, kxid: flipped(keys.kxid) }, conf)).toBeUndefined();
    expect(heard(recipient, { ...conf, kxid: flipped(keys.kxid) })).toBeUndefined();
    expect(heard(recipient, { ...conf, verdict: 'no' })).toBeUndefined();
    expect(heard(recipient, { ...conf, mac: flipped(conf.mac, 31, 128) })).toBeUndefined();
    expect(heard(recipient, { ...conf, kind: 'CONF_ACK' })).toBeUndefined();
    expect(heard(recipient, { ...ownConfAck(sender, 'yes'), kind: 'CONF' })).toBeUndefined();
  });

  test('KX-500 a peer that does not know the run is heard, and proves nothing', () => {
    expect(heard(sender, unknownRun(keys.kxid))).toBe('unknown run');
    expect(heard(sender, { ...unknownRun(keys.kxid), verdict: 'yes' })).toBeUndefined();
  });
});
