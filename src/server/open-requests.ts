import type { AccountNumber } from '../bytes/account-number.js';

/**
 * The requests whose calls are being set up or are bridged (fault 47): a caller that lost its line in the middle may ask again with
 * the same id, and gets no second call beside the first. In memory: when the server ends, so do its calls.
 */
export class OpenRequests {
  readonly #open = new Set<string>();

  /** False when it is under way already. @param requestId 16 octets */
  begin(caller: AccountNumber, requestId: Uint8Array): boolean {
    const key = keyOf(caller, requestId);
    if (this.#open.has(key)) return false;
    this.#open.add(key);
    return true;
  }

  end(caller: AccountNumber, requestId: Uint8Array): void {
    this.#open.delete(keyOf(caller, requestId));
  }
}

function keyOf(caller: AccountNumber, requestId: Uint8Array): string {
  return `${caller} ${Buffer.from(requestId).toString('hex')}`;
}
