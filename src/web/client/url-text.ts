/** A text that a person types and that stands in the address once a pause follows. */
import { useEffect, useState } from 'preact/hooks';
import { useDebounced } from './debounced.ts';
import { useUrlQuery } from './url-query.ts';

/** @param pause milliseconds without a key before the address changes */
export function useUrlText(name: string, pause: number): readonly [string, (text: string) => void] {
  const url = useUrlQuery();
  const inUrl = url.get(name);
  const [text, setText] = useState(inUrl);
  const settled = useDebounced(text, pause);
  // The first letter is a step that back undoes; the letters after it are not.
  useEffect(() => url.set({ [name]: settled.trim() }, inUrl === '' && settled.trim() !== ''), [settled]);
  // Back and links change the address without the field.
  useEffect(() => {
    if (inUrl !== settled.trim()) setText(inUrl);
  }, [inUrl]);
  return [text, setText];
}
