import { join } from 'node:path';
import { builtProgram } from '../support/built-program.js';
import { type Line, lineRate, type Stage } from './stage.js';

/** What `cordboard calls --json` tells of a call, as far as these tests look at it. */
export interface ToldCall {
  readonly outcome: string;
  readonly releaseCause: number;
  readonly callerAccount: string;
  readonly calleeAccount: string;
  readonly octetsFromCaller?: number;
}

const serverNumber = '5550100';
const accounts = { caller: '000000000001', called: '000000000002' };

/** `cordboard up`, with its own network: trunks with transfer service, and the lines of two subscribers of version 1. */
export async function serverOn(stage: Stage, transfer: 'bridge' | 'hook-flash') {
  const caller: Line = { number: '5550101', link: join(stage.folder, 'caller') };
  const called: Line = { number: '5550102', link: join(stage.folder, 'called') };
  const trunks = transfer === 'bridge' ? [serverNumber, '5550199'] : [serverNumber];
  const config = stage.write(
    'cordboard.toml',
    [
      `data_dir = "${join(stage.folder, 'data')}"`,
      'log_level = "warn"',
      '[office]',
      'time_scale = 0.05',
      'seed = 1',
      ...trunks.map(
        (number) =>
          `[[office.line]]\nnumber = "${number}"\nhunt = "${serverNumber}"\nrate = ${lineRate}\nservices = ["transfer"]`,
      ),
      ...[caller, called].map(
        ({ number, link }) =>
          `[[office.line]]\nnumber = "${number}"\nexpose = "pty:${link}"\nrate = ${lineRate}`,
      ),
      `[server]\nnumber = "${serverNumber}"\ntransfer = "${transfer}"`,
      `trunks = [${trunks.map((number) => `"sim:${number}"`).join(', ')}]`,
      ...[
        { account: accounts.caller, number: caller.number },
        { account: accounts.called, number: called.number },
      ].map(
        ({ account, number }) =>
          `[[subscriber]]\naccount = "${account}"\nname = "Site ${number}"\nnumber = "${number}"\nversions = [1]\naccepts = ["*"]`,
      ),
    ].join('\n'),
  );
  const cordboard = (...args: readonly string[]) =>
    stage.start(process.execPath, [builtProgram(), ...args, '--config', config], {
      environment: { DATABASE_URL: '' },
    });
  await cordboard('up').until('Ctrl-C stops it');
  return {
    caller,
    called,
    /** The server's number, its ready tone, both accounts as digits: what a caller of version 1 dials. */
    phone: `${serverNumber}W${accounts.caller}${accounts.called}#`,
    async calls(): Promise<readonly ToldCall[]> {
      const calls = cordboard('calls', '--json');
      await calls.ended;
      return JSON.parse(calls.said);
    },
  };
}
