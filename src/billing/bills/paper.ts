/** What a bill is printed on: 8.5 x 11 inches, or 210 x 297 mm. */
export const papers = ['letter', 'a4'] as const;
export type Paper = (typeof papers)[number];
