/** Two circles whose areas, and whose common area, are in the proportion of three numbers. Pure. */

export interface OverlapCircles {
  readonly radius: readonly [number, number];
  /** Between the centres. */
  readonly distance: number;
}

/** @param sizes of the two @param both in both; at most the smaller @param largest radius of the larger circle */
export function overlapCircles(sizes: readonly [number, number], both: number, largest: number): OverlapCircles {
  const scale = largest / Math.sqrt(Math.max(...sizes, 1));
  const radius = [Math.sqrt(sizes[0]) * scale, Math.sqrt(sizes[1]) * scale] as const;
  const [first, second] = radius;
  // The common area of a pair of circles shrinks as they part: halving finds the distance at which it is right.
  const wanted = Math.PI * both * scale ** 2;
  let near = Math.abs(first - second);
  let far = first + second;
  if (both === 0) return { radius, distance: far + largest * 0.08 };
  for (let step = 0; step < 40; step += 1) {
    const middle = (near + far) / 2;
    if (commonArea(first, second, middle) > wanted) near = middle;
    else far = middle;
  }
  return { radius, distance: (near + far) / 2 };
}

/** The area that two circles share. */
export function commonArea(first: number, second: number, distance: number): number {
  if (distance >= first + second) return 0;
  const small = Math.min(first, second);
  if (distance <= Math.abs(first - second)) return Math.PI * small ** 2;
  const part = (a: number, b: number): number => {
    const cosine = (distance ** 2 + a ** 2 - b ** 2) / (2 * distance * a);
    const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
    return a ** 2 * (angle - Math.sin(2 * angle) / 2);
  };
  return part(first, second) + part(second, first);
}
