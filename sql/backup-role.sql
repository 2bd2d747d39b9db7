-- Makes the role that Bactrian backs up with, or brings an existing one up to date: the least privileges that are enough.
--
--   psql -d DATABASE -v role=bactrian [-v password=SECRET] [-v restore=1] -f sql/backup-role.sql
--
-- Run it as a superuser, once in every database that is backed up. Rather than on the command line, where others on the
-- machine can read it, give the password afterwards with \password bactrian.

\set ON_ERROR_STOP on
\set QUIET on
-- whatever psqlrc says, the one answer below must be read as it is
\pset tuples_only on
\pset format unaligned
\if :{?role}
\else
  \set role bactrian
\endif
\if :{?password}
  \set has_password 1
\else
  \set has_password 0
\endif
\if :{?restore}
\else
  \set restore 0
\endif

BEGIN;

SELECT count(*) = 0 AS is_new FROM pg_roles WHERE rolname = :'role' \gset
\if :is_new
  CREATE ROLE :"role";
\endif

-- LOGIN to connect. REPLICATION for pg_basebackup and the replication slot that holds WAL until it is stored; only
-- point-in-time recovery needs it. NOSUPERUSER and the rest: nothing that could change data or rights.
ALTER ROLE :"role" LOGIN REPLICATION NOSUPERUSER NOCREATEROLE NOBYPASSRLS;
\if :has_password
  ALTER ROLE :"role" PASSWORD :'password';
\endif

-- To read every table, sequence and schema, those of the future too (PostgreSQL 14 and later). That includes pg_authid with
-- the password verifiers of all roles, which the backup of the globals therefore holds: guard this role's password well.
SELECT count(*) > 0 AS has_read_all FROM pg_roles WHERE rolname = 'pg_read_all_data' \gset
\if :has_read_all
  GRANT pg_read_all_data TO :"role";
\else
  \warn 'PostgreSQL 13 has no pg_read_all_data: grant SELECT on all tables and sequences of each schema.'
\endif

-- To see how far each replication slot is, all settings, and which sessions are in the way.
GRANT pg_monitor TO :"role";

-- To connect even where CONNECT was taken from PUBLIC.
SELECT current_database() AS database \gset
GRANT CONNECT ON DATABASE :"database" TO :"role";

-- For incrementals: to finish the current WAL segment, so that all that is committed can be stored. This right holds in the
-- current database only, as functions belong to databases. Moving the slot on needs no more than REPLICATION.
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO :"role";

\if :restore
  -- To create the database that is restored into, and to end the sessions on one that is replaced.
  ALTER ROLE :"role" CREATEDB;
  GRANT pg_signal_backend TO :"role";
  -- A restore gives each object to its owner, which only a member of the owning role may do; the same goes for dropping or
  -- renaming a database of another owner. Which roles those are is yours to decide, for instance:
  --   GRANT app_owner TO bactrian;
  -- Extensions that are not "trusted", event triggers and subscriptions can be restored by a superuser only.
\endif

COMMIT;

\echo The role :"role" may back up the database :"database".
\if :restore
  \echo 'To restore it must also be a member of each role that owns something: GRANT owner TO' :"role"
\endif
