/** A value that an earlier state of a machine has set: its absence is a bug, and throws. */
export function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('a value is used before the state that sets it');
  return value;
}
