import { describe, expect, test } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { pairingScreen } from '../../src/cli/pairing-screen.js';
import { Prompt } from '../../src/cli/prompt.js';
import { ctrlC, ctrlD, FakeTerminal } from './fake-terminal.js';

const peer = parseAccountNumber('2') as AccountNumber;

function atTerminal() {
  const terminal = new FakeTerminal();
  const prompt = new Prompt(true, terminal);
  return { terminal, prompt, screen: pairingScreen(prompt) };
}

describe('a person at a terminal', () => {
  test('CM-A8 Ctrl-C at a question ends the question, leaves raw mode and reaches the program', async () => {
    for (const ask of ['ask', 'askHidden'] as const) {
      const { terminal, prompt } = atTerminal();
      const answer = prompt[ask]('Passphrase: ');
      await terminal.shows('Passphrase: ');
      terminal.types(`half${ctrlC}`);
      await expect(answer).rejects.toMatchObject({
        exitCode: 130,
        message: 'Given up at the question "Passphrase".',
      });
      expect([terminal.interrupts, terminal.isRaw], ask).toEqual([1, false]);
    }
  });

  test('CM-A8 between questions the terminal is as it was: Ctrl-C is the system’s', async () => {
    const { terminal, prompt } = atTerminal();
    const answer = prompt.ask('Name: ');
    await terminal.shows('Name: ');
    expect(terminal.isRaw).toBe(true);
    terminal.types('Bob\r');
    expect(await answer).toBe('Bob');
    expect(terminal.isRaw).toBe(false);
    expect(terminal.input.listenerCount('keypress')).toBe(0);
  });

  test('KX-480 after a question that was given up the next one is answered', async () => {
    const { terminal, prompt } = atTerminal();
    const first = prompt.ask('First: ');
    await terminal.shows('First: ');
    terminal.types(ctrlD);
    await expect(first).rejects.toMatchObject({ exitCode: 130 });
    expect(terminal.interrupts).toBe(0);
    const second = prompt.ask('Second: ');
    await terminal.shows('Second: ');
    terminal.types('yes\r');
    expect(await second).toBe('yes');
  });

  test('KX-480 a question that is not awaited any more is withdrawn', async () => {
    const { terminal, prompt } = atTerminal();
    const over = new AbortController();
    const answer = prompt.ask('Check string: ', over.signal);
    await terminal.shows('Check string: ');
    over.abort();
    await expect(answer).rejects.toMatchObject({ exitCode: 130 });
    expect([terminal.isRaw, terminal.interrupts]).toEqual([false, 0]);
    await expect(prompt.ask('Late: ', over.signal)).rejects.toMatchObject({ exitCode: 130 });
    expect(terminal.shown).not.toContain('Late');
  });

  test('KX-485 what was typed before the question is no answer to it', async () => {
    const { terminal, prompt } = atTerminal();
    terminal.types('yes\r');
    const answer = prompt.confirm('Does it match?');
    await terminal.shows('Does it match?');
    terminal.types('no\r');
    expect(await answer).toBe(false);
  });

  test('a passphrase is not shown', async () => {
    const { terminal, prompt } = atTerminal();
    const answer = prompt.askHidden('Passphrase: ');
    await terminal.shows('Passphrase: ');
    terminal.types('four words\r');
    expect(await answer).toBe('four words');
    await new Promise(setImmediate);
    expect(terminal.shown).not.toContain('four');
  });

  test('KX-485 is asked again until the answer is clearly yes or no', async () => {
    for (const [typed, confirmed] of [
      ['Y', true],
      [' yes ', true],
      ['No', false],
    ] as const) {
      const { terminal, screen } = atTerminal();
      const answer = screen.confirmCheckString(peer, 'GVN9B');
      for (const unclear of ['', 'yeah', 'j']) {
        await terminal.shows('[yes/no]');
        terminal.types(`${unclear}\r`);
        await terminal.shows('Please answer yes or no.');
      }
      await terminal.shows('[yes/no]');
      terminal.types(`${typed}\r`);
      expect(await answer, typed).toBe(confirmed);
    }
  });

  test('KX-480 KX-490 is asked again until five characters of the alphabet are typed, in any case', async () => {
    const { terminal, screen } = atTerminal();
    const answer = screen.typeCheckString(peer);
    for (const slip of ['GVN9', 'GVN9BB', 'GVO9B', '']) {
      await terminal.shows('Check string: ');
      terminal.types(`${slip}\r`);
      await terminal.shows('five characters');
    }
    await terminal.shows('Check string: ');
    terminal.types('gvn-9 b\r');
    expect(await answer).toBe('gvn-9 b');
  });
});

describe('a program at a pipe', () => {
  function atPipe() {
    const pipe = new FakeTerminal(false);
    const prompt = new Prompt(false, pipe);
    return { pipe, prompt, screen: pairingScreen(prompt) };
  }

  test('KX-490 its first answer counts, also a wrong one: the machine refuses it', async () => {
    const { pipe, screen } = atPipe();
    pipe.types('GVO9\nperhaps\n');
    expect(await screen.typeCheckString(peer)).toBe('GVO9');
    expect(await screen.confirmCheckString(peer, 'GVN9B')).toBe(false);
    expect(pipe.isRaw).toBe(false);
  });

  test('KX-480 answers may be written ahead; the end of the input is told as that', async () => {
    const { pipe, prompt } = atPipe();
    pipe.types('one\ntwo\n');
    pipe.input.end();
    expect([await prompt.ask('1: '), await prompt.askHidden('2: ')]).toEqual(['one', 'two']);
    await expect(prompt.ask('3: ')).rejects.toMatchObject({
      exitCode: 130,
      message: 'Standard input ended before the answer to "3".',
    });
    await expect(prompt.askHidden('4: ', 'Name a file.')).rejects.toMatchObject({
      message: 'Standard input ended before the answer to "4". Name a file.',
    });
  });
});
