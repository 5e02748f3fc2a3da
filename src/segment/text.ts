/**
 * What may be said of a segment beside its condition: texts that Postgres can store and a person can read. The trigger
 * `segment_before` (sql/object/segment-trigger.sql) refuses the same from plain SQL.
 */

export interface SegmentText {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly tags?: readonly (string | null)[];
}

export interface TextMistake {
  readonly field: 'name' | 'description' | 'tags';
  /** What comes after the name of the thing: `is empty`. */
  readonly thing: string;
  readonly message: string;
}

/** In characters. Conditions are the large thing of a segment; a file of a folder may have 1 MiB with everything. */
const MOST = { name: 1_000, description: 10_000, tags: 10_000 } as const;

/** Everything that is wrong, each kind once. */
export function textMistakes({ name, description, tags = [] }: SegmentText): readonly TextMistake[] {
  const found: TextMistake[] = [];
  const add = (field: TextMistake['field'], message: string): void =>
    void found.push({ field, thing: field === 'tags' ? 'tag' : field, message });
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

/** As Postgres counts them. */
function charactersIn(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
