/** Which of a relation's rows count: all, or so many by time. Offered where the relation has a time and a key. */
import type { LimitName } from '../../condition/ast.ts';
import type { Argument, RowLimit, RowsArgument, ValueArgument } from './builder-node.ts';
import { constantText, wholeNumberOf } from './constant-text.ts';
import { useEditor } from './editor-context.ts';

interface LimitInputProps {
  readonly argument: ValueArgument;
  readonly rows: RowsArgument;
  readonly onChange: (argument: Argument) => void;
}

const WORDS: Readonly<Record<LimitName, string>> = { newest: 'the newest', oldest: 'the oldest' };

/** The value over rows that are limited otherwise. */
export function withLimit(argument: ValueArgument, limit: RowLimit | undefined): ValueArgument {
  const limited = (rows: RowsArgument): RowsArgument => ({ ...rows, limit });
  return {
    ...argument,
    arguments: argument.arguments.map((one) => {
      if (one.kind === 'rows') return limited(one);
      return one.kind === 'mapped' ? { ...one, rows: limited(one.rows) } : one;
    }),
  };
}

export function LimitInput({ argument, rows, onChange }: LimitInputProps) {
  const { vocabulary } = useEditor();
  const relation = vocabulary.catalogue.relations.get(rows.relation.name);
  const { limit } = rows;
  if (!limit && (relation?.time === undefined || relation.key === undefined)) return null;
  const set = (next: RowLimit | undefined): void => onChange(withLimit(argument, next));
  const choose = (word: string): void =>
    set(word === 'newest' || word === 'oldest' ? { count: 5, of: 'matching', ...limit, name: word } : undefined);
  return (
    <>
      <select
        aria-label="Which rows"
        value={limit?.name ?? ''}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        <option value="">all rows</option>
        {Object.entries(WORDS).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      {limit && (
        <input
          class="short"
          aria-label="How many rows"
          inputMode="numeric"
          autocomplete="off"
          value={constantText(limit.count)}
          onInput={({ currentTarget }) => set({ ...limit, count: wholeNumberOf(currentTarget.value) })}
        />
      )}
      {limit && rows.where && (
        <select
          aria-label="Of which rows"
          value={limit.of}
          onChange={({ currentTarget }) => set({ ...limit, of: currentTarget.value === 'all' ? 'all' : 'matching' })}
        >
          <option value="matching">of the rows that match</option>
          <option value="all">of all rows, if they match</option>
        </select>
      )}
    </>
  );
}
