/**
 * Inputs whose condition is typed over the team's row types. With `createSegmentd<Shop>()` a wrong field or operator is an error
 * of the compiler; without a type parameter a condition is `unknown`. Types only: the check at save decides what is accepted.
 */
import type { ConditionOver, Tables } from '../condition/typed.ts';
import type { SegmentInput } from '../segment/create-segment.ts';
import type { SegmentChange } from '../segment/edit-segment.ts';

/** A condition over the tables of `T`, or anything when `T` is not given. */
export type ConditionOf<T extends Tables | undefined> = T extends Tables ? ConditionOver<T> : unknown;

/** What `segments.create` takes. */
export type NewSegment<T extends Tables | undefined = undefined> = Omit<SegmentInput, 'condition'> & {
  readonly condition?: ConditionOf<T>;
};

/** What `segments.edit` takes. What is absent stays. */
export type SegmentEdit<T extends Tables | undefined = undefined> = Omit<SegmentChange, 'condition'> & {
  readonly condition?: ConditionOf<T>;
};

/** A segment, or a condition with its zone. */
export type ConditionSource<T extends Tables | undefined = undefined> =
  | { readonly key: string }
  | { readonly condition: ConditionOf<T>; readonly timezone?: string };
