/**
 * Resolves names to fields and relations. A name means a column of the contact, or inside a relation a column of the
 * relation's row. The rows in between are in scope by their relation's name (`items` sees `orders.status`), and so is the one row of a
 * to-one relation (`company.name`; in `items`, `product.category`). `contact.` and `outer.` name fields of the rows around.
 */
import type { Around, Field, Relation } from '../../catalogue/catalogue.ts';
import { fieldAround } from '../around-field.ts';
import { type Argument, type Check, isInRelation, isNested, isObject, quote, type NameScope } from './check-context.ts';
import { offeredFor } from '../hint.ts';
import { isForbidden } from './check-shape.ts';
import { didYouMean, nearest } from '../../base/suggest.ts';
import { fieldsOfScope } from '../scope-field.ts';
import { exampleOf, fieldHint, firstNames, proposal } from './suggest-field.ts';

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
  const fields = fieldsOfScope(c.catalogue, scope.relation?.name);
  const field = fields.get(name) ?? fieldOfRowAround(c, name, scope);
  if (field && c.place === 'rank' && c.catalogue.relations.get(field.owner)?.valuesOnly)
    return c.issues.report(
      'rank-in-rank',
      at,
      `A rank cannot read the rank \`${name}\`: ranks are computed one by one.`,
      'write the value that this rank is ordered by',
    );
  if (field && c.place === 'relation.where') return ownField(c, name, at, field, scope.relation);
  if (field) {
    if (c.catalogue.relations.has(field.owner)) c.admitted(field.owner, at);
    return field;
  }
  return scope.relation
    ? missingInRelation(c, name, at, scope, scope.relation, fields)
    : missingInContact(c, name, at, fields);
}

/** In the `where` of a relation: a row counts, or not, by what it holds itself. */
function ownField(c: Check, name: string, at: string, field: Field, relation: Relation | undefined): Field | undefined {
  if (field.around === undefined && field.owner === relation?.name) return field;
  return c.issues.report(
    'other-row-in-where',
    at,
    `The \`where\` of a relation reads columns of its own rows; \`${name}\` is a column of another row.`,
    c.catalogue.relations.has(field.owner)
      ? `give the relation \`${field.owner}\` a \`where\` of its own, which counts for what goes through it too`
      : 'ask for it in the condition of the segment',
  );
}

/** `contact.country`, `outer.placed_at`. Of the rows of a relation that stands in no other, the row around is the contact. */
function fieldOfRowAround(c: Check, name: string, scope: NameScope): Field | undefined {
  const found = rowAround(c, name, scope);
  const field = found?.fields.get(found.name);
  return found && field && fieldAround(field, found.around);
}

interface RowAround {
  readonly around: Around;
  readonly fields: ReadonlyMap<string, Field>;
  /** The relation whose row it is; absent for the contact. */
  readonly relation?: Relation;
  /** What is read of it. */
  readonly name: string;
}

function rowAround(c: Check, name: string, scope: NameScope): RowAround | undefined {
  const [, word, rest] = /^(contact|outer)\.(.+)$/su.exec(name) ?? [];
  if (!isInRelation(scope) || rest === undefined) return undefined;
  const relation = word === 'outer' ? scope.around?.relation : undefined;
  return {
    around: relation ? 'outer' : 'contact',
    fields: fieldsOfScope(c.catalogue, relation?.name),
    ...(relation ? { relation } : {}),
    name: rest,
  };
}

