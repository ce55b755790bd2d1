import type { PersonalityHost } from '../modem/personality.js';

const backspace = 8;
const cr = 13;
const ctrlZ = 26;
const esc = 27;

/** More than the longest message in hexadecimal; what goes beyond is counted as too long, not kept. */
const longestEntry = 1024;

/** Four characters, and no line end behind them (27.005 3.5.1). */
const prompt = '\r\n> ';

/**
 * The prompt, and what is typed at it until Ctrl-Z. `done` gets one character for each octet, or nothing after ESC.
 * @param isText carriage returns belong to the text and are answered with a prompt; in PDU mode they mean nothing
 */
export function enterMessage(
  host: PersonalityHost,
  isText: boolean,
  done: (typed: string | undefined) => void,
) {
  const typed: number[] = [];
  host.send(prompt);
  return host.enter((octets) => {
    for (const [index, octet] of octets.entries()) {
      if (host.echoes()) host.send(String.fromCharCode(octet));
      if (octet === ctrlZ || octet === esc) {
        done(octet === ctrlZ ? String.fromCharCode(...typed) : undefined);
        return index + 1;
      }
      if (octet === cr && isText) host.send(prompt);
      if (octet === backspace) typed.pop();
      else if ((isText || octet > 0x20) && typed.length < longestEntry) typed.push(octet);
    }
    return octets.length;
  });
}
