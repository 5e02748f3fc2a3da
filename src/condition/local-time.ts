/**
 * Local days and wall clocks through Intl, for the evaluator. Never computes the instant of a midnight, which may be missing
 * or come twice. An instant always has exactly one local day.
 */

const microsPerSecond = 1_000_000n;
const secondsPerDay = 86_400n;
/** Intl knows instants of ±100 million days. An instant beyond has the offset of the last one. */
const furthest = 8_640_000_000_000n;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<bigint, bigint>>();
const cachedOffsets = 50_000;

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** Seconds east of UTC at an instant (seconds since 1970). */
function offsetAt(zone: string, seconds: bigint): bigint {
  let known = offsets.get(zone);
  if (!known || known.size > cachedOffsets) offsets.set(zone, (known = new Map<bigint, bigint>()));
  const before = known.get(seconds);
  if (before !== undefined) return before;
  const found = readOffset(zone, seconds);
  known.set(seconds, found);
  return found;
}

function readOffset(zone: string, seconds: bigint): bigint {
  let format = formats.get(zone);
  if (!format)
    formats.set(zone, (format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })));
  const clamped = seconds > furthest ? furthest : seconds < -furthest ? -furthest : seconds;
  const name = format.formatToParts(new Date(Number(clamped) * 1000)).find((part) => part.type === 'timeZoneName');
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name?.value ?? '');
  if (!match) throw new Error(`no offset for zone ${zone}`);
  const value = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return BigInt(match[1] === '-' ? -value : value);
}

/** What the wall clock of a zone shows at an instant; both in microseconds since 1970. */
export function wallClock(zone: string, micros: bigint): bigint {
  return micros + offsetAt(zone, floorDivide(micros, microsPerSecond)) * microsPerSecond;
}

/**
 * The instant that a wall clock means, as Postgres' `at time zone` decides: a skipped time is read with the offset before
 * the gap, and of a time that comes twice the later one counts.
 */
export function instantOfWall(zone: string, wall: bigint): bigint {
  const seconds = floorDivide(wall, microsPerSecond);
  const before = offsetAt(zone, seconds - offsetAt(zone, seconds) - secondsPerDay);
  const after = offsetAt(zone, seconds - offsetAt(zone, seconds) + secondsPerDay);
  const early = offsetAt(zone, seconds - before) === before;
  const late = offsetAt(zone, seconds - after) === after;
  const isGap = after > before;
  const offset = early === late ? (isGap ? before : after) : early ? before : after;
  return wall - offset * microsPerSecond;
}

/** Day number (days since 1970-01-01) of a wall clock. */
export function dayOfWall(wall: bigint): number {
  return Number(floorDivide(wall, secondsPerDay * microsPerSecond));
}

/** Day number of the local date at an instant. */
export function localDay(zone: string, micros: bigint): number {
  return dayOfWall(wallClock(zone, micros));
}
