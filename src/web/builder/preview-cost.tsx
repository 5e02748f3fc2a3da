/** What a condition costs, in words, the indexes that would make it cheaper, and values that count as missing. */
import type { Preview } from '../client/api.ts';
import { amountWords } from './amount-text.ts';

const WORDS = {
  low: 'Low: a rebuild costs about as much as reading the contacts.',
  medium: 'Medium: a rebuild costs several times as much as reading the contacts.',
  high: 'High: a rebuild costs many times as much as reading the contacts.',
} as const;

export function PreviewCost({ numbers: { cost, advice, mismatches } }: { readonly numbers: Preview }) {
  return (
    <section>
      <h2>Cost</h2>
      <p>{WORDS[cost.class]}</p>
      {advice.map(({ sentence, command }) => (
        <div key={command} class="preview-advice">
          <p>{sentence}</p>
          <pre tabIndex={0} aria-label="SQL that creates the index">
            <code>{command}</code>
          </pre>
        </div>
      ))}
      {(mismatches ?? []).map(({ field, type, values }) => (
        <p key={field} class="note warn">
          {field}: {amountWords(values)} {values.value === 1 ? 'value is' : 'values are'} of another type than {type}{' '}
          and {values.value === 1 ? 'counts' : 'count'} as missing.
        </p>
      ))}
    </section>
  );
}
