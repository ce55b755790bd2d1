import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import pc from 'picocolors';
import type { ActionEnd, EndpointEvent, Received } from '../endpoint/actions/events.js';
import { listen } from '../endpoint/actions/listen.js';
import { pair } from '../endpoint/actions/pair.js';
import { send } from '../endpoint/actions/send.js';
import type { PairingScreen } from '../session/session.js';
import { callRecordsTable } from './call-record-forms.js';
import {
  delayMs,
  guestLines,
  lineRate,
  type Person,
  passphrase,
  type Stage,
  setStage,
  timeScale,
} from './demo-stage.js';
import { personScreen } from './event-screen.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';
import { printable, textTable } from './table.js';
import { untilStopped } from './until-stopped.js';

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
  const stage = await setStage(createLogger(process.env.CORDBOARD_LOG_LEVEL ?? 'error'));
  try {
    print(stage.running.summary);
    print(
      `Lines of ${lineRate.toLocaleString('en')} bit/s, ${delayMs} ms one way. Clock scale ${timeScale}: ringing,`,
    );
    print('post-dial delay and training take a tenth of their time; digits and data take all of theirs.');
    await pairThem(stage);
    const received = await sendEnvelope(stage);
    checkFiles(stage.bob, received);
    await showRecords(stage);
    print(`\nDone in ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
    if (!options.once) await stayUp(stage);
  } finally {
    await stage.close();
  }
}

async function pairThem({ alice, bob }: Stage): Promise<void> {
  heading('Key Exchange: Alice pairs with Bob; the two people confirm five characters by voice');
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
    const name = path.split('/').at(-1) ?? path;
    const copy = join(folder, name);
    const isSame = sha256(path) === sha256(copy) && mtimeSeconds(path) === mtimeSeconds(copy);
    const date = new Date(mtimeSeconds(copy) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    return {
      isSame,
      cells: [name, String(statSync(copy).size), date, sha256(copy).slice(0, 16), isSame ? 'yes' : 'NO'],
    };
  });
  print(
    textTable(
      ['file', 'octets', 'date (UTC)', 'SHA-256 begins', 'both equal'],
      rows.map(({ cells }) => cells),
    ),
  );
  if (rows.some(({ isSame }) => !isSame))
    throw new CommandFailed('failed', 'A file did not arrive as it was sent.');
}

async function showRecords({ alice, bob, running }: Stage): Promise<void> {
  heading("Alice's Send Log and Bob's Receive Log");
  for (const { name, endpoint } of [alice, bob]) {
    const log = name === alice.name ? endpoint.sendLog : endpoint.receiveLog;
    for (const row of (await log.read()).slice(-2)) {
      const seconds = row.durationSeconds?.toFixed(1) ?? '-';
      print(
        `${printable(name).padEnd(13)} ${row.at.toISOString().slice(0, 19)}  ${row.protocol}  ${row.outcome}  ${seconds} s`,
      );
    }
  }
  heading("The server's call records (not rated: no tariff is set)");
  print(callRecordsTable(await running.store.calls.list({ limit: 2 })));
}

async function stayUp({ alice, bob }: Stage): Promise<void> {
  heading('Everything stays up until Ctrl-C. Where to look, from another terminal here');
  const inbox = relative('.', bob.endpoint.inbox) || bob.endpoint.inbox;
  const look = [
    ['npx cordboard calls', 'the call records'],
    ['npx cordboard subscriber list', 'the accounts'],
    [`npx cordboard inbox --home ${relative('.', bob.home)}`, `Bob's inbox; the files are in ${inbox}`],
    [`npx cordboard sent --home ${relative('.', alice.home)}`, "Alice's Send Log"],
  ];
  for (const [command = '', what] of look) print(`  ${command.padEnd(48)}${what}`);
  const lines = guestLines.map(({ number, link }) => `${link} (${number})`).join(' and ');
  print(`Free lines for any terminal program: ${lines}; for example`);
  print(
    `  cu -l ${process.cwd()}/${guestLines[0]?.link} -s 38400 --nostop       then ATDT${guestLines[1]?.number}`,
  );
  print(`The key rings' passphrase here is "${passphrase}".`);
  await untilStopped();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const mtimeSeconds = (path: string) => Math.floor(statSync(path).mtimeMs / 1000);

const label = ({ name }: Person) => `${printable(name).padEnd(13)}| `;

/** Both share this terminal, which has room for one progress line: the sender's. */
function screenOf(person: Person): (event: EndpointEvent) => void {
  const { show } = personScreen(label(person));
  return (event) => {
    const isReceiving = event.event === 'progress' && event.total === null;
    if (!isReceiving) show(event);
  };
}

function heading(text: string): void {
  print(`\n${pc.bold(text)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
