/** Whether a row holds for the contact that the draft is tried on: here at once, and as Postgres says. Not by colour alone. */
import type { RowId } from './builder-node.ts';
import { useEditor, useNote } from './editor-context.ts';

const MARKS = { true: '✓', false: '✗', null: '?' } as const;
const WORDS = { true: 'holds', false: 'does not hold', null: 'is not known yet' } as const;

function keyOf(verdict: boolean | null): 'true' | 'false' | 'null' {
  return verdict === null ? 'null' : verdict ? 'true' : 'false';
}

export function VerdictMark({ id }: { readonly id: RowId }) {
  const { verdicts } = useEditor();
  const note = useNote(verdicts, id);
  if (!note) return null;
  const { here, postgres, actual } = note;
  const decided = postgres ?? here;
  const differs = postgres !== undefined && postgres !== null && here !== null && postgres !== here;
  const words = `This row ${WORDS[keyOf(decided)]} for the contact${postgres === undefined ? '' : ', as Postgres says'}`;
  return (
    <span
      class={`verdict ${keyOf(decided)} ${postgres === undefined ? '' : 'sure'}`}
      title={`${words}${actual === null ? '' : `: ${actual}`}${differs ? '. The page had another answer.' : '.'}`}
    >
      <span aria-hidden="true">{MARKS[keyOf(decided)]}</span>
      <span class="hidden-text">{words}.</span>
    </span>
  );
}
