/** Work that is not urgent, one after the other: so that it needs one connection however many parts do some of it. */

export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => {});
    return turn;
  };
}
