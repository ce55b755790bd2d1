import type { NumberingPlanTable } from './numbering-plan.js';

/**
 * The North American plan. 7 digits within the area, 10 or 1 and 10 to any; a number with its area code is told from one
 * without by its first three digits, so no central office code should equal an area code of the network.
 */
export const nanp: NumberingPlanTable = {
  name: 'nanp',
  nationalDigits: 10,
  rules: [
    { dial: '*70', means: 'cancel-call-waiting' },
    { dial: 'N11', means: 'service' },
    { dial: '{area}NXXXXXX', prefix: '{country}' },
    { dial: 'NXXXXXX', prefix: '{country}{area}' },
    { dial: '1NXXNXXXXXX' },
    { dial: '011X{7,15}', strip: 3 },
    { dial: '0', means: 'service' },
  ],
};
