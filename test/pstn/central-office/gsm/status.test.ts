import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { puk } from '../../../../src/pstn/central-office/gsm/sim-card.js';
import { encodeContent, textBody } from '../../../../src/pstn/sms/content.js';
import { simulatedOffice } from '../../../support/office.js';
import { alice, bob, terminal, twoMobiles } from './mobiles.js';

describe('the simulated GSM modem', () => {
  test('telephony 6.4: everything that gammu and gammu-smsd ask is answered; set, read and test forms', async () => {
    const { a, office } = await twoMobiles();
    const answers: Record<string, string | RegExp> = {
      '+MODE=2': 'ERROR',
      '+CMEE=1': 'OK',
      '+CSCS?': '+CSCS: "IRA"|OK',
      '+CSCS=?': '+CSCS: ("GSM","IRA","UCS2","HEX")|OK',
      '+CSCS="HEX"': 'OK',
      '+CSCS="PCCP437"': '+CME ERROR: 3',
      '+CGMM': /GSM modem\|OK$/,
      '+CGMI': 'Cordboard|OK',
      '+CPROT=?': 'ERROR',
      '+SYNCML=?': 'ERROR',
      '$TSSPCSW=?': 'ERROR',
      '+CHUP=?': 'OK',
      '+CFUN=1': 'OK',
      '+CFUN?': '+CFUN: 1|OK',
      '+CFUN=?': '+CFUN: (0,1,4),(0,1)|OK',
      '+CGSN': /^00101000550101\d\|OK$/,
      '+CIMI': '001015555550101|OK',
      '+CSCA?': `+CSCA: "${hex('+13123149810')}",145|OK`,
      '+CPMS=?': '+CPMS: ("SM"),("SM"),("SM")|OK',
      '+CPMS="ME"': '+CMS ERROR: 302',
      '+CPMS="SM","SM"': '+CPMS: 0,20,0,20,0,20|OK',
      '+CMGL=4': 'OK',
      '+CMGL=?': '+CMGL: (0-4)|OK',
      '+CMGR=1': '+CMS ERROR: 321',
      '+CREG=2': 'OK',
      '+CREG?': '+CREG: 2,1,"0001","00C1",0|OK',
      '+CREG=?': '+CREG: (0,1,2)|OK',
      '+CGREG=2': 'OK',
      '+CGATT?': '+CGATT: 1|OK',
      '+COPS=3,2': 'OK',
      '+COPS?': '+COPS: 0,2,"00101"|OK',
      '+COPS=3,0': 'OK',
      '+CPIN?': '+CPIN: READY|OK',
      '+CNMI=?': '+CNMI: (0,1,2,3),(0,1,2,3),(0,2),(0,1,2),(0,1)|OK',
      '+CNMI=2,1,0,1,0': 'OK',
      '+CNMI=4': '+CMS ERROR: 302',
      '+CNMI?': '+CNMI: 2,1,0,1,0|OK',
      '+CUSD=1': 'OK',
      '+CMMS=2': 'OK',
      '+CBC': '+CBC: 0,100|OK',
      '+CSQ': '+CSQ: 21,99|OK',
      '+CPAS': '+CPAS: 0|OK',
      '+CSMS?': '+CSMS: 0,1,1,1|OK',
      '+CSMS=1': '+CSMS: 1,1,1|OK',
      '+CSMP?': '+CSMP: 17,167,0,0|OK',
      '+CSMP=49,255': 'OK',
      '+CSDH=1': 'OK',
      '+CLIP=1': 'OK',
      '+CCLK?': /^\+CCLK: "26\/01\/01,00:00:\d\d\+00"\|OK$/,
      '+CCLK="30/12/24,18:00:00+00"': 'OK',
      '+CCLK="today"': '+CME ERROR: 3',
      '+CLCK="SC",2': '+CLCK: 0|OK',
      '+CSCS="GSM";+CNUM': '+CNUM: "","+15555550101",145|OK',
      '+CXYZ?': 'ERROR',
      I: 'Cordboard simulated GSM modem|OK',
    };
    for (const [command, answer] of Object.entries(answers)) {
      expect({ [command]: await a.command(command) }).toEqual({
        [command]: typeof answer === 'string' ? answer : expect.stringMatching(answer),
      });
    }
    expect(await a.command('+CCLK?')).toContain('30/12/24,18:00');
    await office.close();
  });

  test('27.007: +CMEE hides, numbers and names errors; &F and Z forget what was set', async () => {
    const { a, office } = await twoMobiles();
    expect(await a.command('+CSCS="X"')).toBe('ERROR');
    await a.command('+CMEE=2');
    expect(await a.command('+CSCS="X"')).toBe('+CME ERROR: operation not allowed');
    await a.command('+CMGF=1;+CNMI=2,1');
    await a.command('&F');
    await a.command('E0');
    expect(await a.command('+CMGF?;+CNMI?;+CMEE?')).toBe('+CMGF: 0|+CNMI: 0,0,0,0,0|+CMEE: 0|OK');
    await office.close();
  });

  test('27.007: a SIM with a PIN: nothing of it before, three wrong ones and the PUK', async () => {
    const { a, b, atAlice, office, runUntil } = await twoMobiles({ pin: '1234' });
    await a.command('+CMEE=1');
    expect(await a.command('+CPIN?')).toBe('+CPIN: SIM PIN|OK');
    expect(await a.command('+CIMI')).toBe('+CME ERROR: 11');
    expect(await a.command('+CMGL=4')).toBe('+CMS ERROR: 311');
    expect(await a.command('+CREG?')).toBe('+CREG: 0,0|OK');
    await b.command('+CMGF=1');
    await b.entry(`+CMGS="+${alice}"`, 'wait for me');
    for (const pin of ['0000', '0001', '0002']) {
      expect(await a.command(`+CPIN="${pin}"`)).toBe('+CME ERROR: 16');
    }
    expect(await a.command('+CPIN?')).toBe('+CPIN: SIM PUK|OK');
    expect(await a.command('+CPIN="1234"')).toBe('+CME ERROR: 12');
    expect(await a.command('+CPIN="87654321","5678"')).toBe('+CME ERROR: 16');
    expect(await a.command(`+CPIN="${puk}","5678"`)).toBe('OK');
    expect(await a.command('+CPIN?')).toBe('+CPIN: READY|OK');
    await runUntil(() => atAlice.sim.messages.used === 1);
    atAlice.restart();
    expect(await a.command('E0')).toContain('OK');
    expect(await a.command('+CPIN?')).toBe('+CPIN: SIM PIN|OK');
    expect(await a.command('+CPIN="5678"')).toBe('OK');
    await office.close();
  });

  test('+CFUN=4 leaves the network and +CFUN=1 comes back; +CFUN=1,1 begins anew', async () => {
    const { a, office } = await twoMobiles();
    await a.command('+CREG=1');
    a.taken();
    await a.command('+CFUN=4');
    expect(await a.command('+CREG?')).toBe('+CREG: 1,0|OK');
    a.taken();
    a.write('AT+CFUN=1\r');
    await a.hears('+CREG: 1');
    await a.command('+CFUN=1,1');
    await a.command('E0');
    expect(await a.command('+CREG?')).toBe('+CREG: 0,1|OK');
    await office.close();
  });

  test('AL-5: it dials an analogue modem, which shows who calls, and is called by it with +CLIP; data both ways', async () => {
    const world = simulatedOffice({
      lines: [{ number: alice, modem: 'gsm' }, { number: '5550100' }],
    });
    const mobile = await terminal(world, alice);
    const landline = await terminal(world, '5550100');
    await landline.command('+VCID=1');
    mobile.write('ATD5550100\r');
    await landline.hears(`NMBR = ${alice}`);
    landline.write('ATA\r');
    await mobile.hears('CONNECT 33600');
    landline.taken();
    mobile.write('over the air');
    await world.runUntil(() => landline.said().includes('over the air'));
    await new Promise((resolve) => mobile.stream.set({ dtr: false, rts: true }, resolve));
    await landline.hears('NO CARRIER');
    await new Promise((resolve) => mobile.stream.set({ dtr: true, rts: true }, resolve));
    await mobile.command('+CLIP=1');
    mobile.taken();
    landline.write(`ATD${alice}\r`);
    expect(await mobile.hears('+CLIP')).toContain('RING|+CLIP: "5550100",129,,,,0');
    expect(await mobile.command('+CPAS')).toContain('+CPAS: 3');
    mobile.write('ATA\r');
    await landline.hears('CONNECT');
    await world.office.close();
  });

  test('a message that comes during a data call is told after it', async () => {
    const { a, b, office, atAlice, runUntil, runFor } = await twoMobiles();
    await a.command('+CNMI=2,1');
    await b.command('S0=1');
    a.write(`ATD+${bob}\r`);
    await a.hears('CONNECT');
    a.taken();
    atAlice.deliver(
      {
        kind: 'deliver',
        moreFollow: false,
        from: { kind: 'number', digits: '1', type: 145 },
        protocol: 0,
        coding: 0,
        sentAt: undefined,
        userData: encodeContent({ body: textBody('x', 'gsm') }),
      },
      () => {},
    );
    await runFor(5000);
    expect(a.said()).toBe('');
    await new Promise((resolve) => b.stream.set({ dtr: false, rts: true }, resolve));
    await runUntil(() => a.said().includes('+CMTI'));
    expect(a.taken()).toBe('\r\nNO CARRIER\r\n\r\n+CMTI: "SM",1\r\n');
    await office.close();
  });

  test('garbage at every state, entries too: it answers AT afterwards', async () => {
    const names = [
      '+CMGS',
      '+CMGW',
      '+CMGR',
      '+CMGL',
      '+CMGD',
      '+CNMI',
      '+CPMS',
      '+CSCS',
      '+CPIN',
      '+COPS',
      '+CCLK',
      '+CSMP',
      '+CNMA',
      '+CMSS',
      '+CREG',
    ];
    const command = fc
      .tuple(fc.constantFrom(...names), fc.constantFrom('', '?', '=?', '='), fc.string({ maxLength: 30 }))
      .map((parts) => `AT${parts.join('')}\r`);
    const piece = fc.oneof(
      command,
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('\x1a', '\x1b', '\r', 'AT+CMGF=1\r', `AT+CMGS="+${bob}"\r`, 'AT+CMGS=20\r'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 15 }), async (pieces) => {
        const { a, office, runFor } = await twoMobiles({ timeScale: 0.01 });
        for (const text of pieces) {
          a.write(text);
          await runFor(50);
        }
        await runFor(100_000);
        // Whatever is open is left, and what garbage may have set (Q1, V0, S3) is taken back.
        a.write('\x1b\r');
        await runFor(100);
        office.mobile(alice).restart();
        a.taken();
        a.write('AT&F\r');
        await runFor(100);
        expect(a.said()).toContain('OK');
        await office.close();
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase();
}
