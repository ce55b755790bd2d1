import type { Settings } from './settings.js';

interface Identified {
  settings(): Settings;
  lineNumber(): string;
  personality(): { readonly name: string } | undefined;
}

const manufacturer = 'Cordboard';
const model = 'Cordboard simulated modem';
const revision = 'V.250 data, V.253 voice';

/**
 * `In`. Vendors agree on nothing but I0; a page without text answers OK alone. Never `56000`: vgetty would
 * take the modem for a Rockwell without V.253.
 */
export function informationPage(page: number, { settings, personality }: Identified): string | undefined {
  if (page === 0) return personality()?.name ?? model;
  if (page === 3) return revision;
  return page === 4 ? settings().dump() : undefined;
}

/** `+GMI` and its like (V.250 6.1.4 to 6.1.9); undefined for a command that is none of them. */
export function identification(name: string, { lineNumber }: Identified): string | undefined {
  switch (name) {
    case '+GMI':
      return manufacturer;
    case '+GMM':
      return model;
    case '+GMR':
      return revision;
    case '+GSN':
      return lineNumber();
    case '+GCAP':
      return '+GCAP: +FCLASS,+ES,+DS,+V';
    default:
      return undefined;
  }
}
