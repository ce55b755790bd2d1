import { dropDtr } from '../hang-up.js';
import type { Conversation } from './conversation.js';
import type { Known, ProfileName, Step, StepName } from './line-report.js';

/** What later questions and the advice need of earlier ones. */
export interface Findings {
  readonly profile: ProfileName;
  readonly steps: readonly Step[];
}

const longestTold = 72;

/** Who made it, by V.250's commands and by the pages of `I`; and whose commands it follows. */
export async function askIdentity(talk: Conversation): Promise<{ steps: Step[]; profile: ProfileName }> {
  const pages = [
    ...(await talk.tells('AT+GMI')),
    ...(await talk.tells('AT+GMM')),
    ...(await talk.tells('AT+GMR')),
    ...(await talk.tells('ATI0')),
    ...(await talk.tells('ATI3')),
  ];
  const abilities = (await talk.tells('AT+GCAP')).join(' ');
  const isCellular = /\+CGSM/.test(abilities) || (await talk.takes('AT+CGMM'));
  const lines = [...new Set(pages.map((line) => line.replace(/^\+\w+: */, '')))];
  // Many models begin with their maker's name.
  const words = lines.filter((line, at) => !lines[at + 1]?.startsWith(`${line} `)).join(' ');
  const profile = isCellular ? 'gsm' : await analogueProfile(talk, words);
  return {
    steps: [
      words === ''
        ? step('identity', 'unknown', 'it tells neither maker nor model')
        : step('identity', 'yes', told([words])),
      step('profile', 'yes', `${profile}: ${profileMeaning[profile]}`),
    ],
    profile,
  };
}

const profileMeaning: Readonly<Record<ProfileName, string>> = {
  generic: 'takes what programs usually send',
  usr: 'the commands of U.S. Robotics',
  rockwell: 'the commands of Rockwell and Conexant',
  strict: 'refuses what V.250 does not name',
  gsm: 'a cellular modem (27.007)',
};

async function analogueProfile(talk: Conversation, words: string): Promise<ProfileName> {
  if (/u\.? ?s\.? ?robotics|usrobotics|3com|courier|sportster/i.test(words)) return 'usr';
  if (/rockwell|conexant|\bcx[0-9]{5}|\brc[0-9]{2,3}|\bacf\b|\b56000\b/i.test(words)) return 'rockwell';
  // Jack type and speed of the port, both as they are anyway: makers' commands, which V.250 alone refuses.
  return (await talk.takes('AT&J0\\J0')) ? 'generic' : 'strict';
}

export async function askData(talk: Conversation): Promise<Step[]> {
  const modulations = await talk.tells('AT+MS=?');
  const correction = (await talk.takes('AT+ES=?'))
    ? '+ES'
    : await firstTaken(talk, ['AT\\N3', 'AT&Q5', 'AT&M4']);
  const compression = (await talk.takes('AT+DS=?')) ? '+DS' : await firstTaken(talk, ['AT%C1', 'AT&K1']);
  const carriers =
    modulations.length > 0 ? told(modulations.map(carrierNames)) : 'its modulations it does not tell';
  return [
    step('data', 'yes', carriers),
    correction === undefined
      ? step('error-control', 'unknown', 'none of +ES, \\N3, &Q5 is taken')
      : step('error-control', 'yes', `set by ${correction}; a call tells whether it stands (+ER)`),
    compression === undefined
      ? step('compression', 'unknown', 'neither +DS nor %C is taken')
      : step('compression', 'yes', `set by ${compression}`),
  ];
}

/** The command that was taken, without its AT. */
async function firstTaken(talk: Conversation, commands: readonly string[]): Promise<string | undefined> {
  for (const command of commands) if (await talk.takes(command)) return command.slice(2);
  return undefined;
}

export async function askVoice(talk: Conversation): Promise<Step[]> {
  const classes: readonly string[] = (await talk.tells('AT+FCLASS=?')).join(',').match(/\d+(\.\d+)?/g) ?? [];
  const fax = classes.filter((name) => /^[12](\.\d+)?$/.test(name));
  const faxStep =
    fax.length > 0
      ? step('fax', 'yes', `classes ${fax.join(', ')}`)
      : step('fax', 'no', 'no fax class in +FCLASS=?');
  if (!classes.includes('8') || !(await talk.takes('AT+FCLASS=8'))) {
    return [faxStep, ...(await withoutVoice(talk))];
  }
  const formats = await talk.tells('AT+VSM=?');
  const isOffHookKnown = await talk.takes('AT+VLS=?');
  const tones = await talk.takes('AT+VTS=?');
  await talk.ask('AT+FCLASS=0');
  return [
    faxStep,
    isOffHookKnown
      ? step('voice', 'yes', '+FCLASS=8, +VLS')
      : step('voice', 'no', '+FCLASS=8 is taken, but there is no +VLS to go off-hook with'),
    formats.length > 0
      ? step('voice-formats', 'yes', told(formats.map(formatName)))
      : step('voice-formats', 'unknown', 'it does not list them (+VSM=?)'),
    tones ? step('sends-tones', 'yes', '+VTS') : step('sends-tones', 'no', 'there is no +VTS'),
    step('hears-dtmf', 'unknown', 'voice modems do as a rule; only a call shows it'),
  ];
}

async function withoutVoice(talk: Conversation): Promise<Step[]> {
  const older = (await talk.tells('AT#CLS=?')).join(',');
  const why = /8/.test(older)
    ? 'only by the older #CLS commands, which are not used here'
    : 'no class 8 in +FCLASS=?';
  return [
    step('voice', 'no', why),
    step('voice-formats', 'no', 'no voice mode'),
    step('sends-tones', 'no', 'only while dialling'),
    step('hears-dtmf', 'no', 'no voice mode'),
  ];
}

