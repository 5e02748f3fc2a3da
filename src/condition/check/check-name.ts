/**
 * Resolves names to fields and relations. A name means a column of the contact, or inside a relation a column of the
 * relation's row. The rows in between are in scope by their relation's name (`items` sees `orders.status`).
 */
import { type Field, type Relation, relationPath } from '../../catalogue/catalogue.ts';
import { type Argument, type Check, isObject, quote, type NameScope } from './check-context.ts';
import { offeredFor } from '../hint.ts';
import { isForbidden } from './check-shape.ts';
import { didYouMean } from '../../base/suggest.ts';

/** Every field that a name may mean in this scope. */
export function fieldsInScope(c: Check, scope: NameScope): ReadonlyMap<string, Field> {
  if (!scope.relation) return c.catalogue.contacts.fields;
  const [own, ...middle] = relationPath(c.catalogue, scope.relation.name);
  const fields = new Map<string, Field>();
  for (const relation of middle)
    for (const [name, field] of relation.fields) fields.set(`${relation.name}.${name}`, field);
  // A jsonb path may contain a dot: the row's own column wins over a middle row's column of that spelling.
  for (const [name, field] of own?.fields ?? []) fields.set(name, field);
  return fields;
}

/** The name in `{"var": "name"}`, given the arguments of `var`. */
export function nameOfVar(c: Check, args: readonly Argument[], at: string): string | undefined {
  const [name, fallback] = args;
  if (fallback !== undefined)
    return c.issues.report(
      'var-default',
      fallback.at,
      '`var` with a default is not offered: a missing value makes the comparison false.',
      'remove the default; add `is_empty` with `or` when missing should match',
    );
  if (name === undefined) return c.issues.report('wrong-arity', at, '`var` needs a name.', '{"var": "name"}');
  if (isObject(name.value) || Array.isArray(name.value))
    return c.issues.report('computed-name', name.at, 'The name in `var` must be written out, not computed.');
  if (typeof name.value !== 'string')
    return c.issues.report('wrong-type', name.at, `The name in \`var\` must be text, not ${quote(name.value)}.`);
  if (isForbidden(name.value))
    return c.issues.report('forbidden-name', name.at, `The name ${quote(name.value)} is not allowed.`);
  return name.value;
}

export function fieldNamed(c: Check, name: string, at: string, scope: NameScope): Field | undefined {
  if (scope.unknown) return undefined;
  const fields = fieldsInScope(c, scope);
  const field = fields.get(name);
  if (field) return field;
  return scope.relation
    ? missingInRelation(c, name, at, scope.relation, fields)
    : missingInContact(c, name, at, fields);
}

function missingInContact(c: Check, name: string, at: string, fields: ReadonlyMap<string, Field>): undefined {
  if (name === '')
    return c.issues.report(
      'unknown-field',
      at,
      '`{"var": ""}` means the whole contact, which is not a value.',
      'name a field',
    );
  if (c.catalogue.relations.has(name)) {
    return c.issues.report(
      'relation-as-field',
      at,
      `\`${name}\` is a relation, not a field.`,
      `use \`some\`, \`none\`, \`all\` or \`count\` over \`${name}\``,
    );
  }
  const [head = '', ...rest] = name.split('.');
  const relation = rest.length > 0 ? c.catalogue.relations.get(head) : undefined;
  if (relation) {
    return c.issues.report(
      'relation-as-field',
      at,
      `\`${name}\` is a column of the relation \`${head}\`, of which a contact has many rows.`,
      `write \`{"some": [{"var": "${head}"}, C]}\` with \`{"var": "${rest.join('.')}"}\` inside C`,
    );
  }
  if (c.catalogue.withheld?.has(name)) return withheld(c, name, at);
  return c.issues.report(
    'unknown-field',
    at,
    `There is no field ${quote(name)}.`,
    didYouMean(name, [...fields.keys(), ...c.catalogue.relations.keys()]),
  );
}

function withheld(c: Check, name: string, at: string): undefined {
  return c.issues.report('withheld', at, c.catalogue.withheld?.get(name) ?? '');
}

function missingInRelation(
  c: Check,
  name: string,
  at: string,
  relation: Relation,
  fields: ReadonlyMap<string, Field>,
): undefined {
  if (name === '') {
    return c.issues.report(
      'whole-row',
      at,
      `\`{"var": ""}\` means a whole row of \`${relation.name}\`, which is not a value.`,
      `name a column of \`${relation.name}\``,
    );
  }
  const bare = name.replace(/^contacts?\./, '');
  if (c.catalogue.contacts.fields.has(name) || (bare !== name && c.catalogue.contacts.fields.has(bare))) {
    return c.issues.report(
      'outer-field',
      at,
      `\`${bare}\` is a field of the contact; inside \`${relation.name}\` names mean columns of its rows.`,
      `a comparison of \`${bare}\` with a fixed value stands outside of \`${relation.name}\`, joined by \`and\`; with a column of its rows it is not offered`,
    );
  }
  if (c.catalogue.relations.has(name)) return nestedRelation(c, name, at, relation);
  return c.issues.report(
    'unknown-field',
    at,
    `There is no field ${quote(name)} in the relation \`${relation.name}\`.`,
    didYouMean(name, fields.keys()),
  );
}

/** Reports a relation that is used inside another one. */
export function nestedRelation(c: Check, name: string, at: string, scope: Relation): undefined {
  const inner = c.catalogue.relations.get(name);
  const goesThrough = inner && relationPath(c.catalogue, name).some((hop) => hop !== inner && hop.name === scope.name);
  const isMiddle = relationPath(c.catalogue, scope.name).some((hop) => hop !== scope && hop.name === name);
  const hint = goesThrough
    ? `use \`${name}\` from the outside; inside it the columns of \`${scope.name}\` are in scope by name (\`${scope.name}.…\`)`
    : isMiddle
      ? `the row of \`${name}\` is in scope here: write \`{"var": "${name}.…"}\``
      : 'use both relations outside and combine them with `and`';
  return c.issues.report(
    'nested-relation',
    at,
    `The relation \`${name}\` cannot be used inside \`${scope.name}\`.`,
    hint,
  );
}

/** The relation of that name. Reports when there is none, or when the scope is another relation. */
export function relationNamed(c: Check, name: string, at: string, scope: NameScope): Relation | undefined {
  const relation = c.catalogue.relations.get(name);
  if (scope.unknown) {
    return c.issues.report(
      'nested-relation',
      at,
      `The relation ${quote(name)} cannot be used inside another.`,
      'relations are used from the contact, not inside one another',
    );
  }
  if (scope.relation) {
    if (relation) return nestedRelation(c, name, at, scope.relation);
    return c.issues.report(
      'unknown-relation',
      at,
      `There is no relation ${quote(name)} inside \`${scope.relation.name}\`.`,
      'relations are used from the contact, not inside one another',
    );
  }
  if (relation) return relation;
  const field = c.catalogue.contacts.fields.get(name);
  if (field) {
    return c.issues.report(
      'field-as-relation',
      at,
      `\`${name}\` is a field of the contact, not a relation.`,
      offeredFor(field),
    );
  }
  if (c.catalogue.withheld?.has(name)) return withheld(c, name, at);
  return c.issues.report(
    'unknown-relation',
    at,
    `There is no relation ${quote(name)}.`,
    didYouMean(name, c.catalogue.relations.keys()),
  );
}
