/**
 * NDJSON: one JSON object a line, in UTF-8. Keys of contacts are text whatever their type, as everywhere in segmentd;
 * other numbers are written with all their digits.
 */
import { join, literal, sql, type Fragment } from '../../compile/fragment.ts';
import type { OutputColumn } from '../output-column.ts';
import type { Format } from './format.ts';

const LF = 0x0a;
const NOTHING = new Uint8Array();

export function ndjson(columns: readonly OutputColumn[]): Format {
  const members = columns.map(({ name, type, value }, index) => {
    const open = literal(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    return sql`${open} || coalesce(${name === 'contact_id' ? sql`to_json((${value})::text)::text` : printed(type, value)}, 'null')`;
  });
  let count = 0;
  return {
    extension: 'ndjson',
    // JSON escapes control characters, so with these as quote and delimiter COPY passes every line through as it is.
    copy: (from: Fragment) =>
      sql`copy (select ${join(members, sql` || `)} || '}' from ${from}) to stdout with (format csv, quote E'\\x01', delimiter E'\\x02')`,
    header: () => NOTHING,
    rows(chunk) {
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) count += 1;
      return chunk;
    },
    footer: () => NOTHING,
    get count() {
      return count;
    },
  };
}

function printed(type: OutputColumn['type'], value: Fragment): Fragment {
  // A json column keeps the line breaks that it was written with; inside its strings there are none.
  if (type === 'json') return sql`translate((${value})::text, E'\\n\\r', '  ')`;
  return sql`to_json(${value})::text`;
}
