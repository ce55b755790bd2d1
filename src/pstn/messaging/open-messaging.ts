import type { BindingInterface } from '@serialport/bindings-interface';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { openModemLine } from '../modem/open-modem.js';
import { GsmMessaging } from './gsm-messaging.js';
import type { Messaging, Receive } from './messaging.js';

export interface OpenMessagingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly receive: Receive;
  /** Of the SIM, where it asks for one. */
  readonly pin?: string;
  /** How long the parts of a message wait for those that are missing; a day when left out. */
  readonly partsWaitMs?: number;
  /** The simulated telephone network of this process, for `sim:` lines. */
  readonly simBinding?: BindingInterface;
}

/**
 * Opens the line, finds the GSM modem on it, unlocks its SIM and sets it up; what it has received meanwhile comes at once.
 * Rejects with `ModemUnavailable`, whose message is for the operator; the port is then closed.
 */
export async function openMessaging(url: string, options: OpenMessagingOptions): Promise<Messaging> {
  const { line, timing } = await openModemLine(url, options);
  const messaging = new GsmMessaging({ url, line, timing, ...options });
  try {
    await messaging.start();
    return messaging;
  } catch (error) {
    await messaging.close();
    throw error;
  }
}
