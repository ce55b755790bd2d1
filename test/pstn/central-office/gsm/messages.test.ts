import { describe, expect, test } from 'vitest';
import { alice, bob, terminal, twoMobiles } from './mobiles.js';

const sent = /^> \|\+CMGS: \d+\|OK$/;

describe('short messages of the simulated GSM modem', () => {
  test('telephony 6.1: text mode from prompt to deletion', async () => {
    const { a, b, office } = await twoMobiles();
    await a.command('+CMGF=1');
    await b.command('+CMGF=1;+CNMI=2,1');
    expect(await a.entry(`+CMGS="+${bob}"`, 'hello')).toMatch(sent);
    expect(await b.hears('+CMTI')).toBe('+CMTI: "SM",1');
    const read = await b.command('+CMGR=1');
    expect(read).toMatch(/^\+CMGR: "REC UNREAD","\+15555550101",,"26\/01\/01,00:00:\d\d\+00"\|hello\|OK$/);
    expect(await b.command('+CMGR=1')).toBe(read.replace('UNREAD', 'READ'));
    expect(await b.command('+CMGD=1')).toBe('OK');
    expect(await b.command('+CMGR=1')).toBe('+CMS ERROR: 321');
    await office.close();
  });

  test('27.005 3.5.1: CR LF > space, again after each CR; echo; ESC cancels with OK, backspace takes back', async () => {
    const { a, b, runUntil, office, atBob } = await twoMobiles();
    await a.command('+CMGF=1');
    await b.command('+CMGF=1;+CNMI=2,1');
    a.taken();
    a.write(`AT+CMGS="+${bob}"\r`);
    await runUntil(() => a.said() === '\r\n> ');
    a.write('one\r');
    await runUntil(() => a.said() === '\r\n> \r\n> ');
    a.write('two\x1b');
    await runUntil(() => a.said() === '\r\n> \r\n> \r\nOK\r\n');
    expect(atBob.sim.messages.used).toBe(0);
    expect(await a.entry(`+CMGS="+${bob}"`, 'one\rtwX\bo')).toMatch(/OK$/);
    await b.hears('+CMTI');
    expect(await b.command('+CMGR=1')).toContain('|one\rtwo|OK');
    await a.command('E1');
    a.taken();
    a.write(`AT+CMGS="+${bob}"\r`);
    await runUntil(() => a.said().endsWith('> '));
    a.taken();
    a.write('typed');
    await runUntil(() => a.said() === 'typed');
    await office.close();
  });

  test('telephony 6.2: PDU mode: the vector of gammu out and in; a wrong length and no hexadecimal are error 304', async () => {
    const { a, world, office } = await twoMobiles({ others: ['15555550123'] });
    const c = await terminal(world, '15555550123');
    await c.command('+CNMI=2,2');
    const pdu = '07913121139418F011000B915155550521F30000FF10E8329BFD0699E5EF36E81C6EB7EB';
    expect(await a.entry('+CMGS=27', pdu)).toBe('> |+CMS ERROR: 304');
    expect(await a.entry('+CMGS=28', 'hello')).toBe('> |+CMS ERROR: 304');
    expect(await a.entry('+CMGS=28', pdu)).toMatch(sent);
    expect(await c.hears('+CMT')).toMatch(
      /^\+CMT: ,33\|07913121139418F0040B915155550501F1000062101000000\d0010E8329BFD0699E5EF36E81C6EB7EB$/,
    );
    await office.close();
  });

  test('telephony 6.1: UCS-2 by +CSMP, and by the character set UCS2; texts of 161 septets are error 305', async () => {
    const { a, b, office } = await twoMobiles();
    await b.command('+CMGF=1;+CNMI=2,2;+CSCS="UCS2"');
    await a.command('+CMGF=1;+CSMP=17,167,0,8');
    expect(await a.entry(`+CMGS="${bob}"`, '0416D83DDE00')).toMatch(sent);
    expect(await b.hears('+CMT')).toMatch(/\|0416D83DDE00$/);
    await a.command('+CSMP=17,167,0,0;+CSCS="UCS2"');
    const hex = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase();
    expect(await a.entry(`+CMGS="${hex(`+${bob}`)}"`, hex('5 €'))).toMatch(sent);
    expect(await b.hears('+CMT')).toMatch(new RegExp(`^\\+CMT: "${hex(`+${alice}`)}",,.*\\|${hex('5 €')}$`));
    await a.command('+CSCS="IRA"');
    expect(await a.entry(`+CMGS="${bob}"`, 'x'.repeat(160))).toMatch(sent);
    expect(await a.entry(`+CMGS="${bob}"`, 'x'.repeat(161))).toBe('> |+CMS ERROR: 305');
    await office.close();
  });

  test('a number that nobody has is refused with cause 1; ten digits and 011 are understood', async () => {
    const { a, office, atBob, runUntil } = await twoMobiles();
    await a.command('+CMGF=1');
    expect(await a.entry('+CMGS="+15555559999"', 'x')).toBe('> |+CMS ERROR: 1');
    await a.command('+CMEE=2');
    expect(await a.entry('+CMGS="+15555559999"', 'x')).toBe('> |+CMS ERROR: unassigned (unallocated) number');
    expect(await a.entry(`+CMGS="${bob.slice(1)}"`, 'x')).toMatch(sent);
    expect(await a.entry(`+CMGS="011${bob}"`, 'x')).toMatch(sent);
    await runUntil(() => atBob.sim.messages.used === 2);
    await office.close();
  });

  test('27.005: status reports: +CDS at once, +CDSI where they are stored; expired after the validity period', async () => {
    const { a, atBob, office, runFor } = await twoMobiles();
    await a.command('+CMGF=1;+CNMI=2,0,0,1;+CSMP=49,0,0,0'); // 49: report wanted; 0: five minutes
    const reference = /\+CMGS: (\d+)/.exec(await a.entry(`+CMGS="+${bob}"`, 'x'))?.[1];
    expect(await a.hears('+CDS')).toMatch(
      new RegExp(`^\\+CDS: 6,${reference},"\\+${bob}",145,"26/.*","26/.*",0$`),
    );
    atBob.radio.setCoverage(false);
    await a.command('+CNMI=2,0,0,2');
    await a.entry(`+CMGS="+${bob}"`, 'x');
    await runFor(290_000);
    expect(a.said()).not.toContain('+CDSI');
    expect(await a.hears('+CDSI', 30_000)).toBe('+CDSI: "SM",1');
    expect(await a.command('+CMGR=1')).toMatch(/^\+CMGR: "REC UNREAD",6,2,"\+15555550102",145,.*,70\|OK$/);
    expect(atBob.sim.messages.used).toBe(1);
    await office.close();
  });

  test('a full SIM: the 21st message waits at the service centre and comes when a place is free', async () => {
    const { a, b, atBob, office, runUntil, runFor } = await twoMobiles({ timeScale: 0.01 });
    await a.command('+CMGF=1');
    await b.command('+CMGF=1;+CNMI=2,1');
    for (let count = 1; count <= 21; count++) await a.entry(`+CMGS="+${bob}"`, `number ${count}`);
    await runUntil(() => atBob.sim.messages.used === 20);
    await runFor(60_000);
    expect(await b.command('+CPMS?')).toBe('+CPMS: "SM",20,20,"SM",20,20,"SM",20,20|OK');
    expect(await b.entry('+CMGW="5550100"', 'x')).toBe('> |+CMS ERROR: 322');
    b.taken();
    await b.command('+CMGD=7');
    await b.hears('+CMTI: "SM",7');
    expect(await b.command('+CMGR=7')).toContain('number 21');
    await office.close();
  });

  test('27.005: +CMGW, +CMSS, +CMGL by state, +CMGD with flags', async () => {
    const { a, b, office } = await twoMobiles();
    await a.command('+CMGF=1');
    await b.command('+CMGF=1;+CNMI=2,1');
    expect(await a.entry(`+CMGW="+${bob}"`, 'draft')).toBe('> |+CMGW: 1|OK');
    expect(await a.command('+CMGL="STO UNSENT"')).toBe(`+CMGL: 1,"STO UNSENT","+${bob}",|draft|OK`);
    expect(await a.command('+CMSS=1')).toMatch(/^\+CMSS: \d+\|OK$/);
    expect(await a.command('+CMGL="STO UNSENT"')).toBe('OK');
    expect(await a.command('+CMGL="ALL"')).toContain('"STO SENT"');
    await b.hears('+CMTI');
    expect(await b.command('+CMGL="REC UNREAD"')).toMatch(/^\+CMGL: 1,"REC UNREAD",.*\|draft\|OK$/);
    expect(await b.command('+CMGL="REC UNREAD"')).toBe('OK');
    expect(await b.command('+CMGD=1,3')).toBe('OK');
    expect(await b.command('+CMGL="ALL"')).toBe('OK');
    expect(await a.command('+CMSS=9')).toBe('+CMS ERROR: 321');
    expect(await a.command('+CMGD=21')).toBe('+CMS ERROR: 321');
    await office.close();
  });

  test('27.005: class 0 is shown and not stored, class 2 goes to the SIM even with direct indications', async () => {
    const { a, b, atBob, office } = await twoMobiles();
    await a.command('+CMGF=1;+CSMP=17,167,0,16');
    await b.command('+CMGF=1;+CNMI=2,1');
    await a.entry(`+CMGS="+${bob}"`, 'flash');
    expect(await b.hears('+CMT: ')).toMatch(/\|flash$/);
    expect(atBob.sim.messages.used).toBe(0);
    await b.command('+CNMI=2,2');
    await a.command('+CSMP=17,167,0,18');
    await a.entry(`+CMGS="+${bob}"`, 'for the SIM');
    await b.hears('+CMTI: "SM",1');
    await office.close();
  });

  test('27.005: with +CSMS=1 a direct message wants +CNMA; without it the network tries again', async () => {
    const { a, b, office, runFor } = await twoMobiles();
    await a.command('+CMGF=1');
    await b.command('+CMGF=1;+CSMS=1;+CNMI=2,2');
    await a.entry(`+CMGS="+${bob}"`, 'one');
    await b.hears('one');
    expect(await b.command('+CNMA')).toBe('OK');
    expect(await b.command('+CNMA')).toBe('+CMS ERROR: 340');
    await a.entry(`+CMGS="+${bob}"`, 'two');
    await b.hears('two');
    await runFor(20_000);
    expect(await b.command('+CNMI?')).toBe('+CNMI: 2,0,0,0,0|OK');
    await b.command('+CNMI=2,2');
    b.taken();
    await b.hears('two', 60_000);
    await office.close();
  });

  test('a mobile without coverage gets its messages when it is registered again, and cannot send', async () => {
    const { a, b, atBob, office, runFor } = await twoMobiles();
    await a.command('+CMGF=1');
    await b.command('+CMGF=1;+CNMI=2,1;+CREG=2');
    atBob.radio.setCoverage(false);
    await b.hears('+CREG: 2');
    expect(await b.command('+CSQ')).toBe('+CSQ: 99,99|OK');
    expect(await b.entry(`+CMGS="+${alice}"`, 'x')).toBe('> |+CMS ERROR: 331');
    expect(await b.command('D15555550101')).toBe('NO CARRIER');
    await a.entry(`+CMGS="+${bob}"`, 'later');
    await runFor(60_000);
    b.taken();
    atBob.radio.setCoverage(true);
    expect(await b.hears('+CMTI')).toBe('+CREG: 1,"0001","00C1",0|+CMTI: "SM",1');
    await office.close();
  });

  test('out of order and twice, where a test asks for it; else in order and once; the same seed does the same', async () => {
    const arrivals = async (messageCentre: object, seed: number) => {
      const { a, b, atBob, office, runFor } = await twoMobiles({ messageCentre, seed });
      await a.command('+CMGF=1');
      await b.command('+CMGF=1;+CNMI=2,2');
      for (const name of 'abcdef') await a.entry(`+CMGS="+${bob}"`, name);
      await runFor(60_000);
      expect(atBob.sim.messages.used).toBe(0);
      await office.close();
      return [...b.taken().matchAll(/\r\n([a-f])\r\n/g)].map(([, name]) => name).join('');
    };
    expect(await arrivals({}, 1)).toBe('abcdef');
    const shuffled = await arrivals({ outOfOrder: true, transitMs: [0, 20_000] }, 3);
    expect(shuffled).not.toBe('abcdef');
    expect([...shuffled].sort().join('')).toBe('abcdef');
    expect(await arrivals({ outOfOrder: true, transitMs: [0, 20_000] }, 3)).toBe(shuffled);
    expect((await arrivals({ duplicates: 0.5 }, 2)).length).toBeGreaterThan(6);
  });

  test('after close no timer is left', async () => {
    const { a, office, clock, runFor, atBob } = await twoMobiles();
    await a.command('+CMGF=1');
    atBob.radio.setCoverage(false);
    await a.entry(`+CMGS="+${bob}"`, 'x');
    await office.close();
    await runFor(10_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });
});
