/**
 * Distances on a sphere by the haversine, in doubles. SQL computes the same formula in the same order, so that a row near the limit has one
 * verdict. Coordinates are degrees, rounded to 2^-44 of a degree (6 nm) so that no product of small differences underflows. Pure.
 */

/** Mean radius of the Earth (IUGG), in kilometres. */
export const EARTH_RADIUS_KM = 6371.0088;
/** No two points are farther apart: half of the circumference is 20,015.1 km. */
export const FARTHEST_KM = 20_015;

/** Degrees of latitude and longitude. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

export const DEGREE = 0.017453292519943295;

/** Added and taken away again, it leaves multiples of 2^-44. */
export const SNAP = 400;

export function snapped(degrees: number): number {
  return degrees + SNAP - SNAP;
}

/** The haversine of a distance: it rises with the distance up to half of the circumference. */
export function haversineOfKm(km: number): number {
  const half = Math.sin(Math.min(km / (2 * EARTH_RADIUS_KM), Math.PI / 2));
  return half * half;
}

export function isPlace({ latitude, longitude }: Place): boolean {
  return latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180;
}

/** The haversine of the distance between two places. */
export function haversine(from: Place, to: Place): number {
  const south = Math.sin(((snapped(to.latitude) - snapped(from.latitude)) * DEGREE) / 2);
  const east = Math.sin(((snapped(to.longitude) - snapped(from.longitude)) * DEGREE) / 2);
  const cosines = Math.cos(snapped(from.latitude) * DEGREE) * Math.cos(snapped(to.latitude) * DEGREE);
  return south * south + cosines * (east * east);
}
