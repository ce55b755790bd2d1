/** How a call ended, for the record; the caller on the line learns less (CM-315). */
export const callOutcomes = [
  /** Bridged, then released by either side. */
  'completed',
  /** Handed over to the callee in the exchange, by hook-flash: what became of it there is not known. */
  'transferred',
  'busy',
  'no-answer',
  'no-carrier',
  /** One of the checks 310 or 320 or the callee's authorisation failed; `reason` says which. */
  'refused',
  /** The caller hung up or fell silent before the bridge. */
  'abandoned',
  /** The server could not serve: no trunk, no store, a modem fault. */
  'failed',
  /** The server stopped while the call was open; closed when one starts. */
  'interrupted',
] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** What a call is for, by which it is rated. */
export const callClasses = ['pairing', 'delivery', 'stored'] as const;
export type CallClass = (typeof callClasses)[number];

/** What a call record tells that the call was for. An inquiry asks for the price alone (BL-A2): nobody is called, nothing is charged. */
export const recordedClasses = [...callClasses, 'inquiry'] as const;
export type RecordedClass = (typeof recordedClasses)[number];
