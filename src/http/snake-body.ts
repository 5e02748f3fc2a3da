/** Answers are written with the names of the tables: `entered_at`. Keys of the API's objects change; conditions are the user's and stay. */

type SnakeKey<Key extends string> = Key extends `${infer First}${infer Rest}`
  ? Rest extends Uncapitalize<Rest>
    ? `${Lowercase<First>}${SnakeKey<Rest>}`
    : `${Lowercase<First>}_${SnakeKey<Rest>}`
  : Key;

/** What holds JSON of the user or of the worker, left as it is. */
type Opaque = 'condition' | 'error' | 'issues';

export type Snake<T> = T extends readonly (infer Item)[]
  ? Snake<Item>[]
  : T extends object
    ? {
        [Key in keyof T as Key extends string ? SnakeKey<Key> : never]: Key extends Opaque
          ? unknown extends T[Key]
            ? unknown
            : Snake<T[Key]>
          : Snake<T[Key]>;
      }
    : T;

/** Keys whose value is JSON that a person wrote, wherever they stand. */
const USERS: ReadonlySet<string> = new Set(['error', 'issues']);

/** @param opaque further keys whose values are left as they are: `condition` where it is JsonLogic */
export function snakeBody<T>(value: T, opaque: readonly string[] = []): Snake<T> {
  return snake(value, new Set([...USERS, ...opaque])) as Snake<T>;
}

function snake(value: unknown, opaque: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => snake(item, opaque));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      opaque.has(key) ? (inner as unknown) : snake(inner, opaque),
    ]),
  );
}
