/** How a row's link is compared with the column that it leads to. Pure. */
import type { Fragment } from './fragment.ts';
import { equality } from './scalar.ts';

/** The link leads to the row of `target`: citext is compared by its own equality. */
export function linked({ citext }: { readonly citext?: string }, target: Fragment, link: Fragment): Fragment {
  return equality(citext === undefined ? {} : { citext: { schema: citext, type: 'citext' } }, target, link);
}
