/** A moment as people read it, with the exact one in its title. It stays true while the page is open. */
import { useEffect, useReducer } from 'preact/hooks';
import { serverNow } from '../client/live.ts';
import { exactMomentText, momentPace, momentText } from '../client/time-text.ts';

/** @param at ISO 8601 */
export function Moment({ at }: { readonly at: string }) {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  const ms = Date.parse(at);
  const now = serverNow();
  const pace = momentPace(ms, now);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && again(undefined), pace);
    return () => clearInterval(timer);
  }, [pace]);
  return (
    <time dateTime={at} title={exactMomentText(ms)}>
      {momentText(ms, now)}
    </time>
  );
}
