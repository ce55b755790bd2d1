/** The octets of ASCII that frame version 1's packets (protocol text A.1). */
export const STX = 0x02;
export const ETX = 0x03;
export const ACK = 0x06;
export const NAK = 0x15;
export const ETB = 0x17;
export const EM = 0x19;

/** The first octet of a version 2 frame; version 1 never begins with it (A.7). */
export const versionTwoFrame = 0x21;
