import { describe, expect, test } from 'vitest';
import { alice, aliceAndBob, bob, Inbox, settled } from './driven.js';

const toBob = `+${bob}`;

describe('short messages by the driver', () => {
  test('telephony 6.3: a text goes, its reference comes back, the other side hands it over and deletes it', async () => {
    const { send, atBob, simOfBob, runUntil, office, clock } = await aliceAndBob();
    const sent = await send(toBob, 'Your code is 482 913');
    expect(sent).toMatchObject({ kind: 'sent', references: [1] });
    await runUntil(() => atBob.messages.length === 1);
    expect(atBob.messages).toEqual([
      {
        kind: 'text',
        from: `+${alice}`,
        text: 'Your code is 482 913',
        sentAtUtcMs: expect.any(Number),
        missingParts: [],
      },
    ]);
    await runUntil(() => simOfBob.used === 0);
    await office.close();
    expect(clock.monotonicMs()).toBeLessThan(20_000);
  });

  test('every kind of text arrives as it was sent: GSM, Unicode, emoji over the border of parts, control characters', async () => {
    const { send, atBob, simOfBob, runUntil, office } = await aliceAndBob();
    const texts = [
      'plain',
      '§ 5: 10 € [x] {y} ~ ^ | \\ `tick`',
      'é'.repeat(400),
      `${'я'.repeat(66)}😀${'я'.repeat(66)}👩‍👩‍👧‍👦 Ende`,
      '\u001a\u001b\r\nOK\r\n+CMTI: "SM",1\r\nNO CARRIER\r\n\u0000\u0007',
      'Ctrl-Z \u001a in UCS-2 ж\u001b',
      '',
      'x'.repeat(153 * 20),
    ];
    for (const text of texts) {
      expect(await send(toBob, text)).toHaveProperty('kind', 'sent');
      await runUntil(() => atBob.texts.at(-1) === text);
    }
    expect(atBob.texts).toEqual(texts);
    await runUntil(() => simOfBob.used === 0);
    await office.close();
  });

  test('parts that overtake each other, and come twice, are one message, once', async () => {
    const { send, atBob, runFor, simOfBob, office } = await aliceAndBob({
      messageCentre: { outOfOrder: true, duplicates: 0.5, transitMs: [0, 30_000] },
      seed: 7,
    });
    const texts = ['a', 'b', 'c'].map((letter) =>
      Array.from({ length: 150 }, (_, word) => `${letter}${word}`).join(' '),
    );
    for (const text of texts) expect(await send(toBob, text)).toHaveProperty('kind', 'sent');
    await send(toBob, 'short');
    await runFor(200_000);
    expect([...atBob.texts].sort()).toEqual([...texts, 'short'].sort());
    expect(simOfBob.used).toBe(0);
    await office.close();
  });

  test('deleted only when the receiver has it: it rejects, the program dies, and the message is still there', async () => {
    const { send, atBob, b, simOfBob, runFor, runUntil, open, office } = await aliceAndBob();
    atBob.refuses = true;
    await send(toBob, 'keep me');
    await runFor(10_000);
    expect([atBob.texts, simOfBob.used]).toEqual([[], 1]);
    await b.close();
    const later = new Inbox();
    later.refuses = true;
    await open(bob, later);
    await runFor(10_000);
    later.refuses = false;
    await runUntil(() => later.texts[0] === 'keep me');
    await runUntil(() => simOfBob.used === 0);
    await office.close();
  });

  test('a delivery report for each part makes one word: delivered; expired; none where none was asked', async () => {
    const { send, world, office, clock } = await aliceAndBob();
    const first = await send(toBob, 'x'.repeat(200), { reportDelivery: true });
    if (first.kind !== 'sent') return expect.fail(first.kind);
    expect(first.references).toHaveLength(2);
    expect(await settled(world, first.delivery)).toEqual({ kind: 'delivered', atUtcMs: expect.any(Number) });

    office.mobile(bob).radio.setCoverage(false);
    const startMs = clock.monotonicMs();
    const late = await send(toBob, 'one-time', { reportDelivery: true, validityMs: 300_000 });
    if (late.kind !== 'sent') return expect.fail(late.kind);
    expect(await settled(world, late.delivery)).toMatchObject({ kind: 'failed', status: 70 });
    expect(clock.monotonicMs() - startMs).toBeLessThan(330_000);
    office.mobile(bob).radio.setCoverage(true);

    const plain = await send(toBob, 'no report');
    expect(plain.kind === 'sent' && (await plain.delivery)).toEqual({ kind: 'not-told' });
    await office.close();
  });

  test('refusals are values with the number and what it means', async () => {
    const { send, world, a, office } = await aliceAndBob();
    expect(await send('+15555559999', 'x')).toEqual({
      kind: 'refused',
      cms: 1,
      meaning: 'nobody has this number',
      isTemporary: false,
      partsSent: 0,
    });
    office.mobile(alice).radio.setCoverage(false);
    expect(await send(toBob, 'x')).toMatchObject({ kind: 'refused', cms: 331, isTemporary: true });
    expect(await send('+1 555', 'x')).toEqual({ kind: 'unusable', problem: 'number' });
    expect(await send('"\r\nATH', 'x')).toEqual({ kind: 'unusable', problem: 'number' });
    expect(await send(toBob, 'x'.repeat(40_000))).toEqual({ kind: 'unusable', problem: 'length' });
    await a.close();
    expect(await settled(world, a.send(toBob, 'x'))).toEqual({ kind: 'lost', partsSent: 0 });
    await office.close();
  });

  test('the modem is reset in the middle of a message: unanswered, then set up anew, and nothing received is lost', async () => {
    const { send, a, world, office, runFor, runUntil, atBob, atAlice, b } = await aliceAndBob();
    const sending = a.send(toBob, 'into the reset');
    await runFor(300);
    office.mobile(alice).restart();
    expect(await settled(world, sending)).toEqual({ kind: 'unanswered', partsSent: 0 });
    expect(await send(toBob, 'after it')).toHaveProperty('kind', 'sent');
    await runUntil(() => atBob.texts.includes('after it'));
    office.mobile(alice).restart();
    await settled(world, b.send(`+${alice}`, 'nobody told of me'));
    await runUntil(() => atAlice.texts.includes('nobody told of me'));
    await settled(world, b.send(`+${alice}`, 'told again'));
    await runUntil(() => atAlice.texts.includes('told again'), 10_000);
    await office.close();
  });

  test('a memory full of parts of messages that never end makes room for the rest', async () => {
    const { world, a, atBob, simOfBob, runUntil, office } = await aliceAndBob({ timeScale: 0.01 });
    // 21 parts of 22: the SIM holds 20.
    const text = Array.from({ length: 22 }, (_, index) => String.fromCharCode(97 + index).repeat(153)).join(
      '',
    );
    await settled(world, a.send(toBob, text));
    await runUntil(() => simOfBob.used === 0 && atBob.messages.length > 0, 3_000_000);
    const [first] = atBob.messages;
    expect(first).toMatchObject({ kind: 'text', missingParts: [21, 22] });
    expect(atBob.texts[0]).toBe(text.slice(0, 153 * 20));
    await office.close();
  }, 60_000);

  test('parts whose others never come are handed over when their time is over', async () => {
    const { office, runFor, atBob, simOfBob, world, a } = await aliceAndBob({
      driver: { partsWaitMs: 3_600_000 },
    });
    const sending = a.send(toBob, 'ж'.repeat(100));
    await runFor(300);
    office.mobile(alice).radio.setCoverage(false);
    const result = await settled(world, sending);
    expect(result).toMatchObject({ kind: 'refused', cms: 332, partsSent: 0 });
    await runFor(3_000_000);
    expect(atBob.messages).toEqual([]);
    await runFor(1_000_000);
    expect(atBob.messages).toMatchObject([{ kind: 'text', text: 'ж'.repeat(67), missingParts: [2] }]);
    expect(simOfBob.used).toBe(0);
    await office.close();
  });

  test('a message of class 0 is handed over too', async () => {
    const { send, atBob, runUntil, office } = await aliceAndBob();
    await send(toBob, 'flash', { shownAtOnce: true });
    await runUntil(() => atBob.texts[0] === 'flash');
    await office.close();
  });

  test('the SIM: a PIN is given once; none, a wrong one and no GSM modem are told to the operator', async () => {
    const { send, office } = await aliceAndBob({ pin: '1234', driver: { pin: '1234' } });
    expect(await send(toBob, 'unlocked')).toHaveProperty('kind', 'sent');
    await office.close();
    await expect(aliceAndBob({ pin: '1234' })).rejects.toThrow('wants its PIN');
    await expect(aliceAndBob({ pin: '1234', driver: { pin: '9999' } })).rejects.toThrow('refuses the PIN');
    await expect(aliceAndBob({ lines: [{ number: alice }] })).rejects.toThrow('no short messages');
  });
});
