/** A team's tables as odd as they come: quoted and reserved names, partitions, every kind of column. */
export const ODD_SCHEMA = `
  create schema "C R M"; create schema "select";
  create type "C R M"."Mood" as enum ('so-so', 'Good');
  create domain "C R M".short as varchar(5); create domain public.positive as int check (value > 0); create domain public.labels as text[];
  create collation public.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create table "C R M"."Per""son" (
    "Id" uuid primary key, "order" text, "e-mail" varchar(200), code char(3), mood "C R M"."Mood", moods "C R M"."Mood"[],
    tags text[], numbers int[], ids uuid[], matrix public.labels, attributes jsonb, raw json, born date, seen timestamptz, local timestamp,
    score numeric(8, 2), ratio double precision, level public.positive, nick "C R M".short, vip boolean, folded text collate public.blind,
    place point, doc xml, amount money, twice int generated always as (1 + 1) stored, "newsletter?" boolean, "__proto__" text
  ) partition by hash ("Id");
  create table "C R M".person_0 partition of "C R M"."Per""son" for values with (modulus 2, remainder 0);
  create table "C R M".person_1 partition of "C R M"."Per""son" for values with (modulus 2, remainder 1) partition by range ("Id");
  create table "C R M".person_1a partition of "C R M".person_1 default;
  create table "select"."table" ("from" bigint primary key, "user" uuid, "where" text, "at" timestamptz);
  create index on "select"."table" ("user");
  create table "select"."group" (id bigint generated always as identity, "table" bigint, "when" date, n real);
  create index on "select"."group" ("table");
`;

export const ODD_CONFIG = `
contacts: { table: '"C R M"."Per""son"', key: Id, created: seen, exclude: [amount] }
fields:
  attributes.plan: { column: attributes, path: [plan], type: text }
  attributes.n: { column: attributes, path: [deep, 0], type: integer }
  optin: { column: 'newsletter?' }
relations:
  'sales table': { table: '"select"."table"', contact: user, time: at }
  group: { table: '"select"."group"', through: sales table, on: { table: from }, time: when }
timezone: Europe/Madrid
timestamps: America/Havana
`;
