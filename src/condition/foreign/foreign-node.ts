/**
 * What every form of a query builder works with: the catalogue, the zone, where it notes what it read how, and what a value is. A form
 * returns `undefined` when it has no meaning for a node; the checker then refuses the node with its hint. Knows no operator of its own.
 */
import type { Catalogue, Family, Field } from '../../catalogue/catalogue.ts';
import { type Argument, isObject } from '../check/check-context.ts';
import { argumentsOf, operatorOf } from '../check/check-node.ts';
import { fieldsOfScope } from '../scope-field.ts';
import type { Origins } from './origin.ts';

/** What was read how. The pointer leads into what the caller gave. */
export interface BuilderNote {
  readonly pointer: string;
  readonly message: string;
}

/** Whose fields names mean. `xors`: how many `xor` stand around, each of which writes its sides twice. */
export interface ForeignScope {
  readonly relation?: string;
  readonly xors: number;
}

export interface Foreign {
  readonly catalogue: Catalogue;
  /** Zone in which a time without an offset is read. */
  readonly timezone: string;
  readonly origins: Origins;
  /** Rewrites what stands inside a form. */
  rewrite(node: unknown, at: string, scope: ForeignScope): unknown;
  note(pointer: string, message: string): void;
}

export interface ForeignCall {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly at: string;
}

export type Form = (f: Foreign, call: ForeignCall, scope: ForeignScope) => unknown;

/** An object with one key, as an operator with its arguments; `undefined` for anything else. */
export function foreignCall(node: unknown, at: string): ForeignCall | undefined {
  const name = operatorOf(node);
  return name !== undefined && isObject(node) ? { name, args: argumentsOf(node, name, at), at } : undefined;
}

/** The name in `{"var": "name"}`. */
export function nameIn(node: unknown): string | undefined {
  const call = foreignCall(node, '');
  const [name, ...others] = call?.name === 'var' ? call.args : [];
  return others.length === 0 && typeof name?.value === 'string' ? name.value : undefined;
}

export function fieldIn(f: Foreign, node: unknown, { relation }: ForeignScope): Field | undefined {
  const name = nameIn(node);
  return name === undefined ? undefined : fieldsOfScope(f.catalogue, relation).get(name);
}

/** The relation whose rows a node gives: `{"var": "orders"}`, or an operator around it, such as `filter`. */
export function relationIn(f: Foreign, node: unknown): string | undefined {
  const name = nameIn(node);
  if (name !== undefined) return f.catalogue.relations.has(name) ? name : undefined;
  for (const arg of foreignCall(node, '')?.args ?? []) {
    const found = isObject(arg.value) ? relationIn(f, arg.value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The family of a single value: of a field, of a field of the first or last row, of the least or greatest. */
export function familyIn(f: Foreign, node: unknown, scope: ForeignScope): Family | undefined {
  const field = fieldIn(f, node, scope);
  if (field) return field.array ? undefined : field.family;
  const call = foreignCall(node, '');
  const [rows, column] = call?.args ?? [];
  const relation = rows && relationIn(f, rows.value);
  if (!call || relation === undefined) return undefined;
  const inner = { ...scope, relation };
  if ((call.name === 'first' || call.name === 'last') && column) return familyIn(f, column.value, inner);
  const mapped = call.name === 'min_of' || call.name === 'max_of' ? foreignCall(rows?.value, '') : undefined;
  return mapped?.name === 'map' ? familyIn(f, mapped.args[1]?.value, inner) : undefined;
}

/** `{name: args}`, made of what stands at `at`. */
export function made(f: Foreign, name: string, args: readonly unknown[], at: string): unknown {
  return f.origins.made({ [name]: args }, at);
}
