/** Random rules of time over the tables of the sweep world: every operator, on contacts and on rows one and two hops away. */
import type { Random } from '../support/random.ts';

/** [amount, unit, …] of the windows that rules are made with. */
type Windows = readonly (readonly [number, string, ...unknown[]])[];

/**
 * When a leaf can flip: at a value's instant shifted by a window, by a wall clock's, at a local midnight shifted by a
 * window, or at a local midnight.
 */
export type FlipKind = 'instant' | 'wall' | 'shifted midnight' | 'midnight';

const v = (name: string): unknown => ({ var: name });

interface Fields {
  readonly instants: readonly string[];
  readonly walls: readonly string[];
  readonly dates: readonly string[];
  readonly births: readonly string[];
}

const OWN: Fields = {
  instants: ['seen_at', 'attributes.seen', 'created_at'],
  walls: ['local_at'],
  dates: ['renews_on', 'attributes.since'],
  births: ['born'],
};
const ORDER: Fields = { instants: ['placed_at'], walls: [], dates: ['due_on'], births: [] };
const ITEM: Fields = {
  instants: ['sent_at', 'orders.placed_at'],
  walls: ['made_at'],
  dates: ['orders.due_on'],
  births: [],
};

function timeLeaf(
  r: Random,
  windows: Windows,
  { instants, walls, dates, births }: Fields,
  note: (kind: FlipKind) => void,
): unknown {
  const name = r.chance(0.6) ? r.pick([...instants, ...walls]) : r.pick([...dates, ...births]);
  const value = v(name);
  switch (r.below(births.length > 0 ? 6 : 4)) {
    case 0:
      note('midnight');
      return { in_period: [value, r.pick(['day', 'week', 'month', 'quarter', 'year']), r.below(5) - 2] };
    case 1:
    case 2:
    case 3: {
      const [n, unit] = r.pick(windows);
      note(walls.includes(name) ? 'wall' : instants.includes(name) ? 'instant' : 'shifted midnight');
      if (r.chance(0.15)) return { [r.pick(['is_past', 'is_future'])]: [value] };
      return { [r.pick(['in_last', 'before_last', 'in_next'])]: [value, n, unit] };
    }
    case 4:
      note('midnight');
      if (r.chance(0.4))
        return { anniversary_in_period: [v(r.pick(births)), r.pick(['week', 'month']), r.below(4) - 1] };
      return {
        [r.pick(['anniversary_in_next', 'anniversary_in_last'])]: [v(r.pick(births)), r.pick([0, 1, 7, 30, 364])],
      };
    default:
      note('midnight');
      return { [r.pick(['<', '<=', '>', '>=', '=='])]: [{ age: [v(r.pick(births))] }, r.pick([18, 19, 20, 21])] };
  }
}

/** `note` hears of every way in which the rule can flip. */
export function yearRule(r: Random, windows: Windows, note: (kind: FlipKind) => void = () => {}): unknown {
  const own = (): unknown => timeLeaf(r, windows, OWN, note);
  const order = (): unknown => timeLeaf(r, windows, ORDER, note);
  const item = (): unknown => timeLeaf(r, windows, ITEM, note);
  const rows = (relation: string, where: unknown): unknown => ({ filter: [v(relation), where] });
  const leaf = (): unknown => {
    switch (r.below(8)) {
      case 0:
        return { [r.pick(['some', 'none', 'all'])]: [v('orders'), order()] };
      case 1:
        return { '>=': [{ count: [rows('orders', order())] }, 2] };
      case 2:
        return { '>': [{ sum: [{ map: [rows('orders', order()), v('total')] }] }, 10] };
      case 3:
        return { [r.pick(['some', 'none'])]: [v('items'), item()] };
      case 4:
        note('instant');
        return { in_last: [{ [r.pick(['first', 'last'])]: [v('orders'), 'placed_at', order()] }, 30, 'day'] };
      default:
        return own();
    }
  };
  const one = r.chance(0.5) ? leaf() : { [r.pick(['and', 'or'])]: [leaf(), leaf()] };
  return r.chance(0.3) ? { '!': [one] } : one;
}
