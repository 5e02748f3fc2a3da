/**
 * The config file as written: its shape and nothing about the database (that is resolve.ts). Every mistake becomes one
 * sentence that names where it stands; unknown keys are refused, because a mistyped `exclude` would capture too much.
 */
import { z } from 'zod';
import { didYouMean } from '../base/suggest.ts';

/** Types that a path into jsonb may be declared as. */
export const PATH_TYPES = ['text', 'number', 'integer', 'boolean', 'date', 'instant', 'uuid', 'json'] as const;
export type PathType = (typeof PATH_TYPES)[number];

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A name that conditions may use: not empty, no NUL, nothing that JavaScript objects inherit. */
export function isFieldName(name: string): boolean {
  return name !== '' && name.length <= 200 && !name.includes('\0') && !FORBIDDEN.has(name);
}

const name = z.string().min(1).refine((text) => !text.includes('\0'), 'must not hold NUL');
const fieldName = z.string().refine(isFieldName, 'is not a name that conditions can use');

const field = z
  .strictObject({
    column: name.optional(),
    path: z.array(z.union([z.string(), z.number().int()]).transform(String)).min(1).max(20).optional(),
    type: z.enum(PATH_TYPES).optional(),
  })
  .refine((given) => (given.path === undefined) === (given.type === undefined), 'needs both `path` and `type` for a value inside jsonb, and neither for a column')
  .refine((given) => given.path === undefined || given.column !== undefined, 'needs the jsonb `column` that the path leads into');

const fields = z.record(fieldName, field);
const columns = z.array(name);

const contacts = z.strictObject({
  table: name,
  key: name.optional(),
  created: name.optional(),
  where: z.unknown().optional(),
  exclude: columns.optional(),
  fields: fields.optional(),
});

const relation = z
  .strictObject({
    table: name,
    contact: name.optional(),
    through: name.optional(),
    on: z
      .record(name, name)
      .refine((pairs) => Object.keys(pairs).length === 1, 'needs exactly one pair { own column: column of the other table }')
      .optional(),
    time: name.optional(),
    exclude: columns.optional(),
    fields: fields.optional(),
  })
  .refine((given) => (given.contact === undefined) !== (given.through === undefined), 'needs either `contact` (its column with the contact\'s key) or `through` (another relation)')
  .refine((given) => (given.through === undefined) === (given.on === undefined), 'needs `on: { own column: column of the other table }` together with `through`');

const schema = z.strictObject({
  contacts,
  fields: fields.optional(),
  relations: z.record(fieldName.refine((text) => text !== 'contact', 'is kept for the contact itself'), relation).optional(),
  timezone: name.default('UTC'),
  timestamps: name.default('UTC'),
  settings: z.record(z.string(), z.unknown()).optional(),
});

/** What the parts work with: every default is filled in. */
export type Config = z.infer<typeof schema>;
/** What a person writes. */
export type ConfigInput = z.input<typeof schema>;
export type RelationConfig = z.infer<typeof relation>;
export type FieldConfig = z.infer<typeof field>;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(schema.shape),
  contacts: Object.keys(contacts.shape),
  relation: ['table', 'contact', 'through', 'on', 'time', 'exclude', 'fields'],
  field: ['column', 'path', 'type'],
};

/** Returns the config, or every mistake as a sentence. */
export function checkConfig(json: unknown): { readonly config: Config } | { readonly mistakes: readonly string[] } {
  if (json === null || json === undefined) return { mistakes: ['The file is empty.'] };
  const parsed = schema.safeParse(json, { reportInput: true });
  if (parsed.success) return { config: parsed.data };
  return { mistakes: parsed.error.issues.flatMap((issue) => sentences(issue)) };
}

type ZodIssue = z.core.$ZodIssue;

function sentences(issue: ZodIssue): string[] {
  const where = pathText(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const hint = didYouMean(key, keysAt(issue.path));
        return `\`${pathText([...issue.path, key])}\` is not known here${hint === undefined ? '' : ` (${hint})`}.`;
      });
    case 'invalid_type':
      return [issue.input === undefined ? `\`${where}\` is missing.` : `\`${where}\` must be ${article(issue.expected)}.`];
    case 'invalid_value':
      return [`\`${where}\` must be one of ${issue.values.join(', ')}.`];
    case 'invalid_key':
      return issue.issues.map((inner) => `\`${where}\` ${inner.message}.`);
    case 'too_small':
      return [`\`${where}\` must not be empty.`];
    case 'custom':
      return [`\`${where}\` ${issue.message}.`];
    default:
      return [`\`${where}\` is not right: ${issue.message}.`];
  }
}

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return KEYS[''] ?? [];
  if (path.at(-2) === 'fields') return KEYS['field'] ?? [];
  return KEYS[path[0] === 'relations' ? 'relation' : String(path[0])] ?? [];
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the file' : path.map(String).join('.');
}

function article(expected: string): string {
  switch (expected) {
    case 'object':
    case 'record':
      return 'a mapping of names to values';
    case 'array':
      return 'a list';
    case 'string':
      return 'text';
    default:
      return `of type ${expected}`;
  }
}
