/** What differs between two versions, in words: what came, what went, what is set. */

const LOOKS = { '+': { look: 'plus', word: 'added: ' }, '-': { look: 'minus', word: 'removed: ' } } as const;

export function ChangeList({ changes }: { readonly changes: readonly string[] }) {
  if (changes.length === 0) return null;
  return (
    <ul class="changes">
      {changes.map((change, at) => {
        const { sign, text } = partsOf(change);
        const shown = sign && LOOKS[sign];
        return (
          <li key={at} class={shown?.look}>
            <span aria-hidden="true">{sign === '-' ? '−' : (sign ?? '')}</span>
            <span dir="auto">
              {shown && <span class="hidden-text">{shown.word}</span>}
              {text}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function partsOf(change: string): { readonly sign: '+' | '-' | undefined; readonly text: string } {
  const [, sign, text] = /^([+-]) (.*)$/s.exec(change) ?? [];
  return sign === '+' || sign === '-' ? { sign, text: text ?? '' } : { sign: undefined, text: change };
}
