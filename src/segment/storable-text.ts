/**
 * Name, description and tags of a segment: texts that Postgres can store and a person can read. The trigger `segment_before`
 * (sql/object/segment-trigger.sql) rejects the same mistakes in plain SQL. Pure.
 */

export interface SegmentText {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly tags?: readonly (string | null)[];
}

export interface TextMistake {
  readonly field: 'name' | 'description' | 'tags';
  /** What the message is about: `name`, `description` or `tag`. */
  readonly subject: string;
  /** What follows the subject: `is empty`. */
  readonly message: string;
}

/** In characters. A condition may be larger; a file of a folder may have 1 MiB with everything. */
const MOST = { name: 1_000, description: 10_000, tags: 10_000 } as const;

/** All mistakes, each kind once. */
export function textMistakes({ name, description, tags = [] }: SegmentText): readonly TextMistake[] {
  const found: TextMistake[] = [];
  const add = (field: TextMistake['field'], message: string): void =>
    void found.push({ field, subject: field === 'tags' ? 'tag' : field, message });
  for (const [field, texts] of [
    ['name', [name]],
    ['description', [description]],
    ['tags', tags],
  ] as const) {
    if (texts.some((text) => text && /\0|\p{Surrogate}/u.test(text)))
      add(field, 'holds a character that Postgres cannot store (NUL or half of a surrogate pair)');
    const length = texts.reduce((sum, text) => sum + charactersIn(text ?? ''), 0);
    if (length > MOST[field])
      add(
        field,
        `is too long: ${field === 'tags' ? 'all together have' : 'it has'} at most ${MOST[field].toLocaleString('en')} characters`,
      );
  }
  if (tags.some((tag) => tag === null || tag === '')) add('tags', 'is empty');
  return found;
}

/** Characters as Postgres counts them. */
function charactersIn(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
