import type { ExportedCall } from '../../store/exports.js';
import { conversationTenths } from './conversation.js';
import { type ExportFormat, LeftOut, textOctets } from './format.js';
import { type LocalTime, localTimes } from './local-times.js';
import { type NanpNumber, notNanp, parseNanp } from './nanp.js';

const recordLength = 175;
/** Decimals of the amount: thousandths of a dollar. */
const amountDecimals = 3;

/** Category 01 records between a header and a trailer (telephony.md 7.4; README.md says which positions are guesses). */
export const emi: ExportFormat = {
  description: 'EMI records of 175 octets with header and trailer: charged calls in US dollars, local times',
  takes: ['zone', 'areaCode'],
  canReplace: false,
  form({ zone, areaCode }) {
    const localTime = localTimes(zone);
    const frame = (id: string, madeAt: Date) => {
      const { year, month, day } = localTime(madeAt);
      return line([[1, id + year.slice(-2) + month + day]]);
    };
    return {
      head: ({ madeAt }) => frame('202401', madeAt),
      record: (call) => {
        if (call.bridgeAt === undefined) return undefined;
        const fields = message(call, localTime(call.bridgeAt), areaCode);
        return fields instanceof LeftOut ? fields : line(fields);
      },
      tail: ({ madeAt }) => frame('202402', madeAt),
    };
  },
};

/** A first position, counted from 1, and what stands from there on. */
type Field = readonly [number, string];

function message(call: ExportedCall, at: LocalTime, areaCode: string | undefined): Field[] | LeftOut {
  const called = parseNanp(call.calledNumber, areaCode);
  if (!called) return new LeftOut(notNanp('called number', call.calledNumber));
  const billed = parseNanp(call.payerNumber, areaCode);
  const amount = amountOf(call);
  if (amount instanceof LeftOut) return amount;
  if (!billed) return new LeftOut(notNanp('number of who pays', call.payerNumber));
  const tenths = conversationTenths(call);
  if (tenths > 9_999_999)
    return new LeftOut('the call lasted longer than the field can say (999,999 seconds)');
  const calling = parseNanp(call.ani, areaCode);
  return [
    [1, '010101'],
    [7, `${at.year.slice(-2)}${at.month}${at.day}`],
    [13, calling ? `10${ten(calling)}` : '000000000000'],
    [28, `10${ten(called)}`],
    [40, amount],
    [55, `${at.hour}${at.minute}${at.second}`],
    [61, String(tenths).padStart(7, '0')],
    [80, messageType(call)],
    [113, ten(billed)],
    [123, ' '.repeat(24)],
  ];
}

const ten = ({ areaCode, local }: NanpNumber) => areaCode + local;

/** Seven digits: thousandths of a dollar, exact or not at all. */
function amountOf({ chargeMinor, chargeDecimals, currency }: ExportedCall): string | LeftOut {
  if (chargeMinor === undefined || chargeDecimals === undefined)
    return new LeftOut('it has no charge yet: `cordboard rate` tells why');
  if (currency !== 'USD') return new LeftOut(`its charge is in ${currency}, and the amount is in US dollars`);
  const scaled = chargeMinor * 10n ** BigInt(Math.max(0, amountDecimals - chargeDecimals));
  const divisor = 10n ** BigInt(Math.max(0, chargeDecimals - amountDecimals));
  if (scaled % divisor !== 0n)
    return new LeftOut('its charge has a fraction of a thousandth of a dollar, which the amount cannot say');
  const amount = (scaled / divisor).toString();
  if (amount.length > 7)
    return new LeftOut('its charge is above the 9,999.999 dollars that the amount can say');
  return amount.padStart(7, '0');
}

/** 1 sent paid, 2 third number, 4 collect. */
function messageType({ billTo, callerAccount, calleeAccount }: ExportedCall): string {
  if (billTo === callerAccount) return '1';
  return billTo === calleeAccount ? '4' : '2';
}

/** Zeros wherever no field stands. */
function line(fields: readonly Field[]): Uint8Array {
  const octets = new Uint8Array(recordLength + 1).fill(0x30);
  for (const [position, text] of fields) octets.set(textOctets(text), position - 1);
  octets[recordLength] = 0x0a;
  return octets;
}
