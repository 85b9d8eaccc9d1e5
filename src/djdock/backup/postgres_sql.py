r"""PostgreSQL's side of backups and restores: scripts for psql.

``\gexec`` runs what a query has written. Each line that is printed for us is one JSON list.
"""

from __future__ import annotations

from djdock.backup.sql import ident, literal

#: Opens a transaction that others can share the view of, and prints the name of that view first.
SNAPSHOT = """
begin isolation level repeatable read read only;
select pg_export_snapshot();
"""

#: The server's version, who owns something or may do something here (a pinned owner, the superuser
#: that the image made, is in no pg_shdepend), and which migrations are applied.
FACTS = r"""
select jsonb_build_array('server', jsonb_build_array(current_setting('server_version')));
select jsonb_build_array('roles', jsonb_agg(distinct r.rolname))
from pg_roles r
where r.rolname = current_user or r.oid in (
    select refobjid from pg_shdepend
    where refclassid = 'pg_authid'::regclass
    and dbid = (select oid from pg_database where datname = current_database()));
select $$select jsonb_build_array('migrations', jsonb_agg(app || '.' || name)) from django_migrations$$
where to_regclass('django_migrations') is not null \gexec
"""

#: How many rows each table has; what an extension brings along is not in a dump.
ROWS = r"""
select format('select jsonb_build_array(''rows'', %L, count(*)) from only %s', t.name, t.name)
from (
    select c.oid, c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
) t
where not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e')
order by t.name \gexec
"""


def end_tagged(tag: str) -> str:
    """Ends the sessions that carry a tag, without a word."""
    return (
        "select from (select pg_terminate_backend(pid) from pg_stat_activity "
        f"where application_name = {literal(tag)} and pid <> pg_backend_pid()) ended;"
    )


#: Parameters whose values are lists of names, as pg_dump's variable_is_guc_list_quote() has them.
_LISTS = (
    "'local_preload_libraries', 'search_path', 'session_preload_libraries', "
    "'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories'"
)


def create(name: str, fresh: str, owner: str) -> str:
    """Makes the empty database ``fresh``: what ``name`` is, without what is in it.

    Encoding, collation, owner, settings and privileges belong to a database, and are in no dump of
    what is in it. Without a database ``name`` it is the server's default, and ``owner``'s.
    """
    return rf"""
drop database if exists {ident(fresh)} with (force);
select format('create database %I template template0 owner %I', {literal(fresh)}, r.rolname)
    || format(' encoding %L', pg_encoding_to_char(d.encoding))
    || case coalesce(to_jsonb(d)->>'datlocprovider', '')
        when 'i' then format(' locale_provider icu icu_locale %L', l.locale)
        when 'b' then format(' locale_provider builtin builtin_locale %L', l.locale)
        when 'c' then ' locale_provider libc'
        else '' end
    || format(' lc_collate %L lc_ctype %L', d.datcollate, d.datctype)
from pg_database d join pg_roles r on r.oid = d.datdba,
    lateral (select coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') as locale) l
where d.datname = {literal(name)} \gexec
select format('create database %I template template0 owner %I', {literal(fresh)}, {literal(owner)})
where not exists (select from pg_database where datname = {literal(name)}) \gexec
select format('alter %s %I %s set %I to %s',
    case when s.setrole = 0 then 'database' else 'role' end,
    case when s.setrole = 0 then {literal(fresh)} else r.rolname end,
    case when s.setrole = 0 then '' else format('in database %I', {literal(fresh)}) end,
    c.name, case when c.name in ({_LISTS}) then c.value else quote_literal(c.value) end)
from pg_db_role_setting s
join pg_database d on d.oid = s.setdatabase and d.datname = {literal(name)}
left join pg_roles r on r.oid = s.setrole,
    lateral (select split_part(t, '=', 1) as name, substr(t, strpos(t, '=') + 1) as value
             from unnest(s.setconfig) t) c \gexec
select format('revoke all on database %I from public', {literal(fresh)})
from pg_database where datname = {literal(name)} and datacl is not null \gexec
select format('grant %s on database %I to %s %s', a.privilege_type, {literal(fresh)},
    case when a.grantee = 0 then 'public' else quote_ident(r.rolname) end,
    case when a.is_grantable then 'with grant option' else '' end)
from pg_database d, lateral aclexplode(d.datacl) a left join pg_roles r on r.oid = a.grantee
where d.datname = {literal(name)} \gexec
"""


def swap(name: str, fresh: str, before: str) -> str:
    """Puts ``fresh`` into the place of ``name``, which becomes ``before``.

    Both renames are one transaction. Each waits for up to 5 s until the sessions are gone, with a lock
    that keeps new ones out; a session that was quicker than the lock makes it fail as a whole, with
    "is being accessed by other users".
    """
    return f"""
drop database if exists {ident(before)} with (force);
do $swap$ begin
    perform pg_terminate_backend(pid) from pg_stat_activity
    where datname in ({literal(name)}, {literal(fresh)}) and pid <> pg_backend_pid();
    if exists (select from pg_database where datname = {literal(name)}) then
        alter database {ident(name)} rename to {ident(before)};
    end if;
    alter database {ident(fresh)} rename to {ident(name)};
end $swap$;
"""


def drop(name: str) -> str:
    """Drops a database, whoever is connected."""
    return f"drop database if exists {ident(name)} with (force);"
