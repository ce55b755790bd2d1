import { Command, InvalidArgumentError, Option } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import { trackingId } from '../bytes/tracking-id.js';
import { systemRandom } from '../crypto/random.js';
import { type CallClass, type CallOutcome, callClasses, callOutcomes } from '../store/call-kinds.js';
import { type CallCorrection, type CallRecord, NoSuchCall, NotCorrectable } from '../store/calls.js';
import { accountArgument, causeArgument } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
import { callArgument, wholeTrackingId } from './named-call.js';
import { systemUser } from './system-user.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';
import { instantIn, zoneArgument } from './zone.js';

interface CorrectOptions extends StoreCommandOptions {
  readonly why: string;
  readonly zone?: string;
  readonly bridgeAt?: string;
  readonly endAt?: string;
  readonly durationSeconds?: number;
  readonly billableSeconds?: number;
  readonly neverJoined?: true;
  readonly caller?: AccountNumber;
  readonly callee?: AccountNumber;
  readonly calledNumber?: string;
  readonly outcome?: CallOutcome;
  readonly cause?: number;
  readonly class?: CallClass;
  readonly collect?: boolean;
}

export function correctCommand(): Command {
  const command = new Command('correct').argument(
    '<tracking-id>',
    'of the record that is wrong, or its last twelve digits',
    callArgument,
  );
  return addStoreOptions(command)
    .description('enter a further record that counts instead of a wrong one, which stays as it was')
    .requiredOption('--why <text>', 'for the books', whyArgument)
    .option('--billable-seconds <count>', 'from bridge to end', secondsArgument)
    .option('--duration-seconds <count>', 'from ring to end', secondsArgument)
    .option('--bridge-at <time>', 'when the two lines were joined')
    .addOption(
      new Option('--never-joined', 'the two lines were not joined, and nothing is charged').conflicts([
        'bridgeAt',
        'billableSeconds',
      ]),
    )
    .option('--end-at <time>', 'when the call was over')
    .option('--zone <zone>', 'of these times, e.g. Europe/Prague; UTC', zoneArgument)
    .option('--caller <number>', 'account of the caller', accountArgument)
    .option('--callee <number>', 'account of the callee', accountArgument)
    .option('--called-number <digits>', 'the number that was dialled for the callee', digitsArgument)
    .addOption(new Option('--outcome <outcome>', 'how the call ended').choices(callOutcomes))
    .option('--cause <number>', 'release cause of Q.850, 1 to 127', causeArgument)
    .addOption(new Option('--class <class>', 'what the call was for').choices(callClasses))
    .option('--collect', 'the callee has agreed to pay')
    .option('--no-collect', 'the callee has not agreed to pay')
    .action(correct);
}

async function correct(argument: string, options: CorrectOptions): Promise<void> {
  const changes = changesIn(options);
  if (Object.keys(changes).length === 1)
    throw new CommandFailed('usage', 'Nothing to correct: tell what is right, e.g. --billable-seconds 61.');
  await withStore(options, async ({ calls }) => {
    const wrong = await wholeTrackingId(calls, argument);
    const record = await calls.find(wrong);
    if (!record) throw new CommandFailed('failed', new NoSuchCall(wrong).message);
    refuseContradiction(record, changes);
    // With the time of the ring, as every tracking ID: it stands where the call was.
    const correction = trackingId(record.ringAt.getTime(), systemRandom(10));
    try {
      await calls.correct(wrong, { trackingId: correction, changes, enteredBy: systemUser() });
    } catch (cause) {
      if (cause instanceof NotCorrectable) throw new CommandFailed('failed', cause.message, { cause });
      throw cause;
    }
    process.stdout.write(`Corrected. From now on ${correction} counts.\n${chargeNote(record)}`);
  });
}

function changesIn({ why, zone, bridgeAt, endAt, neverJoined, ...given }: CorrectOptions): CallCorrection {
  const { durationSeconds, billableSeconds, caller, callee, calledNumber, outcome, cause, collect } = given;
  const told = {
    ...{
      durationSeconds,
      billableSeconds,
      callerAccount: caller,
      calleeAccount: callee,
      calledNumber,
      outcome,
    },
    ...{ releaseCause: cause, callClass: given.class, isCollect: collect },
    bridgeAt: bridgeAt === undefined ? undefined : instantIn(zone, bridgeAt),
    endAt: endAt === undefined ? undefined : instantIn(zone, endAt),
  };
  const known = Object.entries(told).filter(([, value]) => value !== undefined);
  const unjoined = neverJoined && { bridgeAt: undefined, billableSeconds: 0 };
  return { ...Object.fromEntries(known), ...unjoined, reason: why };
}

/** What the database would refuse, in its own words; and times and lengths that no call has. */
function refuseContradiction(record: CallRecord, changes: CallCorrection): void {
  const corrected = { ...record, ...changes };
  const { bridgeAt, billableSeconds = 0, durationSeconds, octetsFromCaller, outcome, callClass } = corrected;
  if (bridgeAt && changes.billableSeconds !== undefined && durationSeconds === undefined)
    throw new CommandFailed(
      'usage',
      'Nobody measured this call, and it is not rated until somebody does: tell --duration-seconds as well, from ring to end.',
    );
  if (bridgeAt && callClass === 'inquiry')
    throw new CommandFailed(
      'usage',
      'Who asked for the price alone was joined to nobody: tell --class as well.',
    );
  if (billableSeconds > 0 && !bridgeAt)
    throw new CommandFailed(
      'usage',
      'A call that was never joined has no billable seconds: tell --bridge-at as well.',
    );
  if (octetsFromCaller === undefined && outcome !== 'interrupted' && outcome !== 'transferred')
    throw new CommandFailed(
      'usage',
      'What passed in this call was never measured: it stays interrupted, or transferred.',
    );
  const isTimed = ['bridgeAt', 'endAt', 'durationSeconds', 'billableSeconds'].some((key) => key in changes);
  if (isTimed) refuseImpossibleTimes(corrected);
}

/** What a correction leaves alone is as it was recorded, also where clocks were set in the call. */
function refuseImpossibleTimes(record: CallRecord): void {
  const { ringAt, bridgeAt, endAt, durationSeconds = 0, billableSeconds = 0 } = record;
  const order = [ringAt, bridgeAt, endAt].flatMap((time) => time?.getTime() ?? []);
  if (order.some((time, index) => time < (order[index - 1] ?? time)))
    throw new CommandFailed('usage', 'A call rings, is joined, and ends, in this order: look at the times.');
  if (billableSeconds > durationSeconds)
    throw new CommandFailed(
      'usage',
      `Of ${durationSeconds} s from ring to end, ${billableSeconds} s cannot be billable: tell --duration-seconds as well.`,
    );
}

function chargeNote({ billTo, chargeMinor }: CallRecord): string {
  if (chargeMinor === undefined) return '';
  return `Account ${billTo} was charged for it. That charge is replaced when calls are rated next; on a bill that was issued it stays until that is credited.\n`;
}

function whyArgument(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why.');
  return text;
}

function secondsArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Not a whole number of seconds.');
  return Number(text);
}

function digitsArgument(text: string): string {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Not a telephone number (1 to 15 digits).');
  return text;
}
