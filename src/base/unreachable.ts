/** The default branch of a switch over a union: a compile error when a case is missing, an invariant at run time. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
