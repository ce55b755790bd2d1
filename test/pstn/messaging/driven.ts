import { silentLog } from '../../../src/log/log.js';
import type { OfficeOptions } from '../../../src/pstn/central-office/options.js';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import type { Messaging, ReceivedMessage } from '../../../src/pstn/messaging/messaging.js';
import { type OpenMessagingOptions, openMessaging } from '../../../src/pstn/messaging/open-messaging.js';
import { runUntil, simulatedOffice } from '../../support/office.js';

export const alice = '15555550101';
export const bob = '15555550102';

/** Lets simulated time pass until `promise` is settled. */
export async function settled<Value>(
  world: Pick<ReturnType<typeof simulatedOffice>, 'clock'>,
  promise: Promise<Value>,
  limitMs = 600_000,
): Promise<Value> {
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  await runUntil(world.clock, () => isSettled, limitMs);
  return promise;
}

/** What a driver has handed over; `refuses` makes it reject. */
export class Inbox {
  readonly messages: ReceivedMessage[] = [];
  refuses = false;

  readonly receive = async (message: ReceivedMessage): Promise<void> => {
    if (this.refuses) throw new Error('the disk is full');
    this.messages.push(message);
  };

  get texts(): readonly string[] {
    return this.messages.map((message) => (message.kind === 'text' ? message.text : message.pdu));
  }
}

/** Alice and Bob, each a driver on a simulated GSM modem. */
export async function aliceAndBob(
  options: Partial<OfficeOptions> & {
    readonly driver?: Partial<OpenMessagingOptions>;
    readonly pin?: string;
  } = {},
) {
  const { driver, pin, ...rest } = options;
  const lines = [
    { number: alice, modem: 'gsm' as const, ...(pin !== undefined && { pin }) },
    { number: bob, modem: 'gsm' as const },
  ];
  const world = simulatedOffice({ lines, ...rest });
  const open = async (number: string, inbox: Inbox): Promise<Messaging> => {
    const { clock, office } = world;
    const { receive } = inbox;
    const opened = openMessaging(`sim:${number}`, {
      clock,
      log: silentLog,
      receive,
      simBinding: simBinding(office),
      ...driver,
    });
    return settled(world, opened);
  };
  const fromBob = new Inbox();
  const fromAlice = new Inbox();
  const a = await open(alice, fromBob);
  const b = await open(bob, fromAlice);
  return {
    ...world,
    world,
    open,
    a,
    b,
    /** What Alice's driver received, and what Bob's did. */
    atAlice: fromBob,
    atBob: fromAlice,
    simOfBob: world.office.mobile(bob).sim.messages,
    send: (to: string, text: string, how?: Parameters<Messaging['send']>[2]) =>
      settled(world, a.send(to, text, how)),
  };
}
