/** The longest that a program may take to read the last octets of a call, or the modem to take a program's last. */
export const lastOctetsMs = 5_000;
