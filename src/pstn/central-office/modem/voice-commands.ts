import { type CommandTarget, type ExtendedHandler, inform } from './command-target.js';
import { parseToneList } from './tone-list.js';
import { tellableEvents } from './voice-reports.js';
import type { StreamDirection } from './voice-stream.js';

/** `+VLS` (V.253 10.2.4): which of line, telephone, speaker and microphone are joined. There is nothing but the line here. */
const analogueLines: readonly { readonly label: string; readonly hasLine: boolean }[] = [
  { label: '', hasLine: false },
  { label: 'T', hasLine: true },
  { label: 'L', hasLine: false },
  { label: 'LT', hasLine: true },
  { label: 'S', hasLine: false },
  { label: 'ST', hasLine: true },
  { label: 'M', hasLine: false },
  { label: 'MST', hasLine: true },
];

/** The commands of voice class that do more than keep a number (V.253 10.1, 10.2). */
export const voiceCommands: Readonly<Record<string, ExtendedHandler>> = {
  '+VIP': (modem, { form }) => {
    if (form === 'test') return 'ok';
    if (form !== 'action') return 'error';
    modem.settings().restoreVoice();
    return 'ok';
  },
  '+VLS': (modem, { form, text }) => {
    const settings = modem.settings();
    if (form === 'test') return inform(modem, analogueLines.map(lineText).join('\r\n'));
    if (form === 'read') return inform(modem, `+VLS: ${selectedLine(modem)}`);
    const line = /^[0-7]$/.test(text) ? analogueLines[Number(text)] : undefined;
    if (form !== 'set' || !line || settings.serviceClass !== 8) return 'error';
    settings.analogueLine = Number(text);
    return line.hasLine ? modem.joinLine() : modem.hangUp();
  },
  '+VRID': (modem, { form, text }) => {
    if (form === 'test') return inform(modem, '+VRID: (0,1)');
    if (form === 'read' || (form === 'set' && !/^[01]$/.test(text))) return 'error';
    modem.repeatCallerId(text === '1' ? 'raw' : 'formatted');
    return 'ok';
  },
  '+VTS': (modem, { form, text }) => {
    if (form === 'test') return inform(modem, '(200-3000),(200-3000),(0-255)');
    if (form !== 'set' || modem.settings().serviceClass !== 8 || !modem.isOffHook()) return 'error';
    const steps = parseToneList(text, modem.settings());
    return steps ? modem.playTones(steps) : 'error';
  },
  '+VTX': streamCommand('transmit'),
  '+VRX': streamCommand('receive'),
  '+VTR': streamCommand('duplex'),
};

function streamCommand(direction: StreamDirection): ExtendedHandler {
  return (modem, { form }) => {
    if (form === 'test') return 'ok';
    if (form !== 'action' || modem.settings().serviceClass !== 8 || !modem.isOffHook()) return 'error';
    return modem.openStream(direction);
  };
}

/** The path chosen last, unless other commands have moved the hook since. */
function selectedLine(modem: CommandTarget): number {
  const { analogueLine } = modem.settings();
  if (analogueLines[analogueLine]?.hasLine === modem.isOffHook()) return analogueLine;
  return modem.isOffHook() ? 1 : 0;
}

/** Number, label, and the events told while playing, recording, and in the command state (none without the line). */
function lineText({ label, hasLine }: (typeof analogueLines)[number], number: number): string {
  const { playing, recording, commandState } = tellableEvents;
  const masks = [playing, recording, commandState].map((mask) => hex(hasLine ? mask : 0));
  return `${number},"${label}",${masks.join(',')}`;
}

function hex(mask: number): string {
  return mask.toString(16).toUpperCase().padStart(8, '0');
}
