/** A text that a person types and that stands in the address once a pause follows. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useDebounced } from './debounced.ts';
import { useUrlQuery } from './url-query.ts';

/** @param pause milliseconds without a key before the address changes */
export function useUrlText(name: string, pause: number): readonly [string, (text: string) => void] {
  const url = useUrlQuery();
  const inUrl = url.get(name);
  const [text, setText] = useState(inUrl);
  // What the field last wrote into the address, or took from it.
  const own = useRef(inUrl);
  const settled = useDebounced(text, pause);
  useEffect(() => {
    own.current = settled.trim();
    // The first letter is a step that back undoes; the letters after it are not.
    url.set({ [name]: own.current }, inUrl === '' && own.current !== '');
  }, [settled]);
  // Back and links change the address without the field.
  useLayoutEffect(() => {
    if (inUrl === own.current) return;
    own.current = inUrl;
    setText(inUrl);
  });
  return [text, setText];
}
