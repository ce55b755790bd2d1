import type { LineUrl } from '../line-url.js';
import type { Known, ProfileName, Step, StepName } from './line-report.js';

/** What a modem with these abilities is good for, and what its owner may do. Pure. */
export function adviceFor(url: LineUrl, profile: ProfileName, steps: readonly Step[]): string[] {
  const known = (name: StepName): Known => steps.find(({ step }) => step === name)?.known ?? 'unknown';
  const lacking = [
    ...(known('voice') === 'yes' ? [] : ['it has no voice mode']),
    ...(known('sends-tones') === 'yes' ? [] : ['it plays no tones to a caller']),
  ];
  const advice = [
    lacking.length > 0
      ? `This modem cannot be the server's trunk, because ${lacking.join(' and ')}.`
      : "It can be the server's trunk, if it detects DTMF: try one call to it.",
  ];
  if (profile === 'gsm') {
    advice.push(
      'A cellular modem makes data calls only where its network still has them; it is good for messages.',
    );
  } else if (known('dial-tone') === 'no') {
    advice.push("It can be an endpoint's when it hears a dial tone: check the telephone line.");
  } else {
    advice.push(
      known('dial-tone') === 'yes'
        ? "It can be an endpoint's: it waits for a dial tone (W) when it is told to."
        : "It can be an endpoint's, if it knows W in a dial string: --off-hook tries it.",
    );
  }
  if (known('dtr') !== 'yes' && known('escape') === 'no') {
    advice.push('Neither DTR nor the escape is sure to end a call: set S2=43, or use a cable with DTR.');
  }
  if (known('caller-id') === 'no')
    advice.push('Without caller ID the server learns the calling number from nobody.');
  if (url.kind === 'tcp') {
    advice.push(
      'Over bare TCP there is no DTR and no carrier circuit; rfc2217:// has both, where the other side knows it.',
    );
  }
  return advice;
}
