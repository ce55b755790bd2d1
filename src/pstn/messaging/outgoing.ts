import type { Log } from '../../log/log.js';
import { type Address, numberAddress } from '../sms/address.js';
import { type Concatenation, encodeContent, textBody } from '../sms/content.js';
import { encodeDataCoding } from '../sms/data-coding.js';
import { encodePdu } from '../sms/pdu.js';
import { type SplitText, splitText } from '../sms/split-text.js';
import { relativeValidity, relativeValidityMs } from '../sms/time-stamp.js';
import type { Submit } from '../sms/tpdu.js';
import { type Deliveries, ExpectedMessage } from './deliveries.js';
import { meaningOf } from './meanings.js';
import type { MessageChannel } from './message-channel.js';
import type { Delivery, SendOptions, SendResult } from './messaging.js';

/** 27.005 gives no limit; networks have been seen to take most of a minute. */
const networkMs = 90_000;

/** Service centres keep messages without a validity period for days. */
const usualValidityMs = 3 * 24 * 3_600_000;
/** On its way back a report may be late. */
const reportGraceMs = 10 * 60_000;

/** Turns texts into messages and sees them off, one at a time. */
export class Outgoing {
  readonly #channel: MessageChannel;
  readonly #deliveries: Deliveries;
  readonly #log: Log;
  readonly #unanswered: () => void;
  #reference: number;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param parts.firstReference of messages in parts; another one after each start, or the parts of two messages mix
   * @param parts.unanswered the modem said nothing: it may have been reset
   */
  constructor(parts: {
    readonly channel: MessageChannel;
    readonly deliveries: Deliveries;
    readonly log: Log;
    readonly firstReference: number;
    unanswered(): void;
  }) {
    this.#channel = parts.channel;
    this.#deliveries = parts.deliveries;
    this.#log = parts.log;
    this.#reference = parts.firstReference;
    this.#unanswered = () => parts.unanswered();
  }

  send(to: string, text: string, options: SendOptions): Promise<SendResult> {
    const address = numberAddress(to);
    if (!address) return Promise.resolve({ kind: 'unusable', problem: 'number' });
    const split = splitText(text);
    if (!split) return Promise.resolve({ kind: 'unusable', problem: 'length' });
    const result = this.#turn.then(() => this.#sendParts(address, split, options));
    this.#turn = result;
    return result;
  }

  async #sendParts(to: Address, split: SplitText, options: SendOptions): Promise<SendResult> {
    const { reportDelivery = false, validityMs } = options;
    const references: number[] = [];
    const message = new ExpectedMessage(split.parts.length);
    const total = split.parts.length;
    const ownReference = this.#reference;
    if (total > 1) {
      this.#reference = (this.#reference + 1) & 0xff;
      // Keeps the radio channel open between the parts; modems that do not know it send them all the same.
      await this.#channel.command('AT+CMMS=1', networkMs);
    }
    for (const [index, part] of split.parts.entries()) {
      const concatenation = { reference: ownReference, referenceBits: 8, total, number: index + 1 } as const;
      const submit = submitOf(to, part, split.alphabet, total > 1 ? concatenation : undefined, options);
      const answer = await this.#sendOne(submit);
      if (answer.kind !== 'reference') {
        this.#log.info({ outcome: answer.kind, part: index + 1, parts: total }, 'short message not sent');
        return { ...answer, partsSent: index };
      }
      references.push(answer.reference);
      if (reportDelivery) this.#deliveries.expect(message, to, answer.reference);
    }
    this.#log.info({ parts: total, reportDelivery }, 'short message sent');
    if (reportDelivery) this.#deliveries.limit(message, lastWordMs(validityMs));
    const notTold: Delivery = { kind: 'not-told' };
    return {
      kind: 'sent',
      references,
      delivery: reportDelivery ? message.delivery : Promise.resolve(notTold),
    };
  }

  async #sendOne(submit: Submit): Promise<PartAnswer> {
    const { hex, length } = encodePdu(submit);
    const answer = await this.#channel.commandWithBody(`AT+CMGS=${length}`, hex, networkMs);
    switch (answer.kind) {
      case 'ok': {
        const told = answer.lines.map((line) => /^\+CMGS:\s*(\d{1,3})/.exec(line)?.[1]).find(Boolean);
        // An OK without a reference answers something else.
        return told === undefined ? { kind: 'unanswered' } : { kind: 'reference', reference: Number(told) };
      }
      case 'error':
        return { kind: 'refused', cms: answer.code, ...meaningOf(answer.code) };
      case 'lost':
        return answer.tookBody ? { kind: 'unanswered' } : { kind: 'lost' };
      case 'silent':
        this.#unanswered();
        if (answer.tookBody) return { kind: 'unanswered' };
        return { kind: 'refused', cms: undefined, meaning: 'the modem does not answer', isTemporary: true };
    }
  }
}

type PartAnswer =
  | { readonly kind: 'reference'; readonly reference: number }
  | { readonly kind: 'unanswered' | 'lost' }
  | {
      readonly kind: 'refused';
      readonly cms: number | undefined;
      readonly meaning: string;
      readonly isTemporary: boolean;
    };

function submitOf(
  to: Address,
  text: string,
  alphabet: 'gsm' | 'ucs2',
  concatenation: Concatenation | undefined,
  { reportDelivery = false, shownAtOnce = false, validityMs }: SendOptions,
): Submit {
  return {
    kind: 'submit',
    reportRequested: reportDelivery,
    reference: 0,
    to,
    protocol: 0,
    coding: encodeDataCoding({ alphabet, ...(shownAtOnce && { messageClass: 0 }) }),
    ...(validityMs !== undefined && { validity: { kind: 'relative', octet: relativeValidity(validityMs) } }),
    userData: encodeContent({ ...(concatenation && { concatenation }), body: textBody(text, alphabet) }),
  };
}

function lastWordMs(validityMs: number | undefined): number {
  const periodMs =
    validityMs === undefined ? usualValidityMs : relativeValidityMs(relativeValidity(validityMs));
  return periodMs + reportGraceMs;
}
