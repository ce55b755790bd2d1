/** Keeps secrets of transfers on the disk; the key ring is one. */
export interface SecretBox {
  /** @param context what the secret belongs to: it opens with the same context alone */
  seal(context: string, secret: Uint8Array): Uint8Array;
  /** `undefined` when it was altered, or sealed for something else or by another key ring. */
  open(context: string, sealed: Uint8Array): Uint8Array | undefined;
}
