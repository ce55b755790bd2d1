import { normaliseTyped, usesOnlyItsLetters } from '../protocol/key-exchange/rules.js';
import type { PairingScreen } from '../session/session.js';
import type { Prompt } from './prompt.js';

/** Figure 6A and 6B at a terminal, or with a program at standard input. */
export function pairingScreen(prompt: Prompt): PairingScreen {
  const confirm: PairingScreen['confirmCheckString'] = (_peer, _checkString, signal) =>
    prompt.confirm('Say yes only when they say that their screen took it. Did they?', signal);
  const type: PairingScreen['typeCheckString'] = (_peer, signal) =>
    prompt.askUntil(
      looksLikeCheckString,
      'A check string has five characters: letters without I and O, digits without 0 and 1. Ctrl-D gives up.',
      'Check string: ',
      signal,
    );
  return {
    confirmCheckString: confirm,
    typeCheckString: type,
    confirmSecondString: confirm,
    typeSecondString: type,
  };
}

/** Told before it counts: a slip of the finger must not use up the one attempt of KX-490. */
function looksLikeCheckString(line: string): boolean {
  const typed = normaliseTyped(line);
  return typed.length === 5 && usesOnlyItsLetters(typed);
}
