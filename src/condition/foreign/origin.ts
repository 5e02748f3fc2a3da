/**
 * Where each part of a rewritten condition stood in what the caller gave. Issues of the rewritten condition are reported there.
 * Pure. Invariant: every object of the given JSON is known, and so is every object that a form made.
 */
import { isObject, under } from '../check/check-context.ts';

interface Place {
  readonly at: string;
  /** Its keys are those of the given JSON, so a value inside it stands at a place of its own. */
  readonly mirrors: boolean;
}

export class Origins {
  readonly #places = new WeakMap<object, Place>();

  /** @param given JSON that is not too deep */
  constructor(given: unknown) {
    this.#know(given, '');
  }

  #know(value: unknown, at: string): void {
    if (typeof value !== 'object' || value === null) return;
    this.#places.set(value, { at, mirrors: true });
    for (const [key, child] of Object.entries(value)) this.#know(child, under(at, key));
  }

  /** Notes that a form made this object of what stands at `at`. Returns the object. */
  made<T extends object>(node: T, at: string, mirrors = false): T {
    this.#places.set(node, { at, mirrors });
    return node;
  }

  /** The place in the given JSON. @param pointer a place in the rewritten one */
  pointerOf(rewritten: unknown, pointer: string): string {
    let value = rewritten;
    let place: Place = this.#placeOf(value) ?? { at: '', mirrors: true };
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const inside: boolean = Array.isArray(value) || isObject(value);
      value = inside ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
      place = this.#placeOf(value) ?? (place.mirrors ? { at: under(place.at, key), mirrors: true } : place);
    }
    return place.at;
  }

  #placeOf(value: unknown): Place | undefined {
    return typeof value === 'object' && value !== null ? this.#places.get(value) : undefined;
  }
}
