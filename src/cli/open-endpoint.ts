import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { systemRandom } from '../crypto/random.js';
import { type Endpoint, type EndpointWorld, openEndpoint } from '../endpoint/endpoint.js';
import { diskReason } from '../endpoint/endpoint-error.js';
import { defaultHome } from '../endpoint/home.js';
import type { AskPassphrase } from '../endpoint/key-ring.js';
import { realClock } from '../time/real-clock.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';
import { Prompt } from './prompt.js';

/** Options of every command that works on an endpoint. */
export interface HomeOptions {
  readonly home?: string;
  readonly passphraseFile?: string;
  readonly logLevel: string;
}

export function addHomeOptions(command: Command): Command {
  return command
    .option(
      '--home <folder>',
      `the endpoint's folder (default: $CORDBOARD_HOME or ${defaultHome({ HOME: '~' })})`,
    )
    .option(
      '--passphrase-file <file>',
      'its first line opens the key ring (or $CORDBOARD_PASSPHRASE, or a prompt)',
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged to standard error')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('error')
        .env('CORDBOARD_LOG_LEVEL'),
    );
}

export function homeOf(options: HomeOptions): string {
  return options.home ?? defaultHome(process.env);
}

export function endpointWorld(options: HomeOptions, prompt: Prompt): EndpointWorld {
  return {
    clock: realClock,
    random: systemRandom,
    log: createLogger(options.logLevel),
    passphrase: passphraseFrom(options.passphraseFile, prompt),
  };
}

/** Opens the endpoint for one command; nothing of it is left open afterwards. */
export async function withEndpoint(
  options: HomeOptions,
  work: (endpoint: Endpoint, prompt: Prompt) => Promise<void>,
  json = false,
): Promise<void> {
  const prompt = new Prompt(!json);
  try {
    const overrides = {
      line: process.env.CORDBOARD_LINE,
      server_number: process.env.CORDBOARD_SERVER_NUMBER,
    };
    const endpoint = await openEndpoint(homeOf(options), endpointWorld(options, prompt), overrides);
    try {
      await work(endpoint, prompt);
    } finally {
      await endpoint.close();
    }
  } finally {
    prompt.close();
  }
}

const elsewhere = 'Add --passphrase-file FILE or set $CORDBOARD_PASSPHRASE.';

/** File, environment or the person: never the command line, which every user of the machine can read. */
function passphraseFrom(file: string | undefined, prompt: Prompt): AskPassphrase {
  return async (purpose) => {
    if (file !== undefined) return firstLine(file);
    const given = process.env.CORDBOARD_PASSPHRASE;
    if (given !== undefined) return given;
    if (purpose === 'open') return prompt.askHidden('Passphrase of the key ring: ', elsewhere);
    const chosen = await prompt.askHidden('Choose a passphrase for the key ring: ', elsewhere);
    const again = await prompt.askHidden('The same once more: ', elsewhere);
    if (chosen !== again)
      throw new CommandFailed('usage', 'The two passphrases differ; nothing was made. Try again.');
    return chosen;
  };
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    throw new CommandFailed('usage', `The passphrase file ${file} cannot be read: ${diskReason(cause)}.`, {
      cause,
    });
  }
}
