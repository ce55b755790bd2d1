import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import pc from 'picocolors';
import { explainCall } from '../billing/explain-call.js';
import { LedgerRater } from '../billing/rate-ledger.js';
import { TariffBook } from '../billing/tariff-book.js';
import type { ActionEnd, EndpointEvent, Received } from '../endpoint/actions/events.js';
import { listen } from '../endpoint/actions/listen.js';
import { pair } from '../endpoint/actions/pair.js';
import { send } from '../endpoint/actions/send.js';
import type { PairingScreen } from '../session/session.js';
import type { Store } from '../store/store.js';
import { wait } from '../time/clock.js';
import { realClock } from '../time/real-clock.js';
import { callRecordsBeside } from './call-record-forms.js';
import {
  demonstrationTariff,
  guestLines,
  type Person,
  passphrase,
  type Stage,
  setStage,
  storeArguments,
} from './demo-stage.js';
import { personScreen } from './event-screen.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';
import { ratingOptions } from './rating-options.js';
import { shellWord } from './shell-word.js';
import { textTable } from './table.js';
import { untilStopped } from './until-stopped.js';
import { WaitingLine } from './waiting-line.js';

const envelope = fileURLToPath(new URL('../../fixtures/envelope', import.meta.url));

export function demoCommand(): Command {
  return new Command('demo')
    .description('the main job on a simulated telephone network: pair, send an envelope, show the records')
    .option('--once', 'end after the job; otherwise stay up until Ctrl-C')
    .action(run);
}

async function run(options: { once?: true }): Promise<void> {
  const startedMs = performance.now();
  heading('Telephone network, server and two endpoints');
  waiting.begin('Starting the network, the database and the server');
  const stage = await setStage(createLogger(process.env.CORDBOARD_LOG_LEVEL ?? 'error')).finally(() =>
    waiting.end(),
  );
  try {
    for (const warning of stage.running.warnings) print(pc.yellow(warning));
    print(stage.running.summary);
    await pairThem(stage);
    const received = await sendEnvelope(stage);
    checkFiles(stage.bob, received);
    await showRecords(stage);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    print(`\n${pc.green(`Done in ${seconds} s: paired, sent, and every file arrived as it was.`)}`);
    if (!options.once) await stayUp(stage);
  } finally {
    waiting.end();
    await stage.close();
  }
  if (!options.once) print('Stopped.');
}

/** Of both endpoints: they share this terminal. */
const waiting = new WaitingLine();

async function pairThem({ alice, bob }: Stage): Promise<void> {
  heading('Key Exchange: Alice pairs with Bob; the two people confirm it by voice');
  print('Alice calls the server. They prove their keys to each other, then she says whom she wants;');
  print('the server calls Bob, who does the same, and joins the two lines: some ten seconds.');
  const telephone = telephoneCall();
  const aliceScreen: PairingScreen = {
    confirmCheckString: async (_, checkString) => {
      telephone.readOut(checkString);
      await telephone.typed;
      return true;
    },
    typeCheckString: () => Promise.reject(new Error('Bob does not call Alice here')),
  };
  const bobScreen: PairingScreen = {
    confirmCheckString: () => Promise.reject(new Error('Bob does not call Alice here')),
    typeCheckString: async () => {
      const heard = await telephone.heard;
      print(`${label(bob)}Check string:  ${pc.bold([...heard].join(' '))}   (typed as heard from Alice)`);
      telephone.confirm();
      return heard;
    },
  };
  const peer = await alice.endpoint.addressBook.named(bob.account);
  const [answered, placed] = await Promise.all([
    listen(bob.endpoint, { modem: bob.modem, screen: bobScreen, once: true, onEvent: screenOf(bob) }),
    pair(alice.endpoint, peer, { modem: alice.modem, screen: aliceScreen, onEvent: screenOf(alice) }),
  ]);
  mustBe('paired', placed);
  mustBe('paired', answered);
}

/** The two people's own call: Alice reads the characters out, Bob types them and says so. */
function telephoneCall() {
  let readOut: (checkString: string) => void = () => {};
  let confirm: () => void = () => {};
  const heard = new Promise<string>((resolve) => {
    readOut = resolve;
  });
  const typed = new Promise<void>((resolve) => {
    confirm = resolve;
  });
  return { heard, typed, readOut, confirm };
}

async function sendEnvelope({ alice, bob }: Stage): Promise<Received> {
  heading('Data Exchange: Alice sends the envelope');
  print(
    'A second call, then four files, packed and encrypted, at the speed of the line, and a signed receipt.',
  );
  const noPairing: PairingScreen = {
    confirmCheckString: async () => false,
    typeCheckString: async () => '',
  };
  const peer = await alice.endpoint.addressBook.named(bob.account);
  const [answered, placed] = await Promise.all([
    listen(bob.endpoint, { modem: bob.modem, screen: noPairing, once: true, onEvent: screenOf(bob) }),
    send(alice.endpoint, peer, [envelope], { modem: alice.modem, onEvent: screenOf(alice) }),
  ]);
  mustBe('sent', placed);
  return mustBe('received', answered);
}

function mustBe<E extends ActionEnd['event']>(
  event: E,
  end: ActionEnd | undefined,
): ActionEnd & { event: E } {
  if (end?.event !== event)
    throw new CommandFailed('failed', `The demonstration ended without "${event}"; see above.`);
  return end as ActionEnd & { event: E };
}

