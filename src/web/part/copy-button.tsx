/** Copies a text, and says that it did. */
import { useEffect, useState } from 'preact/hooks';

/** @param what names the text for those who hear the button */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, say] = useState('');
  useEffect(() => {
    if (said === '') return undefined;
    const timer = setTimeout(() => say(''), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied');
    } catch {
      // A browser without the right: the text itself stands beside the button.
      say('Select and copy it');
    }
  };
  return (
    <button type="button" class="small" onClick={() => void copy()}>
      <span aria-live="polite">{said === '' ? 'Copy' : said}</span>
      <span class="hidden-text"> {what}</span>
    </button>
  );
}