export async function askServices(talk: Conversation, profile: ProfileName): Promise<Step[]> {
  const callerId = await firstTaken(talk, ['AT+VCID=?', 'AT#CID=?', 'AT+CLIP=?', 'AT%CCID=1']);
  const flash = (await talk.tells('ATS29?'))[0];
  return [
    callerId === undefined
      ? step('caller-id', 'no', 'none of +VCID, #CID, +CLIP is taken')
      : step('caller-id', 'yes', `by ${callerId.replace(/=.*/, '')}; the line must have it too`),
    flash !== undefined && Number(flash) > 0
      ? step(
          'hook-flash',
          'yes',
          `S29=${Number(flash)}: ! in a dial string opens the loop for ${Number(flash) * 10} ms`,
        )
      : step('hook-flash', 'unknown', 'S29 is not told; ! in a dial string may work'),
    profile === 'gsm' ? await askMessages(talk) : step('sms', 'no', 'no cellular modem'),
  ];
}

async function askMessages(talk: Conversation): Promise<Step> {
  if (!(await talk.takes('AT+CMGF=?'))) return step('sms', 'no', 'there is no +CMGF');
  const pin = (await talk.tells('AT+CPIN?')).join(' ');
  const network = (await talk.tells('AT+CREG?')).join(' ');
  if (/SIM P(IN|UK)/.test(pin)) return step('sms', 'no', `the card asks for its code (${told([pin])})`);
  if (!/READY/.test(pin)) return step('sms', 'no', 'no card is in it');
  if (!/,[15]\b/.test(network)) return step('sms', 'no', 'it is not registered with a network');
  return step('sms', 'yes', '+CMGF; registered with a network');
}

/**
 * Whether the wire of DTR reaches the modem: under &D3 its drop resets the registers, which shows without a call. What
 * the drop does in a call is &D2's affair.
 */
export async function askHangUp(talk: Conversation): Promise<Step[]> {
  const { line } = talk.tools;
  const escapes = (await talk.tells('ATS2?'))[0];
  const guard = (await talk.tells('ATS12?'))[0];
  const byEscape =
    escapes === undefined
      ? step('escape', 'unknown', 'S2 is not told')
      : Number(escapes) > 127
        ? step('escape', 'no', `S2=${Number(escapes)} switches it off`)
        : step(
            'escape',
            'yes',
            `S2=${Number(escapes)}, guard ${guard === undefined ? 'not told' : `${Number(guard) * 20} ms`}; only a call shows it`,
          );
  if (line.canDropDtr === 'no') return [step('dtr', 'no', 'this port has no DTR to drop'), byEscape];
  return [await tryDtr(talk), byEscape];
}

async function tryDtr(talk: Conversation): Promise<Step> {
  const marker = '007';
  const before = (await talk.tells('ATS8?'))[0];
  const isMarked = (await talk.takes('AT&D3')) && (await talk.takes(`ATS8=${marker}`));
  await dropDtr(talk.tools, false);
  await talk.takes('ATE0Q0V1');
  const after = (await talk.tells('ATS8?'))[0];
  if (!(await talk.takes('AT&D2'))) return step('dtr', 'unknown', '&D2 is refused');
  if (!isMarked || before === marker) return step('dtr', 'unknown', '&D2 is taken; only a call shows it');
  return after === marker
    ? step('dtr', 'unknown', '&D3 showed no reset: a cable without DTR, or a modem without &D3')
    : step('dtr', 'yes', 'DTR reaches the modem');
}

/** Goes off-hook: W waits for a dial tone, and the semicolon leaves the modem in command state. */
export async function askDialTone(talk: Conversation): Promise<Step> {
  // W waits for as long as S7 says, a minute as a rule; exchanges give the tone within three seconds.
  const dialToneMs = 15_000;
  await talk.ask('ATX4S7=10');
  const { kind } = await talk.ask('ATDTW;', dialToneMs);
  switch (kind) {
    case 'ok':
      return step('dial-tone', 'yes', 'heard; W waits for it');
    case 'no-dial-tone':
      return step('dial-tone', 'no', 'none is heard: the telephone cable, or a line that is in use or dead');
    case 'silent':
      return step('dial-tone', 'unknown', 'the modem went off-hook and said no more');
    default:
      return step('dial-tone', 'unknown', `the modem ends W with "${kind}"`);
  }
}

/** `+MS: (V21,V22,V34),(0,1),...`: the first list is of carriers. */
function carrierNames(line: string): string {
  return /\(([^)]*)\)/.exec(line)?.[1]?.replaceAll(',', ' ') ?? line;
}

/** `1,"UNSIGNED PCM",8,0,(8000),(0),(0)`: number, name, bits of a sample, time marks, rates (V.253 10.2.8). */
function formatName(line: string): string {
  const [, name, bits, rates] = /^[^"]*"([^"]*)",(\d+),[^,]*,\(([^)]*)\)/.exec(line) ?? [];
  return name === undefined ? line : `${name} ${bits} bit, ${rates} Hz`;
}

export function step(name: StepName, known: Known, text: string): Step {
  return { step: name, known, told: text };
}

function told(lines: readonly string[]): string {
  const text = lines
    .join('; ')
    .replace(/[^\x20-\x7e]/g, '')
    .trim();
  return text.length > longestTold ? `${text.slice(0, longestTold - 3)}...` : text;
}
