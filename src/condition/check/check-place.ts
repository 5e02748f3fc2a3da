/** `within_km`: two fields of numbers, a fixed place, a distance. */
import type { Condition } from '../ast.ts';
import { FARTHEST_KM } from '../great-circle.ts';
import type { ValueType } from '../operand.ts';
import { operators } from '../operator.ts';
import { type Argument, type Check, sayKind, type NameScope } from './check-context.ts';
import { literal } from './check-literal.ts';
import type { Call } from './check-node.ts';
import { checkField, isOf } from './check-value.ts';

const WORD = '`within_km`';

export function checkWithin(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [north, east, place, distance] = call.args;
  const latitude = coordinate(c, north, scope);
  const longitude = coordinate(c, east, scope);
  const center = place && centerOf(c, place);
  const km = distance && distanceOf(c, distance);
  if (!latitude || !longitude || !center || km === undefined) return undefined;
  return { kind: 'within_km', latitude, longitude, center, km };
}

function coordinate(c: Check, arg: Argument | undefined, scope: NameScope) {
  const field = checkField(c, arg, scope, operators.within_km.usage);
  return field && arg && isOf(c, field, ['number'], WORD, arg.at) ? field : undefined;
}

const number: ValueType = { family: 'number', array: false, called: WORD };

/** A number in canonical text. */
function numberOf(c: Check, { value, at }: Argument, called: string): string | undefined {
  return literal(c, value, { ...number, called }, at)?.value;
}

function centerOf(c: Check, { value, at }: Argument): readonly [string, string] | undefined {
  if (!Array.isArray(value) || value.length !== 2)
    return c.issues.report(
      'wrong-type',
      at,
      `The place of ${WORD} is a list of two numbers, its latitude and its longitude, not ${Array.isArray(value) ? `a list of ${value.length}` : sayKind(value)}.`,
      'write [40.42, -3.7]',
    );
  const [latitude, longitude] = (['latitude', 'longitude'] as const).map((name, index) => {
    const place: Argument = { value: value[index] as unknown, at: `${at}/${index}` };
    const degrees = numberOf(c, place, `The ${name} of a place`);
    const most = name === 'latitude' ? 90 : 180;
    if (degrees === undefined || Math.abs(Number(degrees)) <= most) return degrees;
    return c.issues.report(
      'out-of-range',
      place.at,
      `The ${name} of a place is from -${most} to ${most} degrees, not ${degrees}.`,
      'the latitude comes first, then the longitude',
    );
  });
  return latitude === undefined || longitude === undefined ? undefined : [latitude, longitude];
}

function distanceOf(c: Check, arg: Argument): string | undefined {
  const km = numberOf(c, arg, 'The distance');
  if (km === undefined || (Number(km) > 0 && Number(km) <= FARTHEST_KM)) return km;
  return c.issues.report(
    'out-of-range',
    arg.at,
    `The distance is more than 0 and at most ${FARTHEST_KM} kilometres, not ${km}.`,
    'no two places on Earth are farther apart',
  );
}
