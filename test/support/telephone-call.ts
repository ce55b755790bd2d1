import type { ConnectResult, DataConnection, Modem } from '../../src/pstn/modem/modem.js';

/** What arrives on a connection until its line is released. */
export interface Received {
  octets: Buffer;
  ended: boolean;
}

export function receivedOn(connection: DataConnection): Received {
  const received: Received = { octets: Buffer.alloc(0), ended: false };
  connection.octets.on('data', (octets: Buffer) => {
    received.octets = Buffer.concat([received.octets, octets]);
  });
  connection.octets.on('end', () => {
    received.ended = true;
  });
  return received;
}

export function connectionOf(result: ConnectResult): DataConnection {
  if (result.kind !== 'connected') throw new Error(`not connected: ${result.kind}`);
  return result.connection;
}

/** Dials `number`; the modem there answers with the data carrier at its first ring. */
export async function dataCall(
  caller: Modem,
  number: string,
  callee: Modem,
): Promise<readonly [caller: DataConnection, callee: DataConnection]> {
  const answered = new Promise<ConnectResult>((resolve, reject) => {
    const answer = () => {
      callee.off('ring', answer);
      callee.answerData({ carrierWaitSeconds: 60 }).then(resolve, reject);
    };
    callee.on('ring', answer);
  });
  const dialled = caller.dial(number, { carrierWaitSeconds: 60 });
  return [connectionOf(await dialled), connectionOf(await answered)];
}