/** Every file of the envelope against what stands in Bob's inbox: content by SHA-256, date to the second. */
function checkFiles(bob: Person, received: Received): void {
  heading("What was sent, and what is in Bob's inbox");
  const folder = join(bob.endpoint.inbox, received.folder);
  const rows = filesBelow(envelope).map((path) => {
    const name = relative(dirname(envelope), path);
    const copy = join(folder, name);
    const digest = sha256(copy);
    const isSame = sha256(path) === digest && mtimeSeconds(path) === mtimeSeconds(copy);
    const date = utc(new Date(mtimeSeconds(copy) * 1000));
    const size = String(statSync(copy).size);
    return { isSame, cells: [name, size, date, `${digest.slice(0, 8)}…`, isSame ? 'yes' : 'NO'] };
  });
  print(
    textTable(
      ['file', 'octets', 'date (UTC)', 'SHA-256', 'equal'],
      rows.map(({ cells }) => cells),
    ),
  );
  if (rows.some(({ isSame }) => !isSame))
    throw new CommandFailed('failed', 'A file did not arrive as it was sent.');
}

async function showRecords({ alice, bob, running }: Stage): Promise<void> {
  heading('What the two endpoints logged');
  const logs = [
    { title: "Alice's Send Log", log: alice.endpoint.sendLog },
    { title: "Bob's Receive Log", log: bob.endpoint.receiveLog },
  ];
  const rows: string[][] = [];
  for (const { title, log } of logs) {
    for (const { at, protocol, version, outcome, durationSeconds, receipt } of (await log.read()).slice(-2)) {
      const cells = [
        title,
        utc(at),
        protocol,
        String(version ?? '-'),
        outcome,
        durationSeconds?.toFixed(1) ?? '-',
      ];
      rows.push([...cells, receipt ? `${receipt.slice(0, 8)}…` : '-']);
    }
  }
  print(textTable(['log', 'ended (UTC)', 'what', 'version', 'outcome', 'seconds', 'receipt'], rows));
  await closedCalls(running, 2);
  await new LedgerRater(ratingOptions(running.store)).rate();
  heading('What the server recorded, and what it charges');
  const newestFirst = await running.store.calls.list({ limit: 2 });
  print(callRecordsBeside(['first call', 'second call'], [...newestFirst].reverse()));
  const [second] = newestFirst;
  if (second) print(`\nThe second call's charge:\n${await explained(running.store, second.trackingId)}`);
}

async function explained({ charges, tariffs }: Store, trackingId: string): Promise<string> {
  const lines = await explainCall(charges, new TariffBook(tariffs), trackingId);
  return (lines ?? []).map((line) => `  ${line}`).join('\n');
}

/** Waits for the newest records: the server closes the last one a moment after the endpoints have hung up. */
async function closedCalls({ store }: Stage['running'], limit: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const records = await store.calls.list({ limit });
    if (turn === 50 || records.every(({ outcome }) => outcome !== undefined)) return;
    await wait(realClock, 200);
  }
}

async function stayUp({ alice, bob }: Stage): Promise<void> {
  const stopped = untilStopped();
  heading('Everything stays up until Ctrl-C. Where to look, from another terminal here');
  const here = (path: string) => shellWord(relative('.', path) || path);
  const look = [
    ["Bob's inbox", `npx cordboard inbox --home ${here(bob.home)}`],
    ['its files', `ls -lR ${here(bob.endpoint.inbox)}`],
    ["Alice's Send Log", `npx cordboard sent --home ${here(alice.home)}`],
    ['the call records', `npx cordboard calls${storeArguments()}`],
    ['the tariff', `npx cordboard tariff show ${demonstrationTariff}${storeArguments()}`],
    ['the accounts', `npx cordboard subscriber list${storeArguments()}`],
  ];
  for (const [what = '', command] of look) print(`  ${what.padEnd(18)}${command}`);
  if (storeArguments() === '') print('The last three with the same DATABASE_URL as here.');
  print('\nTwo free lines for any terminal program; the first calls, the second answers:');
  const [calling, called] = guestLines;
  print(`  cu -l "$PWD/${calling.link}" -s 38400 --nostop      ATDT${called.number}`);
  print(`  cu -l "$PWD/${called.link}" -s 38400 --nostop      ATA, once it shows RING`);
  print(`\nThe passphrase of both key rings is "${passphrase}".`);
  await stopped;
  print('Stopping ...');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const mtimeSeconds = (path: string) => Math.floor(statSync(path).mtimeMs / 1000);

const utc = (time: Date) => time.toISOString().slice(0, 19).replace('T', ' ');

const label = ({ firstName }: Person) => `${firstName.padEnd(5)} | `;

/** Both share this terminal, which has room for one progress line: the sender's. */
function screenOf(person: Person): (event: EndpointEvent) => void {
  const { show } = personScreen(label(person));
  return (event) => {
    const isReceiving = event.event === 'progress' && event.total === null;
    if (isReceiving || event.event === 'listening') return;
    waiting.end();
    show(event);
    if (event.event === 'dialing') waiting.begin(`${label(person)}waiting for the other side to answer`);
  };
}

function heading(text: string): void {
  print(`\n${pc.bold(text)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