function missingInContact(c: Check, name: string, at: string, fields: ReadonlyMap<string, Field>): undefined {
  if (name === '')
    return c.issues.report(
      'unknown-field',
      at,
      '`{"var": ""}` means the whole contact, which is not a value.',
      'name a field',
    );
  if (c.catalogue.relations.get(name)?.valuesOnly)
    return c.issues.report(
      'unknown-field',
      at,
      `\`${name}\` is no value; each rank is a field of its own.`,
      `write {"var": "${name}.${[...(c.catalogue.relations.get(name)?.fields.keys() ?? [])][0] ?? ''}"}`,
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
  if (relation?.valuesOnly) return unknownRank(c, relation, rest.join('.'), at);
  if (relation) return columnAsField(c, relation, rest.join('.'), at);
  if (c.catalogue.withheld?.has(name)) return withheld(c, name, at);
  const own = name.replace(/^(contacts?|outer)\./u, '');
  const hint =
    own !== name && fields.has(own)
      ? `here the contact is in scope itself: write {"var": ${JSON.stringify(own)}}`
      : hintInContact(c, name, fields);
  return c.issues.report('unknown-field', at, `There is no field ${quote(name)}.`, hint);
}

/** A column of exactly this name in a relation is likelier than a name that is only like it, but both may be meant. */
function hintInContact(c: Check, name: string, fields: ReadonlyMap<string, Field>): string {
  const relations = [...c.catalogue.relations.values()];
  for (const relation of relations) {
    const column = relation.fields.get(name);
    if (!column) continue;
    const near = proposal(name, [...fields.keys()]);
    const write = `the relation \`${relation.name}\` has it: write ${exampleOf(relation, column)}`;
    return near === undefined ? write : `${near} Otherwise ${write}`;
  }
  return fieldHint(name, fields, c.catalogue.relations.keys());
}

/** `company.industry`, where `company` is a relation. */
function columnAsField(c: Check, relation: Relation, name: string, at: string): undefined {
  const column = relation.fields.get(name);
  if (column)
    return c.issues.report(
      'relation-as-field',
      at,
      `\`${relation.name}.${name}\` is a column of the relation \`${relation.name}\`, not of the contact; a condition asks for rows of \`${relation.name}\`.`,
      `write ${exampleOf(relation, column)}`,
    );
  const near = relation.fields.get(nearest(name, relation.fields.keys()) ?? '');
  return c.issues.report(
    'relation-as-field',
    at,
    `\`${relation.name}\` is a relation, and it has no column ${quote(name)}.`,
    near
      ? `did you mean \`${relation.name}.${near.name}\`? write ${exampleOf(relation, near)}`
      : fieldHint(name, relation.fields, [], relation),
  );
}

function unknownRank(c: Check, relation: Relation, name: string, at: string): undefined {
  const names = [...relation.fields.keys()].map((one) => `${relation.name}.${one}`);
  return c.issues.report(
    'unknown-field',
    at,
    `There is no rank ${quote(name)}.`,
    didYouMean(`${relation.name}.${name}`, names) ?? `the ranks are ${names.map((one) => `\`${one}\``).join(', ')}`,
  );
}

function withheld(c: Check, name: string, at: string): undefined {
  return c.issues.report('withheld', at, c.catalogue.withheld?.get(name) ?? '');
}

function missingInRelation(
  c: Check,
  name: string,
  at: string,
  scope: NameScope,
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
  const around = rowAround(c, name, scope);
  if (around) return missingAround(c, at, around);
  const bare = name.replace(/^contacts\./u, '');
  if (c.catalogue.contacts.fields.has(bare)) {
    return c.issues.report(
      'outer-field',
      at,
      `\`${relation.name}\` has no column \`${name}\` (it has ${firstNames([...relation.fields.keys()])}).`,
      outerHint(bare, relation),
    );
  }
  const enclosing = scope.around?.relation;
  if (enclosing && fieldsOfScope(c.catalogue, enclosing.name).has(name)) {
    return c.issues.report(
      'outer-field',
      at,
      `\`${relation.name}\` has no column \`${name}\` (it has ${firstNames([...relation.fields.keys()])}).`,
      `for the row of \`${enclosing.name}\` write {"var": ${JSON.stringify(`outer.${name}`)}}`,
    );
  }
  if (c.catalogue.relations.has(name)) {
    return c.issues.report(
      'relation-as-field',
      at,
      `\`${name}\` is a relation, not a field.`,
      `use \`some\`, \`none\`, \`all\` or \`count\` over \`${name}\``,
    );
  }
  return c.issues.report(
    'unknown-field',
    at,
    `There is no field ${quote(name)} in the relation \`${relation.name}\`.`,
    fieldHint(name, fields, [], relation),
  );
}

function missingAround(c: Check, at: string, { around, fields, relation, name }: RowAround): undefined {
  const whose = relation ? `the row of \`${relation.name}\`` : 'the contact';
  const hint = name.startsWith('contact.')
    ? `write {"var": ${JSON.stringify(name)}}`
    : fieldHint(name, fields, [], relation);
  return c.issues.report(
    'unknown-field',
    at,
    `There is no field ${quote(name)} in ${whose}, which \`${around}.\` means here.`,
    hint,
  );
}

function outerHint(name: string, relation: Relation): string {
  const near = proposal(name, [...relation.fields.keys()]);
  const around = `for the field of the contact write {"var": ${JSON.stringify(`contact.${name}`)}}`;
  return near === undefined ? around : `${near} Otherwise ${around}`;
}

/** The relation of that name. Reports when there is none, or when the scope is the rows of a relation inside another one. */
export function relationNamed(c: Check, name: string, at: string, scope: NameScope): Relation | undefined {
  const relation = c.catalogue.relations.get(name);
  if (relation && c.place === 'relation.where')
    return c.issues.report(
      'other-row-in-where',
      at,
      `The \`where\` of a relation reads columns of its own rows; \`${name}\` are other rows.`,
      'ask for them in the condition of the segment',
    );
  if (isNested(scope)) {
    return c.issues.report(
      'nested-relation',
      at,
      `The relation ${quote(name)} stands inside a relation that itself stands inside another; one inside another is the most.`,
      'move this part into the relation around it, or into a segment of its own',
    );
  }
  if (relation?.valuesOnly)
    return c.issues.report(
      'field-as-relation',
      at,
      `\`${name}\` are numbers of the contact, not related rows.`,
      `write {"var": "${name}.${[...relation.fields.keys()][0] ?? ''}"}`,
    );
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
