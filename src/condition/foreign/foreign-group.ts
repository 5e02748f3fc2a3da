/** Groups and negations as query builders write them: `xor`, `locked`, and `!` of a value that is no boolean. */
import { type Foreign, type ForeignCall, type ForeignScope, type Form, fieldIn, made } from './foreign-node.ts';

/** Each `xor` inside another doubles what is written. */
const MOST_XORS = 3;

/** `xor` of two: one of them without the other. Of one it is that one. More have no meaning that all agree on. */
export const foreignXor: Form = (f, call, scope) => {
  const [first, second] = call.args;
  if (!first || call.args.length > 2 || scope.xors >= MOST_XORS) return undefined;
  const inner = { ...scope, xors: scope.xors + 1 };
  const one = f.rewrite(first.value, first.at, inner);
  if (!second) {
    f.note(call.at, '`xor` of one condition is read as that condition.');
    return one;
  }
  const other = f.rewrite(second.value, second.at, inner);
  f.note(call.at, '`xor` of two conditions is read as: one of them without the other.');
  const not = (node: unknown): unknown => made(f, '!', [node], call.at);
  const without = (node: unknown, rest: unknown): unknown => made(f, 'and', [node, not(rest)], call.at);
  return made(f, 'or', [without(one, other), without(other, one)], call.at);
};

/** A part that the page of the builder does not let its user change. */
export const foreignLocked: Form = (f, call, scope) => {
  const [only] = call.args;
  if (!only || call.args.length > 1) return undefined;
  f.note(call.at, '`locked` is left out: it has no meaning for members.');
  return f.rewrite(only.value, only.at, scope);
};

/** `!` and `!!` of a value: it is empty, or is not. */
export const foreignNegation: Form = (f, call, scope) => {
  const empty = emptinessOf(f, call, scope);
  if (empty === undefined) return undefined;
  const leaf = call.name === '!' ? empty : made(f, '!', [empty], call.at);
  f.note(call.at, `\`${call.name}\` of a value is read as ${JSON.stringify(leaf)}.`);
  return leaf;
};

function emptinessOf(f: Foreign, { args, at }: ForeignCall, scope: ForeignScope): unknown {
  const [only] = args;
  const field = only && args.length === 1 ? fieldIn(f, only.value, scope) : undefined;
  if (!field) return undefined;
  if (field.array || field.family === 'text') return made(f, 'is_empty', [only?.value], at);
  // JsonLogic takes 0 for false too, and false is a value of a boolean.
  const isAlwaysTrue = field.family === 'date' || field.family === 'instant' || field.family === 'uuid';
  return isAlwaysTrue ? made(f, '==', [only?.value, null], at) : undefined;
}
