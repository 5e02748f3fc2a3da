/** The catalogue of the worlds in which exports are tested. */
export const CONFIG = `
contacts: { table: public.contacts, key: id }
fields: { attributes.plan: { column: attributes, path: [plan], type: text } }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: UTC
`;
