import { generic } from './generic.js';
import type { Profile } from './profile.js';

/**
 * V.250 and V.253 and nothing else, for programs that want to know whether they rely on more: makers' own commands are errors,
 * a line is 40 characters, a number of CONNECT is 1. S1, S2 and S12 are the Hayes escape and ring counter, without which no
 * program works.
 */
export const strict: Profile = {
  ...generic,
  name: 'strict',
  model: 'Cordboard strict modem',
  pages: { 0: { text: 'Cordboard strict modem' }, 3: { text: generic.revision }, 4: 'settings' },
  longestLine: 40,
  mixedCasePrefix: false,
  basics: {
    E: { initial: 1, most: 1 },
    L: { initial: 2, most: 3 },
    M: { initial: 1, most: 2 },
    Q: { initial: 0, most: 1 },
    V: { initial: 1, most: 1 },
    X: { initial: 4, most: 4 },
    '&C': { initial: 1, most: 1 },
    '&D': { initial: 2, most: 2 },
    '&S': { initial: 0, most: 1 },
  },
  unknownBasics: 'refused',
  means: {},
  knownRegisters: [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12],
  shownRegisters: [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12],
  beyondStoredProfiles: 'error',
  connectNumbers: {},
  answerResult: 'OK',
};
