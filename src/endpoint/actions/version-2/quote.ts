import type { CallTerms, Price } from '../../../protocol/identity/packets.js';
import { askQuote } from '../../../session/version-2/place-call.js';
import type { Peer } from '../../address-book.js';
import type { Source } from '../../container/sources.js';
import type { Endpoint } from '../../endpoint.js';
import { octetsToCarry, secondsToCarry } from '../../transfers/estimate.js';
import { failedOf, nameOf } from '../action.js';
import { type CallOptions, diallingOf, failedCall } from '../call-peer.js';
import type { Failed, Quoted } from '../events.js';
import { withLine } from '../line.js';

/** What it would cost to send these to the peer: a short call to the server, which calls nobody. Nothing is sent, kept or logged. */
export async function quote(
  endpoint: Endpoint,
  peer: Peer,
  sources: readonly Source[],
  options: CallOptions,
): Promise<Quoted | Failed> {
  const end = await quoteOnLine(endpoint, peer, sources, options).catch((error) =>
    failedOf(error, 'DX-605', nameOf(peer)),
  );
  options.onEvent(end);
  return end;
}

async function quoteOnLine(
  endpoint: Endpoint,
  peer: Peer,
  sources: readonly Source[],
  options: CallOptions,
): Promise<Quoted | Failed> {
  const { settings, world } = endpoint;
  const { trust } = await endpoint.unlock();
  const identity = await trust.identity();
  const signal = options.signal ?? new AbortController().signal;
  const isPadded = settings.pad_transfers;
  const octets = await octetsToCarry(sources, { clock: world.clock, isPadded, signal });
  return withLine(endpoint, options.modem, async (line) => {
    const modem = await line.open();
    const dialling = diallingOf(endpoint, options, { peer: nameOf(peer), version: 2 });
    const result = await askQuote({
      ...{ ...dialling, modem, identity, peer: peer.account, purpose: 'data', requestId: world.random(16) },
      isCollect: options.isCollect ?? false,
      estimateSeconds: (rate) => secondsToCarry(octets, rate),
    });
    if (result.kind === 'failed') return failedCall(result, peer, dialling.serverNumber);
    const { terms, seconds, rate, isRateKnown } = result;
    return quotedOf(peer, terms, { octets, seconds, rate: isRateKnown ? rate : null });
  });
}

function quotedOf(
  peer: Peer,
  { price, payer, longestSeconds }: CallTerms,
  estimate: Pick<Quoted, 'octets' | 'seconds' | 'rate'>,
): Quoted {
  return {
    event: 'quote',
    peer: nameOf(peer),
    ...estimate,
    price: price ? decimalOf(price) : null,
    currency: price?.currency ?? null,
    payer: payer ?? null,
    longestSeconds: longestSeconds > 0 ? longestSeconds : null,
  };
}

function decimalOf({ units, decimals }: Price): string {
  const digits = units.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
