/** Types whose `=` follows from the written value, so that a link may travel as text. Two columns of one class may be linked. Pure. */
import { isCitext, type BaseType } from './type-family.ts';

export type LinkClass = 'integer' | 'uuid' | 'text' | 'citext';

/** Undefined for a type that cannot link. */
export function linkClass(base: BaseType): LinkClass | undefined {
  if (base.array) return undefined;
  if (isCitext(base)) return 'citext';
  if (base.schema !== 'pg_catalog') return undefined;
  switch (base.name) {
    case 'int2':
    case 'int4':
    case 'int8':
      return 'integer';
    case 'uuid':
      return 'uuid';
    case 'text':
    case 'varchar':
      return 'text';
    default:
      return undefined;
  }
}
