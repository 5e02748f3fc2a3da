import { defineConfig } from 'drizzle-kit';

/**
 * `npm run migration -- NAME` writes the next named migration here from src/postgres/table. drizzle-kit quotes the
 * names of custom types as one identifier: mend `"segmentd.contact_key"` and `"xid8"` by hand before a migration lands. */
export default {
  ...defineConfig({ dialect: 'postgresql', schema: './src/postgres/table/*.ts', out: './drizzle' }),
  schemaFilter: ['segmentd'],
};
