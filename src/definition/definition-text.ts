/**
 * A definition as the text of a file. The same definition always gives the same text, one part of the condition a line, so
 * that what changes in git is what changed. Pure.
 */
import { stringify } from 'yaml';
import type { Definition } from './definition.ts';

export type FileFormat = 'yaml' | 'json';

const WIDTH = 100;

export function definitionText(definition: Definition, format: FileFormat): string {
  const { condition, ...rest } = fieldsOf(definition);
  if (format === 'json') return `${pretty({ ...rest, ...(condition === undefined ? {} : { condition }) }, '')}\n`;
  const head = stringify(rest, {
    lineWidth: 0,
    flowCollectionPadding: false,
    defaultStringType: 'PLAIN',
    collectionStyle: 'any',
  });
  // JSON is YAML: said that way, no value is read as something else.
  return condition === undefined ? head : `${head}condition:\n  ${pretty(condition, '  ')}\n`;
}

/** What is not said is not written. */
function fieldsOf({
  key,
  name,
  description,
  kind,
  timezone,
  tags,
  state,
  version,
  condition,
}: Definition): Record<string, unknown> {
  return {
    key,
    ...(name === key ? {} : { name }),
    ...(description === null ? {} : { description }),
    ...(kind === 'dynamic' ? {} : { kind }),
    ...(timezone === null ? {} : { timezone }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(state === undefined ? {} : { state }),
    ...(version === undefined ? {} : { version }),
    ...(condition === null ? {} : { condition }),
  };
}

/** JSON in one line where it fits. */
function pretty(value: unknown, indent: string): string {
  const line = oneLine(value);
  if (indent.length + line.length <= WIDTH || typeof value !== 'object' || value === null) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item: unknown) => `${inner}${pretty(item, inner)}`).join(',\n')}\n${indent}]`;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only && entries.length === 1) return `{${JSON.stringify(only[0])}: ${pretty(only[1], indent)}}`;
  return `{\n${entries.map(([key, child]) => `${inner}${JSON.stringify(key)}: ${pretty(child, inner)}`).join(',\n')}\n${indent}}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, child]) => `${JSON.stringify(key)}: ${oneLine(child)}`)
    .join(', ')}}`;
}

/**
 * The text of a file with another version, all else as it was: layout, comments, order. Undefined when its version does not stand on
 * a line that is sure to be it.
 */
export function withVersion(text: string, version: number): string | undefined {
  const lines = [...text.matchAll(/^([ \t]*(?:version|"version")[ \t]*:[ \t]*)\d+(?=[ \t]*(?:,|#.*)?$)/gm)];
  const [line] = lines;
  if (!line || lines.length > 1) return undefined;
  const start = line.index + (line[1] ?? '').length;
  return text.slice(0, start) + String(version) + text.slice(line.index + line[0].length);
}
