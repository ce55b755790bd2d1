import type { Settings } from './settings.js';

interface Identified {
  settings(): Settings;
  lineNumber(): string;
  personality(): { readonly name: string } | undefined;
  /** `&V`, `I4` */
  profilesText(): string;
  /** `I5`: what `&Z` has stored. */
  numbersText(): string;
  /** `I6` */
  linkText(): string;
}

/** `In`. Vendors agree on nothing but I0; undefined for a page without text, which is OK alone. */
export function informationPage(page: number, modem: Identified): string | undefined {
  const name = page === 0 ? modem.personality()?.name : undefined;
  if (name !== undefined) return name;
  const content = modem.settings().profile.pages[page];
  switch (content) {
    case undefined:
      return undefined;
    case 'settings':
      return modem.profilesText();
    case 'numbers':
      return modem.numbersText();
    case 'link':
      return modem.linkText();
    default:
      return content.text;
  }
}

/** `+GMI` and its like (V.250 6.1.4 to 6.1.9); undefined for a command that is none of them. */
export function identification(name: string, modem: Identified): string | undefined {
  const { manufacturer, model, revision, serviceClasses } = modem.settings().profile;
  switch (name) {
    case '+GMI':
      return manufacturer;
    case '+GMM':
      return model;
    case '+GMR':
      return revision;
    case '+GSN':
      return modem.lineNumber();
    case '+GOI':
      return model;
    case '+GCAP':
      return `+GCAP: +FCLASS,+MS,+ES,+DS${serviceClasses.includes(8) ? ',+V' : ''}`;
    default:
      return undefined;
  }
}
