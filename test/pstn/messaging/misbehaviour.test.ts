import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberAddress } from '../../../src/pstn/sms/address.js';
import { encodeContent, textBody } from '../../../src/pstn/sms/content.js';
import { encodePdu } from '../../../src/pstn/sms/pdu.js';
import { runFor, runUntil } from '../../support/office.js';
import { settled } from './driven.js';
import { drivenFake, listing } from './fake-gsm.js';

const from = numberAddress('+15555550101') ?? expect.fail();
const sentAt = { utcMs: Date.UTC(2026, 0, 1), offsetMinutes: 0 };

function received(text: string, number = 1, total = 1): string {
  const concatenation = { reference: 5, referenceBits: 8, total, number } as const;
  const userData = encodeContent({ body: textBody(text, 'gsm'), ...(total > 1 && { concatenation }) });
  return encodePdu({ kind: 'deliver', moreFollow: false, from, protocol: 0, coding: 0, sentAt, userData })
    .hex;
}

function report(reference: number, status: number, number = '+15555550102'): string {
  const to = numberAddress(number) ?? expect.fail();
  return encodePdu({ kind: 'status-report', reference, to, sentAt, endedAt: sentAt, status }).hex;
}

const to = '+15555550102';

describe('GSM modems that misbehave', () => {
  test('ERROR for everything: opening says what that means, sending is refused without a cause', async () => {
    await expect(
      drivenFake((modem) => {
        modem.answer = () => '\r\nERROR\r\n';
      }),
    ).rejects.toThrow('No modem answers at serial:/dev/gsm');
    const { clock, modem, driver } = await drivenFake();
    modem.answer = () => '\r\nERROR\r\n';
    expect(await settled({ clock }, driver.send(to, 'x'))).toEqual({
      kind: 'refused',
      cms: undefined,
      meaning: 'the modem gives no reason',
      isTemporary: false,
      partsSent: 0,
    });
    await driver.close();
  });

  test('an old modem that knows no +CSMS, +CPMS, +CNMI, +CREG, +CMEE: it is used, and asked once a minute', async () => {
    const { clock, modem, driver, inbox } = await drivenFake((it) => {
      it.answer = (command) => (/CSMS|CPMS|CNMI|CREG|CMEE/.test(command) ? '\r\nERROR\r\n' : 'usual');
    });
    expect(await settled({ clock }, driver.send(to, 'x'))).toMatchObject({ kind: 'sent', references: [7] });
    modem.stored.set(1, received('unannounced'));
    await runUntil(clock, () => inbox.texts[0] === 'unannounced', 61_000);
    await driver.close();
  });

  test('no prompt: nothing was sent, and it says so; silence after the text: perhaps, and it says that', async () => {
    const { clock, modem, driver } = await drivenFake();
    modem.answer = (command) => (command.startsWith('AT+CMGS') ? undefined : 'usual');
    expect(await settled({ clock }, driver.send(to, 'x'))).toMatchObject({
      kind: 'refused',
      isTemporary: true,
    });
    modem.answer = () => 'usual';
    modem.afterBody = () => undefined;
    const startMs = clock.monotonicMs();
    expect(await settled({ clock }, driver.send(to, 'x'))).toEqual({ kind: 'unanswered', partsSent: 0 });
    expect(clock.monotonicMs() - startMs).toBeLessThan(100_000);
    modem.afterBody = () => '\r\nOK\r\n';
    expect(await settled({ clock }, driver.send(to, 'x'))).toEqual({ kind: 'unanswered', partsSent: 0 });
    await driver.close();
  });

  test('a refusal in the middle of a text in parts tells how many went', async () => {
    const { clock, modem, driver } = await drivenFake();
    let bodies = 0;
    modem.afterBody = () => (++bodies < 3 ? `\r\n+CMGS: ${bodies}\r\n\r\nOK\r\n` : '\r\n+CMS ERROR: 42\r\n');
    expect(await settled({ clock }, driver.send(to, 'x'.repeat(500)))).toMatchObject({
      kind: 'refused',
      cms: 42,
      isTemporary: true,
      partsSent: 2,
    });
    await driver.close();
  });

  test('telephony 6.3: RING, +CMTI, +CREG and a direct report in the middle of a listing and of a sending', async () => {
    const { clock, modem, driver, inbox } = await drivenFake();
    const noise = `\r\nRING\r\n\r\n+CREG: 1\r\n\r\n+CMTI: "SM",2\r\n\r\n+CDS: 24\r\n${report(7, 0)}\r\n`;
    modem.stored.set(1, received('one', 1, 2)).set(2, received('two', 2, 2));
    modem.answer = (command) =>
      command === 'AT+CMGL=4'
        ? `${listing(1, received('one', 1, 2)).replace('\r\n07', `${noise}\r\n07`)}${noise}${listing(2, received('two', 2, 2))}${noise}\r\nOK\r\n`
        : 'usual';
    modem.say('\r\n+CMTI: "SM",1\r\n');
    await runUntil(clock, () => inbox.texts.length > 0);
    expect(inbox.texts).toEqual(['onetwo']);
    modem.answer = () => 'usual';
    modem.afterBody = () => `\r\n+CMTI: "SM",3\r\n${noise}\r\n+CMGS: 7\r\n\r\nOK\r\n`;
    const sent = await settled({ clock }, driver.send(to, 'x', { reportDelivery: true }));
    expect(sent.kind).toBe('sent');
    await driver.close();
  });

  test('echo that cannot be switched off, CR alone, parity bits, a prompt in pieces', async () => {
    const { clock, modem, driver } = await drivenFake();
    modem.answer = (command) => (command.startsWith('AT+CMGS') ? `${command}\r\r\n>` : 'usual');
    modem.afterBody = (body) => `${body}\r+CMGS:7\rOK\r`;
    const sending = driver.send(to, 'x');
    await runFor(clock, 100);
    modem.say(' ');
    expect(await settled({ clock }, sending)).toMatchObject({ kind: 'sent', references: [7] });
    modem.answer = (command) => (command.startsWith('AT+CMGS') ? '\r\n> ' : 'usual');
    modem.afterBody = () =>
      [...'\r\n+CMGS: 8\r\n\r\nOK\r\n'].map((it) => String.fromCharCode(it.charCodeAt(0) | 0x80)).join('');
    expect(await settled({ clock }, driver.send(to, 'x'))).toMatchObject({ kind: 'sent', references: [8] });
    await driver.close();
  });

  test('hostile PDUs are handed over as they are, deleted, and harm nobody else', async () => {
    const { clock, modem, driver, inbox } = await drivenFake();
    const short = received('cut').slice(0, -4);
    const header = received('x', 1, 2).replace('050003', 'FF0003');
    modem.stored.set(1, short).set(2, 'ZZZZ').set(3, header).set(4, received('good'));
    modem.say('\r\n+CMTI: "SM",1\r\n');
    await runUntil(clock, () => modem.stored.size === 0);
    expect(inbox.messages).toMatchObject([
      { kind: 'unreadable', pdu: short },
      { kind: 'unreadable', pdu: 'ZZZZ' },
      { kind: 'unreadable', pdu: header },
      { kind: 'text', text: 'good' },
    ]);
    await driver.close();
  });

  test('reports: temporary ones do not count, another number is another message, the last of equal references is meant', async () => {
    const { clock, modem, driver } = await drivenFake();
    const send = async (number: string) => {
      const sent = await settled({ clock }, driver.send(number, 'x', { reportDelivery: true }));
      if (sent.kind !== 'sent') return expect.fail(sent.kind);
      let told = 'nothing';
      void sent.delivery.then(({ kind }) => {
        told = kind;
      });
      return { told: () => told };
    };
    const older = await send(to);
    const other = await send('+15555559999');
    const newer = await send('5550102');
    modem.say(`\r\n+CDS: 24\r\n${report(7, 0x30)}\r\n`);
    modem.say(`\r\n+CDS: 24\r\n${report(9, 0)}\r\n`);
    await runFor(clock, 10);
    expect([older.told(), other.told(), newer.told()]).toEqual(['nothing', 'nothing', 'nothing']);
    modem.say(`\r\n+CDS: 24\r\n${report(7, 0x46)}\r\n`);
    await runFor(clock, 10);
    expect([older.told(), other.told(), newer.told()]).toEqual(['nothing', 'nothing', 'failed']);
    modem.say(`\r\n+CDS: 24\r\n${report(7, 0)}\r\n`);
    await runFor(clock, 10);
    expect([older.told(), other.told()]).toEqual(['delivered', 'nothing']);
    modem.stored.set(1, report(7, 1, '+15555559999'));
    modem.say('\r\n+CDSI: "SM",1\r\n');
    await runUntil(clock, () => other.told() === 'delivered');
    await runUntil(clock, () => modem.stored.size === 0);
    await driver.close();
  });

  test('no report within validity and ten minutes: not told; closing tells the same', async () => {
    const { clock, driver } = await drivenFake();
    const one = await settled({ clock }, driver.send(to, 'x', { reportDelivery: true, validityMs: 300_000 }));
    const two = await settled({ clock }, driver.send(to, 'x', { reportDelivery: true }));
    if (one.kind !== 'sent' || two.kind !== 'sent') return expect.fail();
    expect(await settled({ clock }, one.delivery, 900_001)).toEqual({ kind: 'not-told' });
    await driver.close();
    expect(await two.delivery).toEqual({ kind: 'not-told' });
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('unplugged in the middle: unanswered after the text was given, lost before; gone says why', async () => {
    const { clock, modem, driver } = await drivenFake();
    modem.afterBody = () => {
      queueMicrotask(() => modem.unplug());
      return undefined;
    };
    const [first, second] = [driver.send(to, 'x'), driver.send(to, 'x')];
    expect(await settled({ clock }, first)).toEqual({ kind: 'unanswered', partsSent: 0 });
    expect(await settled({ clock }, second)).toEqual({ kind: 'lost', partsSent: 0 });
    expect((await driver.gone).message).toBe('device disconnected');
    await runFor(clock, 1000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('a PIN that is refused when the modem comes back ends the driver: it is not tried again', async () => {
    const { clock, modem, driver } = await drivenFake(() => {}, '1234');
    modem.answer = (command) => {
      if (command === 'AT+CMGF?') return '\r\n+CMGF: 1\r\n\r\nOK\r\n';
      if (command === 'AT+CPIN?') return '\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n';
      return command.startsWith('AT+CPIN=') ? '\r\n+CME ERROR: 16\r\n' : 'usual';
    };
    modem.say('\r\nRDY\r\n');
    expect((await settled({ clock }, driver.gone)).message).toContain('refuses the PIN');
    await runFor(clock, 600_000);
    expect(modem.commands.filter((command) => command.startsWith('AT+CPIN='))).toEqual(['AT+CPIN="1234"']);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('garbage at any time, in any pieces, throws nothing, and the modem is usable afterwards', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '\r\n+CMT: ,20\r\n',
        '\r\n+CDS: 3\r\n',
        '\r\n> ',
        '\r\nOK\r\n',
        '\r\nERROR\r\n',
        '\r\n+CMS ERROR: \r\n',
        '\r\n+CMTI: "SM",999\r\n',
        '\r\n+CMGL: 1,1,,5\r\n',
        'FF'.repeat(700),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const { clock, modem, driver } = await drivenFake();
        const sending = driver.send(to, 'in the noise');
        for (const text of pieces) {
          modem.say(text);
          await runFor(clock, 7);
        }
        await settled({ clock }, sending);
        await runFor(clock, 200_000);
        expect(await settled({ clock }, driver.send(to, 'after it'))).toMatchObject({ kind: 'sent' });
        await driver.close();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
