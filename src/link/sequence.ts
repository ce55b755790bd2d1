/** The full number that is nearest to `near` and whose low 16 bits are `low`. */
export function unwrap(low: number, near: number): number {
  const ahead = (low - near) & 0xffff;
  return ahead < 0x8000 ? near + ahead : near + ahead - 0x1_0000;
}
