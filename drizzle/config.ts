import { defineConfig } from 'drizzle-kit';

/**
 * `npm run migration -- NAME` writes the next named migration here from src/postgres/table. drizzle-kit quotes the
 * names of custom types as one identifier: correct `"segmentd.contact_key"` and `"xid8"` in the file before a migration lands. */
export default {
  ...defineConfig({ dialect: 'postgresql', schema: './src/postgres/table/*.ts', out: './drizzle' }),
  schemaFilter: ['segmentd', 'segmentd_internal'],
};
