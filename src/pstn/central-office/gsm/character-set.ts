import { fromSeptets, toSeptets } from '../../sms/alphabet.js';

/** `+CSCS`: how texts are written between modem and program. */
export const charsets = ['GSM', 'IRA', 'UCS2', 'HEX'] as const;
export type Charset = (typeof charsets)[number];

export function isCharset(name: string | undefined): name is Charset {
  return charsets.some((known) => known === name);
}

/** One character for each octet that goes to the program. */
export function written(text: string, charset: Charset): string {
  switch (charset) {
    case 'GSM':
      return String.fromCharCode(...toSeptets(text));
    case 'IRA':
      return text.replaceAll(/[^\0-\x7f]/gu, '?');
    case 'UCS2':
      return Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase();
    case 'HEX':
      return Buffer.from(toSeptets(text)).toString('hex').toUpperCase();
  }
}

/** The text that the program's octets mean; undefined when they are no such text. */
export function readText(octets: string, charset: Charset): string | undefined {
  switch (charset) {
    case 'GSM':
      return fromSeptets([...octets].map((octet) => octet.charCodeAt(0) & 0x7f));
    case 'IRA':
      return octets.replaceAll(/[^\0-\x7f]/g, '?');
    case 'UCS2':
      return hexOf(octets, 4)?.swap16().toString('utf16le');
    case 'HEX': {
      const septets = hexOf(octets, 2);
      return septets && fromSeptets([...septets].map((octet) => octet & 0x7f));
    }
  }
}

function hexOf(text: string, digitsEach: number): Buffer | undefined {
  const isHex = text.length % digitsEach === 0 && /^[0-9A-F]*$/i.test(text);
  return isHex ? Buffer.from(text, 'hex') : undefined;
}
