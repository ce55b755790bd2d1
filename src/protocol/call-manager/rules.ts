import type { AccountNumber } from '../../bytes/account-number.js';
import type { CallerId } from '../../pstn/signals.js';
import { isDirectoryNumber } from './digits.js';

/** What the checks need to know of a subscriber. */
export interface SubscriberFacts {
  readonly account: AccountNumber;
  readonly state: 'active' | 'suspended' | 'closed';
  /** The number that the server dials to reach it, and the first it may call from. */
  readonly number: string;
  readonly callingNumbers: readonly string[];
  readonly allowsWithheldAni: boolean;
  readonly versions: readonly (1 | 2)[];
  readonly accepts: readonly (AccountNumber | '*')[];
  /** Whether it can prove itself in version 2. */
  readonly hasKey: boolean;
}

/** One call as the checks see it. A subscriber is `undefined` where the database has no such account. */
export interface Request {
  readonly serverNumber: string;
  /** `undefined`: the line told nothing before the answer. */
  readonly ani: CallerId | undefined;
  readonly protocolVersion: 1 | 2;
  /** Version 2: a call under the same request id of this account is under way. */
  readonly isRepeated: boolean;
  readonly callerAccount: AccountNumber;
  readonly calleeAccount: AccountNumber;
  readonly caller: SubscriberFacts | undefined;
  readonly callee: SubscriberFacts | undefined;
}

/**
 * Steps 310 and 320 and the callee's authorisation. Every check is made whatever the others found.
 * @returns why the call is refused, for the log and the record alone (CM-315); empty when it is cleared.
 */
export function refusals(request: Request): string[] {
  const { protocolVersion, callerAccount, calleeAccount, caller, callee } = request;
  return [
    ...accountRefusals('caller', callerAccount, caller, protocolVersion),
    ...accountRefusals('callee', calleeAccount, callee, protocolVersion),
    ...(request.isRepeated ? ['a call under this request id is under way'] : []),
    ...(callerAccount === calleeAccount ? ['caller and callee are the same account'] : []),
    // In version 2 the caller has proved its keys; the ANI, which a trunk can set at will, proves nothing.
    ...(caller && protocolVersion === 1 ? aniRefusals(caller, request.ani) : []),
    ...(callee ? destinationRefusals(callee, request) : []),
  ];
}

/** CM-310, both ways. */
function accountRefusals(
  role: string,
  account: AccountNumber,
  facts: SubscriberFacts | undefined,
  version: 1 | 2,
): string[] {
  if (!facts) return [`${role} ${account} unknown`];
  return [
    ...(facts.state === 'active' ? [] : [`${role} ${account} ${facts.state}`]),
    ...(facts.versions.includes(version) ? [] : [`${role} ${account} may not use version ${version}`]),
    ...(version === 1 || facts.hasKey ? [] : [`${role} ${account} has no subscription for version 2`]),
  ];
}

/** CM-320: the number that the caller calls from is one of the account's. */
function aniRefusals(caller: SubscriberFacts, ani: CallerId | undefined): string[] {
  if (ani?.kind !== 'number') {
    return caller.allowsWithheldAni ? [] : [`ANI ${ani?.kind ?? 'absent'}, which the account does not allow`];
  }
  const own = [caller.number, ...caller.callingNumbers];
  return own.includes(ani.number) ? [] : ["ANI is not among the caller's numbers"];
}

/** CM-A2, and what guards the server's own trunks. */
function destinationRefusals(callee: SubscriberFacts, request: Request): string[] {
  const accepts = callee.accepts.includes('*') || callee.accepts.includes(request.callerAccount);
  return [
    ...(accepts ? [] : ['callee does not accept this caller']),
    ...(isDirectoryNumber(callee.number) ? [] : ["callee's number cannot be dialled"]),
    ...(callee.number === request.serverNumber ? ["callee's number is the server's own"] : []),
  ];
}

/** The ANI as the call record keeps it: digits, or nothing for whatever is not a number (fault 43). */
export function recordedAni(ani: CallerId | undefined): string | undefined {
  return ani?.kind === 'number' && isDirectoryNumber(ani.number) ? ani.number : undefined;
}
