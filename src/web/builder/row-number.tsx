/** How many contacts a row finds alone, and how many are left after it: a bar and the same in words. */
import type { RowId } from './builder-node.ts';
import type { Amount } from '../client/api.ts';
import { amountWords, boundsWords } from './amount-text.ts';
import { useEditor, useNote } from './editor-context.ts';

export function RowNumbers({ id }: { readonly id: RowId }) {
  const { numbers } = useEditor();
  const note = useNote(numbers, id);
  if (!note) return <span class="counts" data-counts="" />;
  const { alone, left, contacts } = note;
  const share = (amount: Amount | null): string =>
    amount === null || contacts === null || contacts === 0
      ? '0'
      : `${Math.max(0, Math.min(100, (100 * amount.value) / contacts))}%`;
  const main = left ?? alone;
  const both = left !== null && alone !== null && (left.value !== alone.value || left.basis !== alone.basis);
  return (
    <span class="counts number" data-counts="">
      {main && (
        <>
          <span class="meter" aria-hidden="true">
            <i class="alone" style={{ width: share(alone) }} />
            <i style={{ width: share(main) }} />
          </span>
          <span title={boundsWords(main)}>
            <b>{amountWords(main)}</b>
            {both && (
              <>
                {' left '}
                <span class="quiet" title={boundsWords(alone)}>
                  ({amountWords(alone)} alone)
                </span>
              </>
            )}
          </span>
        </>
      )}
    </span>
  );
}
