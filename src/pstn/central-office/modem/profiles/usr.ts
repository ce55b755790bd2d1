import { anything } from './generic.js';
import type { Profile } from './profile.js';

/** Rate, and its codes: plain, /ARQ, and with /V32 or /V34 and &A2 without and with /ARQ. */
const connectCodes: readonly (readonly [rate: number, plain: number, arq: number, ...named: NamedCodes[]])[] =
  [
    [1200, 5, 15],
    [2400, 10, 16, ['V34', 120, 122]],
    [4800, 18, 19, ['V32', 38, 39], ['V34', 124, 126]],
    [7200, 20, 24, ['V32', 40, 44], ['V34', 128, 130]],
    [9600, 13, 17, ['V32', 33, 37], ['V34', 132, 134]],
    [12000, 21, 22, ['V32', 41, 42], ['V34', 136, 138]],
    [14400, 25, 26, ['V32', 45, 46], ['V34', 140, 142]],
    [16800, 43, 57, ['V34', 144, 146]],
    [19200, 85, 88, ['V34', 148, 150]],
    [21600, 91, 94, ['V34', 111, 112]],
    [24000, 99, 100, ['V34', 113, 114]],
    [26400, 103, 104, ['V34', 115, 116]],
    [28800, 107, 108, ['V34', 117, 118]],
    // Of later Couriers; the manual at hand ends at 28,800.
    [31200, 151, 152, ['V34', 153, 154]],
    [33600, 155, 156, ['V34', 157, 158]],
  ];

type NamedCodes = readonly [modulation: string, plain: number, arq: number];

function connectNumbers(): Record<string, number> {
  const numbers: Record<string, number> = { ARQ: 14 };
  for (const [rate, plain, arq, ...named] of connectCodes) {
    numbers[`${rate}`] = plain;
    numbers[`${rate}/ARQ`] = arq;
    for (const [modulation, plainNamed, arqNamed] of named) {
      numbers[`${rate}/${modulation}`] = plainNamed;
      numbers[`${rate}/ARQ/${modulation}`] = arqNamed;
    }
  }
  return numbers;
}

/**
 * A U.S. Robotics Courier (Courier V.34 manual, pages 4-16 to 4-18): data only, no V.250 set. What other modems have under
 * `+` stands under `&`: &A result codes, &H &R &I flow control, &K compression, &M error control; S19 counts minutes.
 */
export const usr: Profile = {
  name: 'usr',
  manufacturer: 'U.S. Robotics',
  model: 'Courier V.Everything',
  revision: 'Supervisor 7.3.14',
  pages: {
    0: { text: '3366' },
    1: { text: 'CD3C' },
    2: { text: 'OK' },
    3: { text: 'U.S. Robotics Courier V.Everything' },
    4: 'settings',
    5: 'numbers',
    6: 'link',
    7: { text: 'Configuration Profile: V32bis,V.34,V.42bis' },
  },
  longestLine: 60,
  mixedCasePrefix: true,
  basics: {
    B: { initial: 0, most: 1 },
    E: { initial: 1, most: 1 },
    F: { initial: 1, most: 1 },
    L: anything(2),
    M: { initial: 1, most: 3 },
    Q: { initial: 0, most: 2 },
    V: { initial: 1, most: 1 },
    X: { initial: 4, most: 7 },
    Y: anything(0),
    '&A': { initial: 3, most: 3 },
    '&B': { initial: 1, most: 2 },
    '&C': { initial: 1, most: 1 },
    '&D': { initial: 2, most: 2 },
    '&G': { initial: 0, most: 2 },
    '&H': { initial: 1, most: 3 },
    '&I': { initial: 0, most: 5 },
    '&K': { initial: 1, most: 3 },
    '&M': { initial: 4, most: 7 },
    '&N': anything(0),
    '&P': { initial: 0, most: 1 },
    '&R': { initial: 2, most: 2 },
    '&S': { initial: 0, most: 2 },
    '&T': anything(5),
    '&X': { initial: 0, most: 2 },
    '&Y': { initial: 1, most: 3 },
  },
  unknownBasics: 'accepted',
  means: {
    '&H0': ['+IFC', [undefined, 0]],
    '&H1': ['+IFC', [undefined, 2]],
    '&H2': ['+IFC', [undefined, 1]],
    '&H3': ['+IFC', [undefined, 2]],
    '&R1': ['+IFC', [0]],
    '&R2': ['+IFC', [2]],
    '&I1': ['+IFC', [3]],
    '&I2': ['+IFC', [1]],
    '&K0': ['+DS', [0]],
    '&K1': ['+DS', [3]],
    '&K2': ['+DS', [3]],
    '&K3': ['+DS', [3]],
    '&M0': ['+ES', [1, 0, 1]],
    '&M4': ['+ES', [3, 0, 2]],
    '&M5': ['+ES', [3, 2, 4]],
  },
  extended: ['+FCLASS', '+GMI', '+GMM', '+GMR', '#CID'],
  serviceClasses: [0],
  registers: { 7: 60, 10: 7, 11: 70, 38: 0 },
  shownRegisters: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 19, 21, 22, 23, 25, 27, 28, 29, 38],
  inactivity: { register: 19, unitMs: 60_000 },
  beyondStoredProfiles: 'profile 0',
  texts: { 'NO DIALTONE': 'NO DIAL TONE' },
  numbers: { RINGING: 11 },
  connectText: 'protocol',
  connectNumbers: connectNumbers(),
  tellsNoAnswer: false,
  lineResult: 'VCON',
  answerResult: 'VCON',
};
