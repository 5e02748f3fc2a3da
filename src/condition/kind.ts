/**
 * Tables with one entry for each kind of a union: a kind without an entry does not compile, and no lookup has a default.
 * Owns the one cast that TypeScript needs to hand a node to the entry of its own kind.
 */

interface Kinded {
  readonly kind: string;
}

/** A function for each kind of node, typed with that kind. */
export type PerKind<Node extends Kinded, Rest extends readonly unknown[], Result> = {
  readonly [K in Node['kind']]: (node: Extract<Node, { readonly kind: K }>, ...rest: Rest) => Result;
};

/** Calls the function of the node's own kind. */
export function byKind<Node extends Kinded, Rest extends readonly unknown[], Result>(
  table: PerKind<Node, Rest, Result>,
  node: Node,
  ...rest: Rest
): Result {
  const of = table[node.kind as Node['kind']] as (node: Node, ...rest: Rest) => Result;
  return of(node, ...rest);
}
