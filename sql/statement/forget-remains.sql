-- Tables that still name a contact. $1 contact key as text. Rows: one a table. Locks: none.
select t.place
from (select $1::text::segmentd.contact_key as id) k
cross join lateral (
    select 'membership' as place where exists (select from segmentd.membership m where m.contact_id = k.id)
    union all select 'membership_event' where exists (select from segmentd.membership_event e where e.contact_id = k.id)
    union all select 'override' where exists (select from segmentd.override w where w.contact_id = k.id)
    union all select 'contact_rank' where exists (select from segmentd.contact_rank cr where cr.contact_id = k.id)
    union all select 'change' where exists (select from segmentd_internal.change c where c.contact_id = k.id)
    union all select 'key_change' where exists (select from segmentd_internal.key_change kc where k.id in (kc.old_key, kc.new_key))
    union all select 'recheck' where exists (select from segmentd_internal.recheck r where r.contact_id = k.id)
    union all select 'stage_chunk' where exists (select from segmentd_internal.stage_chunk sc where k.id = any (sc.contacts))
    union all select 'stage' where exists (select from segmentd_internal.stage st where st.contact_id = k.id)
    union all select 'export_change' where exists (select from segmentd_internal.export_change x where x.contact_id = k.id)
    union all select 'audit' where exists (select from segmentd_internal.audit a where a.position = k.id)
    union all select 'repeatable_request' where exists (
      select from segmentd_internal.repeatable_request q where position(to_json($1::text)::text in q.body) > 0)
    union all select 'action_log' where exists (select from segmentd_internal.action_log l where l.contact = k.id)
) t
