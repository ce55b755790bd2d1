import { addressText, addressType } from '../../sms/address.js';
import { readContent, textOf } from '../../sms/content.js';
import { parseDataCoding } from '../../sms/data-coding.js';
import type { TimeStamp } from '../../sms/time-stamp.js';
import type { Deliver, StatusReport, Submit } from '../../sms/tpdu.js';
import { quoted } from './arguments.js';
import { type Charset, written } from './character-set.js';
import type { StoredMessage } from './message-store.js';

/** How a message looks in text mode (27.005 3.4 and 4.1 to 4.8). */
export interface TextForm {
  readonly charset: Charset;
  /** `+CSDH=1` */
  readonly showsHeaders: boolean;
}

/** `26/11/20,22:15:00-20`, the zone in quarters of an hour. */
export function stampText(stamp: TimeStamp | undefined): string {
  if (!stamp) return '"00/00/00,00:00:00+00"';
  const { utcMs, offsetMinutes } = stamp;
  const local = new Date(utcMs + offsetMinutes * 60_000).toISOString();
  const date = local.slice(2, 10).replaceAll('-', '/');
  const zone = String(Math.abs(offsetMinutes) / 15).padStart(2, '0');
  return `"${date},${local.slice(11, 19)}${offsetMinutes < 0 ? '-' : '+'}${zone}"`;
}

/** `+CMGR:` without its name, and the text below it. */
export function readForm({ tpdu, state, serviceCentre }: StoredMessage, form: TextForm): string {
  if (tpdu.kind === 'status-report') return `"${state}",${reportFields(tpdu, form)}`;
  const centre = serviceCentre ? `,${address(serviceCentre, form)},${addressType(serviceCentre)}` : ',"",129';
  const details = form.showsHeaders ? `,${headerFields(tpdu)}${centre},${tpdu.userData.length}` : '';
  const who = tpdu.kind === 'deliver' ? tpdu.from : tpdu.to;
  const stamp = tpdu.kind === 'deliver' ? `,${stampText(tpdu.sentAt)}` : '';
  return `"${state}",${address(who, form)},${stamp}${details}\r\n${bodyText(tpdu, form.charset)}`;
}

/** `+CMGL:` without its name and place. */
export function listForm({ tpdu, state }: StoredMessage, form: TextForm): string {
  if (tpdu.kind === 'status-report') return `"${state}",${reportFields(tpdu, form)}`;
  const who = tpdu.kind === 'deliver' ? tpdu.from : tpdu.to;
  const stamp = tpdu.kind === 'deliver' ? `,${stampText(tpdu.sentAt)}` : form.showsHeaders ? ',' : '';
  const details = form.showsHeaders ? `,${addressType(who)},${tpdu.userData.length}` : '';
  return `"${state}",${address(who, form)},${stamp}${details}\r\n${bodyText(tpdu, form.charset)}`;
}

/** `+CMT:` without its name. */
export function directForm(tpdu: Deliver, form: TextForm): string {
  const details = form.showsHeaders ? `,${headerFields(tpdu)},"",129,${tpdu.userData.length}` : '';
  return `${address(tpdu.from, form)},,${stampText(tpdu.sentAt)}${details}\r\n${bodyText(tpdu, form.charset)}`;
}

/** `+CDS:` without its name. */
export function reportForm(report: StatusReport, form: TextForm): string {
  return reportFields(report, form);
}

/** Octets that are no text of the default alphabet, and texts behind a header, are hexadecimal. */
function bodyText(tpdu: Submit | Deliver, charset: Charset): string {
  const coding = parseDataCoding(tpdu.coding);
  const content = readContent(tpdu.userData, coding);
  if ('kind' in content || tpdu.userData.hasHeader || coding.alphabet !== 'gsm') {
    return Buffer.from(tpdu.userData.octets).toString('hex').toUpperCase();
  }
  return written(textOf([content.body]), charset);
}

/** Type of address, first octet, protocol, coding; and the period of a message that is to be sent. */
function headerFields(tpdu: Submit | Deliver): string {
  const who = tpdu.kind === 'deliver' ? tpdu.from : tpdu.to;
  const common = `${addressType(who)},${firstOctetOf(tpdu)},${tpdu.protocol},${tpdu.coding}`;
  if (tpdu.kind === 'deliver') return common;
  if (tpdu.validity === undefined) return `${common},`;
  const { validity } = tpdu;
  return `${common},${validity.kind === 'relative' ? validity.octet : stampText(validity.until)}`;
}

function reportFields({ reference, to, sentAt, endedAt, status }: StatusReport, form: TextForm): string {
  const times = `${stampText(sentAt)},${stampText(endedAt)}`;
  return `6,${reference},${address(to, form)},${addressType(to)},${times},${status}`;
}

function firstOctetOf(tpdu: Submit | Deliver): number {
  const header = tpdu.userData.hasHeader ? 0x40 : 0;
  if (tpdu.kind === 'deliver') return (tpdu.moreFollow ? 0 : 4) | header;
  const period = { none: 0, relative: 0x10, absolute: 0x18 }[tpdu.validity?.kind ?? 'none'];
  return 1 | period | (tpdu.reportRequested ? 0x20 : 0) | header;
}

function address(who: Parameters<typeof addressText>[0], { charset }: TextForm): string {
  return quoted(written(addressText(who), charset));
}
