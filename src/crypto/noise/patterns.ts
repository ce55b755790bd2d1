/** What a message does next (Noise sections 5.3, 9.2 and, for the last two, the README beside this file). */
export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk' | 'e1' | 'ekem1';

/** A handshake as data: who knows which static key beforehand, and each message's tokens, initiator first. */
export interface HandshakePattern {
  /** Static keys known before the first message; `s` for a side whose key the other side has. */
  readonly known: { readonly initiator: boolean; readonly responder: boolean };
  readonly messages: readonly (readonly Token[])[];
}

const nobody = { initiator: false, responder: false };
const initiator = { initiator: true, responder: false };
const responder = { initiator: false, responder: true };
const both = { initiator: true, responder: true };

function pattern(known: HandshakePattern['known'], ...messages: string[]): HandshakePattern {
  return { known, messages: messages.map((tokens) => tokens.split(' ') as Token[]) };
}

/** Noise sections 7.4 (one-way), 7.5 (interactive) and 18.1 (deferred), and this program's three hybrids. */
const table = {
  N: pattern(responder, 'e es'),
  K: pattern(both, 'e es ss'),
  X: pattern(responder, 'e es s ss'),

  NN: pattern(nobody, 'e', 'e ee'),
  NK: pattern(responder, 'e es', 'e ee'),
  NX: pattern(nobody, 'e', 'e ee s es'),
  KN: pattern(initiator, 'e', 'e ee se'),
  KK: pattern(both, 'e es ss', 'e ee se'),
  KX: pattern(initiator, 'e', 'e ee se s es'),
  XN: pattern(nobody, 'e', 'e ee', 's se'),
  XK: pattern(responder, 'e es', 'e ee', 's se'),
  XX: pattern(nobody, 'e', 'e ee s es', 's se'),
  IN: pattern(nobody, 'e s', 'e ee se'),
  IK: pattern(responder, 'e es s ss', 'e ee se'),
  IX: pattern(nobody, 'e s', 'e ee se s es'),

  NK1: pattern(responder, 'e', 'e ee es'),
  NX1: pattern(nobody, 'e', 'e ee s', 'es'),
  X1N: pattern(nobody, 'e', 'e ee', 's', 'se'),
  X1K: pattern(responder, 'e es', 'e ee', 's', 'se'),
  XK1: pattern(responder, 'e', 'e ee es', 's se'),
  X1K1: pattern(responder, 'e', 'e ee es', 's', 'se'),
  X1X: pattern(nobody, 'e', 'e ee s es', 's', 'se'),
  XX1: pattern(nobody, 'e', 'e ee s', 'es s se'),
  X1X1: pattern(nobody, 'e', 'e ee s', 'es s', 'se'),
  K1N: pattern(initiator, 'e', 'e ee', 'se'),
  K1K: pattern(both, 'e es', 'e ee', 'se'),
  KK1: pattern(both, 'e', 'e ee se es'),
  K1K1: pattern(both, 'e', 'e ee es', 'se'),
  K1X: pattern(initiator, 'e', 'e ee s es', 'se'),
  KX1: pattern(initiator, 'e', 'e ee se s', 'es'),
  K1X1: pattern(initiator, 'e', 'e ee s', 'se es'),
  I1N: pattern(nobody, 'e s', 'e ee', 'se'),
  I1K: pattern(responder, 'e es s', 'e ee', 'se'),
  IK1: pattern(responder, 'e s', 'e ee se es'),
  I1K1: pattern(responder, 'e s', 'e ee es', 'se'),
  I1X: pattern(nobody, 'e s', 'e ee s es', 'se'),
  IX1: pattern(nobody, 'e s', 'e ee se s', 'es'),
  I1X1: pattern(nobody, 'e s', 'e ee s', 'se es'),

  // Ours: the hybrid forward secrecy text is unfinished and contradicts itself, so these three are fixed as they stand.
  NKhfs: pattern(responder, 'e es e1', 'e ee ekem1'),
  XKhfs: pattern(responder, 'e es e1', 'e ee ekem1', 's se'),
  KKhfs: pattern(both, 'e es e1 ss', 'e ee ekem1 se'),
} satisfies Record<string, HandshakePattern>;

export type BasePattern = keyof typeof table;

/**
 * The pattern of a name as it stands in a protocol's name: `XX`, `NNpsk0`, `XKhfs+psk3`.
 * psk0 begins the first message with a `psk` token, psk1 to psk4 end that message with one (Noise section 9.4).
 * @throws RangeError for a name that stands in no table
 */
export function patternOf(name: string): HandshakePattern {
  const [, base = '', position] = /^([A-Z0-9]+(?:hfs)?)(?:\+?psk([0-4]))?$/.exec(name) ?? [];
  const plain: HandshakePattern | undefined = (table as Partial<Record<string, HandshakePattern>>)[base];
  if (plain === undefined) throw new RangeError(`no Noise pattern is called ${name}`);
  return position === undefined ? plain : withPsk(plain, Number(position), name);
}

function withPsk(plain: HandshakePattern, position: number, name: string): HandshakePattern {
  if (position > plain.messages.length) throw new RangeError(`${name} has no message ${position}`);
  const messages = plain.messages.map((tokens, index): readonly Token[] => {
    if (position === 0 && index === 0) return ['psk', ...tokens];
    return position === index + 1 ? [...tokens, 'psk'] : tokens;
  });
  return { ...plain, messages };
}
