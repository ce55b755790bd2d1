interface Meaning {
  readonly text: string;
  readonly isTemporary?: true;
}

/** `+CMS ERROR` (27.005 3.2.5; below 128 the network's causes of 24.011), for people. */
const cmsMeanings: Readonly<Record<number, Meaning>> = {
  1: { text: 'nobody has this number' },
  8: { text: 'the operator bars this SIM from sending messages' },
  10: { text: 'this SIM is barred from sending messages' },
  17: { text: 'the network failed; try again', isTemporary: true },
  21: { text: 'the network rejects the message' },
  22: { text: 'the network is congested; try again', isTemporary: true },
  27: { text: 'the addressee is out of order', isTemporary: true },
  28: { text: 'the network does not know the addressee' },
  29: { text: 'the network does not offer this' },
  30: { text: 'the network does not know this SIM' },
  38: { text: 'the network is out of order', isTemporary: true },
  41: { text: 'the network failed for a moment; try again', isTemporary: true },
  42: { text: 'the network is congested; try again', isTemporary: true },
  47: { text: 'the network has no resources; try again', isTemporary: true },
  302: { text: 'the modem does not allow this now', isTemporary: true },
  303: { text: 'the modem cannot do this' },
  304: { text: 'the modem finds the message malformed' },
  305: { text: 'the modem finds the message malformed' },
  310: { text: 'no SIM is in the modem' },
  311: { text: 'the SIM wants its PIN' },
  313: { text: 'the SIM has failed' },
  314: { text: 'the SIM is busy', isTemporary: true },
  316: { text: 'the SIM wants its PUK' },
  318: { text: 'the SIM wants its PUK' },
  320: { text: "the modem's memory has failed" },
  321: { text: 'the modem has no such message' },
  322: { text: "the modem's memory is full", isTemporary: true },
  330: { text: 'the SIM names no service centre that the network knows' },
  331: { text: 'the modem is not registered with a network', isTemporary: true },
  332: { text: 'the network did not answer in time', isTemporary: true },
  500: { text: 'the modem gives no reason' },
};

export function meaningOf(cms: number | undefined): {
  readonly meaning: string;
  readonly isTemporary: boolean;
} {
  const known = cms === undefined ? cmsMeanings[500] : cmsMeanings[cms];
  return {
    meaning: known?.text ?? `the network or the modem gives cause ${cms}`,
    isTemporary: known?.isTemporary ?? false,
  };
}

/** TP-ST above 0x3F, for people. */
export function failureOf(status: number): string {
  const known: Readonly<Record<number, string>> = {
    64: 'a remote procedure failed',
    65: 'incompatible destination',
    66: 'the addressee rejected it',
    67: 'not obtainable',
    69: 'the addressee does not exist',
    70: 'its validity period ended before the addressee could be reached',
    71: 'deleted by the sender',
    72: 'deleted by the service centre',
    73: 'the service centre does not know the message',
  };
  return known[status] ?? `the service centre gives status ${status}`;
}
