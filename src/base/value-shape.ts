/**
 * What a value from outside may be. A shape is a function that lists every mistake of a value, each with its place. It changes and copies
 * nothing. The config file (catalogue/config.ts) and the inputs of the API (api/input.ts) are described with it.
 */

export type Path = readonly (string | number)[];

export interface Mistake {
  readonly path: Path;
  /** Without its subject: `must be text`. */
  readonly message: string;
  /** What stands there. */
  readonly given: unknown;
}

export type Shape = (value: unknown, path: Path) => readonly Mistake[];

/** A shape for each field of `T`: a field without one, or one too many, does not compile. */
export type Fields<T> = { readonly [Name in keyof Required<T>]: Shape };

/** A value that passes a test. */
export function passing(test: (value: unknown) => boolean, message: string): Shape {
  return (value, path) => (test(value) ? [] : [{ path, message, given: value }]);
}

/** The first shape, then the next ones, as long as there is no mistake. */
export function all(...shapes: readonly Shape[]): Shape {
  return (value, path) => {
    for (const shape of shapes) {
      const mistakes = shape(value, path);
      if (mistakes.length > 0) return mistakes;
    }
    return [];
  };
}

/** One of the shapes; otherwise the one message for all of them. */
export function either(shapes: readonly Shape[], message: string): Shape {
  return (value, path) =>
    shapes.some((shape) => shape(value, path).length === 0) ? [] : [{ path, message, given: value }];
}

/** What may be left out. */
export function optional(shape: Shape): Shape {
  return (value, path) => (value === undefined ? [] : shape(value, path));
}

export function listOf(element: Shape, message: string): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((one: unknown, index) => element(one, [...path, index]))
      : [{ path, message, given: value }];
}

/** An object with any names. A mistake of a name stands at the name. */
export function recordOf(name: Shape, element: Shape, message: string): Shape {
  return (value, path) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([key, one]) => [...name(key, [...path, key]), ...element(one, [...path, key])])
      : [{ path, message, given: value }];
}

/** An object with these fields and no other. */
export function objectOf<T>(
  fields: Fields<T>,
  options: {
    /** The fields that may not be left out. */
    readonly required?: readonly (keyof T & string)[];
    readonly message: string;
    readonly unknownField: (name: string, known: readonly string[]) => string;
  },
): Shape {
  const { required = [], message, unknownField } = options;
  const shapes = Object.entries<Shape>(fields).map(
    ([name, shape]) => [name, required.some((one) => one === name) ? shape : optional(shape)] as const,
  );
  const known = shapes.map(([name]) => name);
  return (value, path) => {
    if (!isRecord(value)) return [{ path, message, given: value }];
    const wrong = shapes.flatMap(([name, shape]) => shape(value[name], [...path, name]));
    const unknown = Object.keys(value)
      .filter((name) => !known.includes(name))
      .map((name) => ({ path: [...path, name], message: unknownField(name, known), given: value[name] }));
    return [...wrong, ...unknown];
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
