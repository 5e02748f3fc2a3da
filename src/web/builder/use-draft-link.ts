/**
 * Keeps the draft in the part of the address behind `#`: a short one at each change, a long one when typing rests. Going back to what is
 * saved takes it away.
 */
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { draftLink, shortLink, type LinkedDraft } from './draft-link.ts';
import { draftText } from './segment-draft.ts';

/** Milliseconds without a change before a long draft is compressed. */
const REST = 250;

/** @returns writes the link at once and gives the whole address */
export function useDraftLink({ draft, base, on }: LinkedDraft & { readonly on: boolean }): () => Promise<string> {
  const latest = useRef<LinkedDraft>({ draft, base });
  latest.current = { draft, base };
  const text = on ? draftText(draft) : '';
  const write = useCallback(async (): Promise<string> => {
    const linked = latest.current;
    const page = location.pathname;
    const link = await draftLink(linked);
    if (latest.current.draft === linked.draft && location.pathname === page) putHash(link);
    return `${location.origin}${location.pathname}${location.search}${link}`;
  }, []);
  const begun = useRef(false);
  useEffect(() => {
    if (!on) {
      if (begun.current) putHash('');
      return undefined;
    }
    begun.current = true;
    const short = shortLink(latest.current);
    if (short !== undefined) {
      putHash(short);
      return undefined;
    }
    const timer = setTimeout(() => void write(), REST);
    return () => clearTimeout(timer);
  }, [text, base, on, write]);
  return write;
}

function putHash(hash: string): void {
  if (location.hash === hash) return;
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
}
