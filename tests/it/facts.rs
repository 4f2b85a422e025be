//! What the catalogs say of a database, object by object, and `pg_dump` prints only in part or not at all.
//!
//! Invariant: every line names its object by its identity, never by an OID; what a server of one version knows is
//! asked so that servers of every version can answer. What came with a version between the two servers' is not compared.
//! Deliberately absent: what `pg_dump` prints of every object (see `equality::dump`).

use crate::pair::Database;

/// Whether one of the two servers is older than this version and the other is not.
macro_rules! apart {
    ($version:literal) => {
        concat!("(", $version, " = any (current_setting('it.apart')::integer[]))")
    };
}

/// One entry of privileges; up to 16 nobody has MAINTAIN.
macro_rules! entry {
    ($entry:literal) => {
        concat!(
            "case when ",
            apart!(17),
            " then regexp_replace(",
            $entry,
            "::text, '=([^/]*)m\\*?', '=\\1') else ",
            $entry,
            "::text end"
        )
    };
}

/// Whether there is anything in it that both versions know.
macro_rules! counts {
    ($entry:literal) => {
        concat!("not (", apart!(17), " and ", $entry, "::text ~ '=m\\*?/')")
    };
}

/// Privileges as sorted text, the built-in ones written out.
macro_rules! acl {
    ($column:literal, $kind:literal, $owner:literal) => {
        concat!(
            "array(select ",
            entry!("a"),
            " from unnest(coalesce(",
            $column,
            ", acldefault(",
            $kind,
            ", ",
            $owner,
            "))) a where ",
            counts!("a"),
            " order by 1)"
        )
    };
}

/// The text of a routine; up to 13 a procedure's arguments do not say `IN`.
macro_rules! call {
    ($text:literal) => {
        concat!(
            "case when prokind = 'p' and ",
            apart!(14),
            " then regexp_replace(",
            $text,
            ", '([(, ]|^)IN ', '\\1', 'g') else ",
            $text,
            " end"
        )
    };
}

/// What is a database's own: not of the system.
macro_rules! ours {
    ($namespace:literal) => {
        concat!(
            "join pg_namespace n on n.oid = ",
            $namespace,
            " where n.nspname !~ '^pg_(toast|temp)' and n.nspname not in ('pg_catalog', 'information_schema')"
        )
    };
}

/// A collation's name; `regcollation` came with 13.
macro_rules! collation {
    ($column:literal) => {
        concat!(
            "(select format('%I.%I', s.nspname, collname) from pg_collation o join pg_namespace s on s.oid = collnamespace
              where o.oid = ",
            $column,
            ")"
        )
    };
}

/// Whether a constraint is not one that a foreign key has on a partition that it refers to.
macro_rules! needed {
    () => {
        concat!(
            "not (",
            apart!(14),
            " and contype = 'f' and exists (select from pg_constraint p where p.oid = c.conparentid and p.confrelid <> c.confrelid))"
        )
    };
}

/// A constraint's name; the server's own for what a foreign key has on each partition that it refers to is another from
/// 18 on.
macro_rules! constraint {
    () => {
        concat!(
            "case when not (contype = 'f' and ",
            apart!(18),
            " and exists (select from pg_constraint p where p.oid = c.conparentid and p.conrelid = c.conrelid)) then conname end"
        )
    };
}

/// Whether a type is a multirange or an array of them.
macro_rules! multirange {
    () => {
        "'m' in (typtype, (select typtype from pg_type e where e.oid = t.typelem))"
    };
}

/// An object's identity as newer versions write it.
macro_rules! identity {
    () => {
        "replace(regexp_replace(i.identity, '\\mpg_catalog\\.json\\M', 'json'), ' on language ', ' language ')"
    };
}

