/**
 * `GET /docs`: every address as a page for people, made from the document that the API serves. It has no scripts: a form filters. Nothing is
 * loaded from elsewhere; its one style sheet is beside it.
 */
import { html, raw } from 'hono/html';
import type { Context } from 'hono';
import { visible } from '../base/visible.ts';
import type { HttpApi, HttpEnv } from './http-env.ts';
import type { Described, Operation, Schema } from './open-api.ts';

interface Shown {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const STYLE = `:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; background: light-dark(#f4f4f5, #1f1f23); border-radius: 6px; }
details { border-bottom: 1px solid light-dark(#ddd, #444); padding: .5rem 0; }
summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
form { display: flex; gap: .5rem; flex-wrap: wrap; margin: 1rem 0; }
b { font-weight: 600; }`;

/** @param document what the API serves as OpenAPI @param api the path of the API */
export function addDocs(api: HttpApi, document: () => Described, path: string): void {
  api.get('/docs', (c) => docsPage(c, document(), path));
  api.get('/docs.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
}

function docsPage(c: Context<HttpEnv>, { paths = {}, components = {} }: Described, api: string) {
  const search = (c.req.query('search') ?? '').slice(0, 200);
  const tag = c.req.query('tag') ?? '';
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Shown => ({ method: method.toUpperCase(), path, operation })),
  );
  const tags = [...new Set(all.flatMap(({ operation }) => operation.tags ?? []))].toSorted();
  const found = all.filter(
    ({ method, path, operation }) =>
      (tag === '' || operation.tags?.includes(tag) === true) &&
      `${method} ${path} ${operation.summary ?? ''}`.toLowerCase().includes(search.toLowerCase()),
  );
  const schemas = components.schemas ?? {};
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>segmentd: HTTP API</title>
          <link rel="stylesheet" href="${api}/docs.css" />
        </head>
        <body>
          <h1>HTTP API of segmentd</h1>
          <p>
            Every address stands below <code>${api}</code>. <a href="${api}/openapi.json">openapi.json</a> is the same
            for programs. Bodies are JSON; failures are <code>application/problem+json</code>.
          </p>
          <form method="get" action="${api}/docs">
            <label>Search <input name="search" type="search" value="${visible(search)}" /></label>
            <label
              >Part
              <select name="tag">
                <option value="">all</option>
                ${tags.map((one) => html`<option value="${one}" ${one === tag ? raw('selected') : ''}>${one}</option>`)}
              </select></label
            >
            <button>Filter</button>
          </form>
          <p>${found.length} of ${all.length} addresses.</p>
          ${found.map((one) => operationPart(one, schemas, api, found.length <= 3))}
        </body>
      </html>`,
  );
}

function operationPart(
  { method, path, operation }: Shown,
  schemas: NonNullable<Described['components']>['schemas'],
  api: string,
  open: boolean,
) {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation;
  const body = requestBody?.content?.['application/json']?.schema;
  const example = body === undefined ? undefined : JSON.stringify(exampleOf(body, schemas ?? {}, 0), null, 2);
  const call = [
    `curl -X ${method} -H 'Authorization: Bearer TOKEN'`,
    ...(example === undefined
      ? []
      : [`-H 'Content-Type: application/json' -d '${example.replaceAll("'", String.raw`'\''`)}'`]),
    `http://127.0.0.1:8080${api}${path === '/' ? '' : path}`,
  ].join(' \\\n  ');
  return html`<details id="${method.toLowerCase()}${path}" ${open ? raw('open') : ''}>
    <summary><b>${method}</b> <code>${path}</code> ${summary}</summary>
    ${description === undefined ? '' : html`<p>${description}</p>`}
    ${
      parameters.length === 0
        ? ''
        : html`<table>
            <tr>
              <th>parameter</th>
              <th>in</th>
              <th>type</th>
              <th>means</th>
            </tr>
            ${parameters.map(
              (one) =>
                html`<tr>
                  <td><code>${one.name}</code>${one.required === true ? ' *' : ''}</td>
                  <td>${one.in}</td>
                  <td>${typeText(one.schema ?? {})}</td>
                  <td>${one.description ?? one.schema?.description ?? ''}</td>
                </tr>`,
            )}
          </table>`
    }
    ${
      body === undefined
        ? ''
        : html`<h3>Body</h3>
            ${fieldTable(body, schemas ?? {})}`
    }
    <h3>Answers</h3>
    <table>
      ${Object.entries(responses).map(
        ([status, { description: means = '', content = {} }]) =>
          html`<tr>
            <td><code>${status}</code></td>
            <td>${means}</td>
            <td>
              ${Object.entries(content).map(([type, { schema = {} }]) => html`<code>${type}</code> ${typeText(schema)} `)}
            </td>
          </tr>`,
      )}
    </table>
    ${answerPart(responses, schemas ?? {})}
    <h3>Example</h3>
    <pre>${call}</pre>
  </details>`;
}

function answerPart(responses: NonNullable<Operation['responses']>, schemas: Readonly<Record<string, Schema>>) {
  const schema = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content?.['application/json']
    ?.schema;
  return schema === undefined
    ? ''
    : html`<h3>Fields of the answer</h3>
        ${fieldTable(schema, schemas)}`;
}

function fieldTable(schema: Schema, schemas: Readonly<Record<string, Schema>>) {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  return html`<table>
    <tr>
      <th>field</th>
      <th>type</th>
      <th>means</th>
    </tr>
    ${Object.entries(properties).map(
      ([name, one]) =>
        html`<tr>
          <td><code>${name}</code>${required.includes(name) ? ' *' : ''}</td>
          <td>${typeText(one)}</td>
          <td>${one.description ?? ''}</td>
        </tr>`,
    )}
  </table>`;
}

function resolved(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  const name = nameOf(schema);
  return name === undefined ? schema : (schemas[name] ?? {});
}

function nameOf({ $ref }: Schema): string | undefined {
  return $ref?.split('/').at(-1);
}

function typeText(schema: Schema): string {
  const name = nameOf(schema);
  if (name !== undefined) return name;
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.map(typeText).join(' or ');
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items) return `list of ${typeText(schema.items)}`;
  const { type } = schema;
  return type === undefined ? 'any JSON' : typeof type === 'string' ? type : type.join(' or ');
}

/** A body that has every required field, and each other one that has an example. */
function exampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>, depth: number): unknown {
  const {
    example,
    enum: values,
    const: value,
    type,
    items,
    properties,
    required = [],
    anyOf,
    oneOf,
  } = resolved(schema, schemas);
  if (example !== undefined) return example;
  if (values) return values[0];
  if (value !== undefined) return value;
  const [first] = anyOf ?? oneOf ?? [];
  if (first) return exampleOf(first, schemas, depth);
  const kind = typeof type === 'string' ? type : type?.[0];
  if (kind === 'array') return items && depth < 4 ? [exampleOf(items, schemas, depth + 1)] : [];
  if (kind === 'object')
    return Object.fromEntries(
      Object.entries(properties ?? {})
        .filter(([name, one]) => depth < 4 && (required.includes(name) || resolved(one, schemas).example !== undefined))
        .map(([name, one]) => [name, exampleOf(one, schemas, depth + 1)]),
    );
  return { string: 'text', integer: 1, number: 1, boolean: true }[kind ?? ''] ?? null;
}
