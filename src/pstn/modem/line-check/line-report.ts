/** What a line check found of one thing. `unknown` is what no command can tell. */
export type Known = 'yes' | 'no' | 'unknown';

/** What is looked at, in the order in which it is told. */
export const stepNames = {
  port: 'port',
  circuits: 'circuits',
  answers: 'answers AT commands',
  identity: 'identification',
  profile: 'profile',
  data: 'data calls',
  'error-control': 'error control',
  compression: 'compression',
  fax: 'fax',
  voice: 'voice mode',
  'voice-formats': 'voice formats',
  'sends-tones': 'sends tones and DTMF',
  'hears-dtmf': 'detects DTMF',
  'caller-id': 'caller ID',
  'hook-flash': 'hook-flash',
  sms: 'SMS',
  dtr: 'hang-up by DTR',
  escape: 'escape',
  'dial-tone': 'dial tone',
} as const;

export type StepName = keyof typeof stepNames;

export interface Step {
  readonly step: StepName;
  readonly known: Known;
  /** A sentence or a list, for people; what a modem said in it is printable. */
  readonly told: string;
}

/** The modem of the simulated network that it is most like; also how a maker's own commands are to be read. */
export type ProfileName = 'generic' | 'usr' | 'rockwell' | 'strict' | 'gsm';

export type LineVerdict =
  | 'modem'
  /** The port is open, and nothing on it is a modem. */
  | 'no-modem'
  /** The port cannot be opened. */
  | 'unavailable';

export interface LineReport {
  readonly line: string;
  readonly verdict: LineVerdict;
  readonly steps: readonly Step[];
  readonly profile: ProfileName | undefined;
  /** What the line is good for, and what to do next. */
  readonly advice: readonly string[];
}