const FACTS: &[(&str, &str)] = &[
    (
        "relations",
        concat!(
            "select c.oid::regclass, relkind, relpersistence, relispopulated, relreplident, relrowsecurity, relforcerowsecurity,
                    reloptions, (select amname from pg_am where oid = relam), reltablespace, relowner::regrole, relispartition,
                    pg_get_expr(relpartbound, c.oid), pg_get_partkeydef(c.oid), reloftype::regtype,
                    (select t.reloptions from pg_class t where t.oid = c.reltoastrelid), ",
            acl!("relacl", "case relkind when 'S' then 's'::\"char\" else 'r' end", "relowner"),
            ", case when relkind in ('v', 'm') and not ",
            apart!(16),
            " then md5(pg_get_viewdef(c.oid)) end from pg_class c ",
            ours!("relnamespace")
        ),
    ),
    (
        "columns",
        concat!(
            "select a.attrelid::regclass, row_number() over (partition by attrelid order by attnum), attname,
                    format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
                    -- An index takes over what was set at some time.
                    case when relkind not in ('i', 'I') then attstorage end, attoptions, attfdwoptions,
                    attislocal, attinhcount, ",
            collation!("attcollation"),
            ", pg_get_expr(adbin, adrelid), coalesce(to_jsonb(a) ->> 'attstattarget', '-1'), nullif(to_jsonb(a) ->> 'attcompression', ''),
                    array(select x::text from unnest(attacl) x order by 1)
             from pg_attribute a join pg_class c on c.oid = a.attrelid
             left join pg_attrdef on adrelid = attrelid and adnum = attnum ",
            ours!("relnamespace"),
            " and attnum > 0 and not attisdropped"
        ),
    ),
    (
        "constraints",
        // Up to 13 an attached partition has more than its foreign key needs.
        // From 17 on NOT NULL of domains and from 18 on of tables is one.
        concat!(
            "select conrelid::regclass, contypid::regtype, ",
            constraint!(),
            ", contype, condeferrable, condeferred, convalidated, conislocal,
                    coninhcount, connoinherit and contype = 'c', conindid::regclass, pg_get_constraintdef(c.oid),
                    (select conname from pg_constraint p where p.oid = c.conparentid)
             from pg_constraint c ",
            ours!("connamespace"),
            " and not (contype = 'n' and (",
            apart!(17),
            " or conrelid <> 0 and ",
            apart!(18),
            ")) and ",
            needed!()
        ),
    ),
    (
        "indexes",
        concat!(
            "select indexrelid::regclass, indisunique, indimmediate, indisclustered, indisvalid, indisready, indislive,
                    indisreplident, pg_get_indexdef(indexrelid) from pg_index i join pg_class c on c.oid = indrelid ",
            ours!("relnamespace")
        ),
    ),
    (
        "triggers",
        // Up to 14 those of partitions are internal too.
        "select tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal or tgconstraint = 0",
    ),
    (
        "triggers of constraints",
        // Up to 14 foreign keys give none to partitioned tables.
        concat!(
            "select conrelid::regclass, ",
            constraint!(),
            ", tgrelid::regclass, tgtype, tgenabled, tgdeferrable, tginitdeferred
             from pg_trigger t join pg_constraint c on c.oid = tgconstraint join pg_class r on r.oid = tgrelid
             where (relkind <> 'p' or contype <> 'f' or not ",
            apart!(15),
            ") and ",
            needed!()
        ),
    ),
    (
        "rules",
        concat!(
            "select ev_class::regclass, rulename, ev_enabled, case when not ",
            apart!(16),
            " then md5(pg_get_ruledef(oid)) end from pg_rewrite where oid >= 16384"
        ),
    ),
    (
        "policies",
        "select polrelid::regclass, polname, polcmd, polpermissive, array(select r::regrole::text from unnest(polroles) r order by 1),
                pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) from pg_policy",
    ),
    (
        "event triggers",
        "select evtname, evtevent, evtowner::regrole, evtfoid::regprocedure, evtenabled, evttags from pg_event_trigger",
    ),
    (
        "inheritance",
        "select inhrelid::regclass, inhparent::regclass, inhseqno, coalesce(to_jsonb(i) ->> 'inhdetachpending', 'false') from pg_inherits i",
    ),
    (
        "sequences",
        "select seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle,
                (select string_agg(concat_ws(' ', deptype, refobjid::regclass, attname), ',') from pg_depend
                 join pg_attribute on attrelid = refobjid and attnum = refobjsubid
                 where classid = 'pg_class'::regclass and objid = seqrelid and deptype in ('a', 'i')) from pg_sequence",
    ),
    (
        "types",
        concat!(
            "select t.oid::regtype, typtype, typcategory, typispreferred, typisdefined, typdelim, typlen, typbyval, typalign, typstorage,
                    typnotnull, typdefault, typndims, ",
            collation!("typcollation"),
            // Up to 16 a multirange does not go to its range's new owner.
            ", typbasetype::regtype, typtypmod, case when not (",
            apart!(17),
            " and ",
            multirange!(),
            ") then typowner::regrole end,
                    typinput::regproc, typreceive::regproc, typanalyze::regproc,
                    array(select enumlabel from pg_enum where enumtypid = t.oid order by enumsortorder), ",
            "case when not (",
            apart!(17),
            " and ",
            multirange!(),
            ") then ",
            acl!("typacl", "'T'", "typowner"),
            " end from pg_type t ",
            ours!("typnamespace"),
            " and not (",
            apart!(14),
            " and ",
            multirange!(),
            ")"
        ),
    ),
    (
        "routines",
        concat!(
            "select p.oid::regprocedure, prokind, provolatile, proparallel, prosecdef, proleakproof, proisstrict, procost, prorows,
                    prosupport::regproc, proconfig, md5(prosrc), probin, proowner::regrole, ",
            call!("pg_get_function_arguments(p.oid)"),
            ",
                    pg_get_function_result(p.oid), (select lanname from pg_language l where l.oid = prolang),
                    case when prokind <> 'a' then md5(",
            call!("pg_get_functiondef(p.oid)"),
            ") end, ",
            acl!("proacl", "'f'", "proowner"),
            " from pg_proc p ",
            ours!("pronamespace"),
            // Of a multirange: what makes one.
            " and not (",
            apart!(14),
            " and exists (select from pg_type where typtype = 'm' and typnamespace = pronamespace and typname = proname))"
        ),
    ),
    (
        "aggregates",
        "select aggfnoid::regprocedure, aggkind, aggnumdirectargs, aggtransfn::regproc, aggfinalfn::regproc, aggcombinefn::regproc,
                aggserialfn::regproc, aggdeserialfn::regproc, aggmtransfn::regproc, aggminvtransfn::regproc, aggmfinalfn::regproc,
                aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify, aggsortop::regoperator, aggtranstype::regtype,
                aggtransspace, aggmtranstype::regtype, aggmtransspace, agginitval, aggminitval from pg_aggregate where aggfnoid >= 16384",
    ),
    (
        "statistics",
        "select stxnamespace::regnamespace, stxname, stxowner::regrole, coalesce(to_jsonb(s) ->> 'stxstattarget', '-1'),
                pg_get_statisticsobjdef(oid) from pg_statistic_ext s",
    ),
    (
        "publications",
        concat!(
            "select pubname, pubowner::regrole, to_jsonb(p) - array['oid', 'pubowner', case when ",
            apart!(13),
            " then 'pubviaroot' else '' end, case when ",
            apart!(18),
            " then 'pubgencols' else '' end] from pg_publication p"
        ),
    ),
    (
        "default privileges",
        concat!(
            "select defaclrole::regrole, (select nspname from pg_namespace where oid = defaclnamespace), defaclobjtype,
                    array(select ",
            entry!("a"),
            " from unnest(defaclacl) a where ",
            counts!("a"),
            " order by 1) from pg_default_acl"
        ),
    ),
    (
        "schemas",
        concat!(
            "select nspname, nspowner::regrole, ",
            acl!("nspacl", "'n'", "nspowner"),
            " from pg_namespace where nspname !~ '^pg_(toast|temp)'"
        ),
    ),
    (
        "comments",
        concat!(
            "select i.type, ",
            identity!(),
            ", description from pg_description, pg_identify_object(classoid, objoid, objsubid) i
             where objoid >= 16384 or i.identity = 'public'"
        ),
    ),
    ("security labels", "select objtype, objname, provider, label from pg_seclabels"),
    (
        "extensions",
        "select extname, extversion, extnamespace::regnamespace, extrelocatable, extcondition, array(select c::regclass::text from unnest(extconfig) c)
         from pg_extension",
    ),
    (
        "members of extensions",
        // From 17 on what a type or a table brings along is a member too.
        concat!(
            "select i.type, ",
            identity!(),
            ", extname from pg_depend d join pg_extension e on e.oid = refobjid, pg_identify_object(classid, objid, objsubid) i
             where deptype in ('e', 'x') and refclassid = 'pg_extension'::regclass and not (",
            apart!(17),
            " and classid = 'pg_type'::regclass and exists (
                 select from pg_type t left join pg_class r on r.oid = typrelid
                 where t.oid = objid and (typtype = 'm' or relkind <> 'c' or exists (select from pg_type a where a.typarray = t.oid))))"
        ),
    ),
    (
        "collations",
        // ICU's name of the language moved twice.
        concat!(
            "select ",
            collation!("c.oid"),
            ", collowner::regrole, collprovider, collencoding, collisdeterministic, to_jsonb(c) ->> 'collicurules',
                    coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', collcollate),
                    case when collprovider <> 'i' then collctype end
             from pg_collation c where oid >= 16384"
        ),
    ),
    (
        "other objects",
        concat!(
            "select i.type, ",
            identity!(),
            " from (
             select 'pg_operator'::regclass as class, oid from pg_operator union all select 'pg_opclass'::regclass, oid from pg_opclass
             union all select 'pg_opfamily'::regclass, oid from pg_opfamily union all select 'pg_amop'::regclass, oid from pg_amop
             union all select 'pg_amproc'::regclass, oid from pg_amproc union all select 'pg_cast'::regclass, oid from pg_cast
             where not (",
            apart!(14),
            " and 'm' = (select typtype from pg_type t where t.oid = casttarget))
             union all select 'pg_conversion'::regclass, oid from pg_conversion union all select 'pg_ts_config'::regclass, oid from pg_ts_config
             union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict union all select 'pg_ts_parser'::regclass, oid from pg_ts_parser
             union all select 'pg_ts_template'::regclass, oid from pg_ts_template union all select 'pg_language'::regclass, oid from pg_language
             union all select 'pg_transform'::regclass, oid from pg_transform union all select 'pg_am'::regclass, oid from pg_am
             union all select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper
             union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server
             union all select 'pg_user_mapping'::regclass, oid from pg_user_mapping
         ) object, pg_identify_object(class, oid, 0) i where oid >= 16384"
        ),
    ),
    (
        "database",
        "select array(select unnest(setconfig) from pg_db_role_setting where setdatabase = d.oid and setrole = 0 order by 1),
                shobj_description(d.oid, 'pg_database'), datconnlimit from pg_database d where datname = current_database()",
    ),
    (
        "large objects",
        concat!(
            "select m.oid, lomowner::regrole, ",
            acl!("lomacl", "'L'", "lomowner"),
            ", md5(lo_get(m.oid)), obj_description(m.oid, 'pg_largeobject') from pg_largeobject_metadata m"
        ),
    ),
];

/// What the catalogs say, as sorted lines; both versions, because the one may not know what the other says.
pub(crate) fn facts(database: &Database, versions: [u32; 2]) -> Vec<String> {
    let session = database.session();
    let [older, newer] = [versions[0].min(versions[1]), versions[0].max(versions[1])];
    let apart: Vec<String> = (older + 1..=newer).map(|version| version.to_string()).collect();
    session.sql(&format!("set it.apart = '{{{}}}'", apart.join(",")));
    session.sql("set search_path = pg_catalog; set quote_all_identifiers = off");
    let of = |(about, query): &(&str, &str)| {
        let line = |row: Vec<String>| format!("{about}: {}", row.join(" | "));
        session.rows(query).into_iter().map(line).collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = FACTS.iter().flat_map(of).collect();
    lines.sort();
    lines
}
