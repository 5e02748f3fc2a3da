/**
 * Places within a distance. A box of latitudes and longitudes, whose bounds are constants, comes first: an index on the latitude serves.
 * The box is wider than rounding, also than that of a `real` column. Inside of it the haversine decides. A missing coordinate, NaN and
 * one that is no place on Earth are outside of every box. Only values inside of the box are calculated with, so no row raises.
 */
import type { ConditionOf } from '../condition/ast.ts';
import { DEGREE, EARTH_RADIUS_KM, haversineOfKm, SNAP, snapped } from '../condition/great-circle.ts';
import { decimalOfNumber } from '../condition/literal.ts';
import { literalLeaf } from './compare-leaf.ts';
import { integer, sql, value, type Fragment } from './fragment.ts';
import { all, allOf, any, type LeafSql } from './leaf.ts';
import { fieldScalar } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

type Within = ConditionOf<'within_km'>;
type Bounds = readonly [low: number, high: number];

/** Degrees by which the box is wider on each side: 11 m, more than a `real` rounds a coordinate by (0.9 m). */
const MARGIN = 1e-4;
const LATITUDES: Bounds = [-90, 90];
const LONGITUDES: Bounds = [-180, 180];
const inDegrees = (radians: number): number => (radians * 180) / Math.PI;
const inRadians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Bounds of the places within the distance: of the latitude, and one or two ranges of the longitude. */
export function boxAround({ center, km }: Pick<Within, 'center' | 'km'>): {
  readonly latitude: Bounds;
  readonly longitudes: readonly Bounds[];
} {
  const [latitude, longitude] = center.map(Number) as [number, number];
  const angle = Number(km) / EARTH_RADIUS_KM;
  const reach = inDegrees(angle) + MARGIN;
  const [south, north] = [latitude - reach, latitude + reach];
  const bounds: Bounds = [Math.max(south, LATITUDES[0]), Math.min(north, LATITUDES[1])];
  // Around a pole every longitude is near.
  if (south <= LATITUDES[0] || north >= LATITUDES[1]) return { latitude: bounds, longitudes: [LONGITUDES] };
  const width = inDegrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(inRadians(latitude))))) + MARGIN;
  return { latitude: bounds, longitudes: acrossDateLine([longitude - width, longitude + width]) };
}

function acrossDateLine([west, east]: Bounds): readonly Bounds[] {
  const [first, last] = LONGITUDES;
  const beyond = west < first ? [west + 360, east] : east > last ? [west, east - 360] : undefined;
  if (!beyond) return [[west, east]];
  const [from = first, to = last] = beyond;
  return [
    [first, to],
    [from, last],
  ];
}

function isBetween(scope: SqlScope, scalar: Scalar, [low, high]: Bounds): Fragment {
  const number = (of: number) => ({ kind: 'literal', family: 'number', value: decimalOfNumber(of) }) as const;
  return allOf([literalLeaf(scope, scalar, '>=', number(low)), literalLeaf(scope, scalar, '<=', number(high))])
    .positive;
}

const double = (of: number): Fragment => value(String(of), 'double precision');

/** A coordinate as a double. The value of a `real` is its text; a numeric of very many digits would raise. */
function degrees({ type, value: of }: Scalar): Fragment {
  const snap = (number: Fragment): Fragment => sql`(${number} + ${integer(SNAP)} - ${integer(SNAP)})`;
  if (type === 'numeric') return snap(sql`round(${of}, 30)::double precision`);
  return snap(type === 'float4' ? sql`${of}::text::double precision` : sql`${of}::double precision`);
}

/** The haversine of the distance from the centre. */
function haversine(center: Within['center'], latitude: Scalar, longitude: Scalar): Fragment {
  const [south, west] = center.map((degree) => snapped(Number(degree))) as [number, number];
  const [lat, lon] = [degrees(latitude), degrees(longitude)];
  const half = (of: Fragment, from: number): Fragment => sql`sin(radians(${of} - ${double(from)}) / 2)`;
  const squared = (of: Fragment): Fragment => sql`(${of} * ${of})`;
  const cosines = sql`${double(Math.cos(south * DEGREE))} * cos(radians(${lat}))`;
  return sql`${squared(half(lat, south))} + ${cosines} * ${squared(half(lon, west))}`;
}

interface Parts {
  readonly box: Fragment;
  readonly haversine: Fragment;
}

function partsOf(scope: SqlScope, within: Within): Parts {
  const [latitude, longitude] = [fieldScalar(scope, within.latitude), fieldScalar(scope, within.longitude)];
  const { latitude: bounds, longitudes } = boxAround(within);
  const box = all([
    isBetween(scope, latitude, bounds),
    any(longitudes.map((range) => isBetween(scope, longitude, range))),
  ]);
  return { box, haversine: haversine(within.center, latitude, longitude) };
}

export function withinLeaf(scope: SqlScope, within: Within): LeafSql {
  const { box, haversine: of } = partsOf(scope, within);
  const holds = sql`(case when ${box} then ${of} <= ${double(haversineOfKm(Number(within.km)))} else false end)`;
  return { positive: all([box, holds]), negative: sql`not ${holds}` };
}

/** Kilometres from the centre; NULL for what is no place. For people: the verdict compares haversines. */
export function kilometres(scope: SqlScope, within: Within): Fragment {
  const everywhere = partsOf(scope, { ...within, km: String(EARTH_RADIUS_KM * Math.PI) });
  return sql`(case when ${everywhere.box} then ${double(2 * EARTH_RADIUS_KM)} * asin(sqrt(least(1, ${everywhere.haversine}))) end)`;
}
