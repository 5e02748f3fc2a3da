/**
 * Reads YAML 1.2, which includes JSON, from files that people write. It returns every mistake of the text and never
 * throws: duplicate keys, aliases that multiply or contain themselves, too much depth. The parser is loaded at the first text: it takes 30 ms
 * of CPU.
 */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const require = createRequire(import.meta.url);

const TOO_DEEP = 'it is nested too deeply';

export type YamlRead = { readonly value: unknown } | { readonly mistake: string; readonly line?: number };

export function readYaml(text: string): YamlRead {
  const { parseDocument } = require('yaml') as typeof Yaml;
  try {
    const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
    const [error] = document.errors;
    if (error) {
      const line = error.linePos?.[0].line;
      const mistake =
        error.code === 'RESOURCE_EXHAUSTION'
          ? TOO_DEEP
          : (error.message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
      return { mistake, ...(line === undefined ? {} : { line }) };
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return holdsItself(value, new Map()) ? { mistake: 'an alias stands in what it names' } : { value };
  } catch (cause) {
    // The parser and the walk recurse once for each level.
    if (cause instanceof RangeError) return { mistake: TOO_DEEP };
    return { mistake: cause instanceof Error ? cause.message : String(cause) };
  }
}

/**
 * @param seen visited values, each with whether the walk through it is complete: a value of many aliases is visited
 *   once
 */
function holdsItself(value: unknown, seen: Map<object, boolean>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const known = seen.get(value);
  if (known !== undefined) return !known;
  seen.set(value, false);
  const found = Object.values(value).some((child) => holdsItself(child, seen));
  seen.set(value, true);
  return found;
}
