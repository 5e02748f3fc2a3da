/** The config of the small world. Apart from its tables, so that a process that is started often loads little. */
import type { Config } from '../../src/catalogue/config.ts';

export const CONFIG: Config = {
  contacts: { table: 'public.contacts', key: 'id' },
  relations: {
    orders: { table: 'public.orders', contact: 'contact_id', time: 'placed_at' },
    items: { table: 'public.order_items', through: 'orders', on: { order_id: 'id' }, time: 'created_at' },
  },
  timezone: 'UTC',
  timestamps: 'UTC',
};
